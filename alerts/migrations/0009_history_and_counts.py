"""History is append-only, held by the database; what was planned before is counted, so that the ledger adds up."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION alerts_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('diagnostics.erasing', true) = 'on' THEN
        RETURN NEW;  -- somebody's data is erased out of a sentence
    END IF;
    IF to_jsonb(NEW) - 'actor_id' = to_jsonb(OLD) - 'actor_id'
       AND (NEW.actor_id IS NULL OR NEW.actor_id IS NOT DISTINCT FROM OLD.actor_id) THEN
        RETURN NEW;  -- a person was deleted
    END IF;
    RAISE EXCEPTION 'the history of incidents is append-only';
END
$$;
CREATE TRIGGER incident_event_append_only BEFORE UPDATE ON alerts_incidentevent
    FOR EACH ROW EXECUTE FUNCTION alerts_refuse_change();
"""
FORGET = "DROP TRIGGER incident_event_append_only ON alerts_incidentevent; DROP FUNCTION alerts_refuse_change()"
NAME = """
UPDATE alerts_notification AS row SET rule_name = incident.rule_name, severity = incident.severity
FROM alerts_incident AS incident WHERE incident.id = row.incident_id AND row.rule_name = ''
"""
COUNT = """
INSERT INTO alerts_fired (incident_id, target_id, rule_name, alerts)
SELECT incident_id, target_id, rule_name, sum(alerts) FROM alerts_notification WHERE action <> 'test'
GROUP BY incident_id, target_id, rule_name
"""
SHOW = """
INSERT INTO alerts_evidence
    (incident_id, dedup_key, rule_id, rule_name, series, severity, summary, since, ended_at, times)
SELECT id, dedup_key, rule_id, rule_name, trim(service_name || ' ' || http_route), severity, summary, opened_at,
    resolved_at, 1
FROM alerts_incident WHERE rule_id IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("alerts", "0008_incidents_and_ledger")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, FORGET),
        migrations.RunSQL(NAME, migrations.RunSQL.noop),
        migrations.RunSQL(COUNT, migrations.RunSQL.noop),
        migrations.RunSQL(SHOW, migrations.RunSQL.noop),
    ]
