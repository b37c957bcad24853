"""Silences and maintenance windows of an environment: what holds, what is over, what each hid."""

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from alerts.models import AlertRule, Incident, Severity, Silence
from alerts.silences import describe_hidden, end_silence, hidden_by, make_silence
from diagnostics.core import clock
from diagnostics.core.access import access_row, has_perm
from diagnostics.core.permissions import Perm
from diagnostics.models import Environment
from diagnostics.views.decorators import PageRequest, environment_page

OVER: Final = 20  # that are over, shown
HIDDEN: Final = 50
LENGTHS: Final = ((1, "1 hour"), (4, "4 hours"), (24, "1 day"))


class SilenceForm(forms.ModelForm):  # type: ignore[type-arg]  # Django has no generic form when it runs
    """A silence; times are UTC. One of everything is meant, or it is a slip."""

    everything = forms.BooleanField(required=False, help_text="Tick it where no rule and no service is named.")

    class Meta:
        model = Silence
        fields = (
            "reason", "starts_at", "ends_at", "rule", "service_name", "everything", "severity", "days", "window_begin",
            "window_end", "zone",
        )  # fmt: skip
        widgets: Final = {
            "starts_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "ends_at": forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
            "window_begin": forms.TimeInput({"type": "time"}, format="%H:%M"),
            "window_end": forms.TimeInput({"type": "time"}, format="%H:%M"),
        }

    def __init__(self, environment: Environment, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, instance=Silence(environment=environment), **kwargs)
        rules: Any = self.fields["rule"]
        rules.queryset = AlertRule.objects.filter(environment=environment)
        rules.empty_label = "every rule"
        severities: Any = self.fields["severity"]
        severities.choices = [("", "every severity"), *Severity.choices]
        self.fields["everything"].label = f"All of {environment.name}"

    def clean(self) -> dict[str, Any]:
        """A reason alone must not silence a whole environment."""
        cleaned = super().clean() or {}
        if not (cleaned.get("rule") or cleaned.get("service_name", "").strip("*") or cleaned.get("everything")):
            name, number = self.instance.environment.name, self.fields["rule"].queryset.count()  # type: ignore[attr-defined]
            said = f"This would silence {name}: all {number} rules, every service."
            self.add_error("everything", f"{said} Name a rule or a service, or tick that you mean it.")
        return cleaned


@environment_page(Perm.VIEW_INCIDENTS)
def silences(request: PageRequest) -> HttpResponse:
    """Those that hold or will, and the newest that are over; who may respond makes a new one here."""
    may_respond = has_perm(request.user, request.environment, Perm.RESPOND_INCIDENTS)
    form = SilenceForm(request.environment, initial={"starts_at": clock.now(), "zone": "UTC"})
    return render_silences(request, form if may_respond else None)


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def silence_make(request: PageRequest) -> HttpResponse:
    """A new one; what is wrong is said beside its field."""
    form = SilenceForm(request.environment, with_preset(request.POST, clock.now()))
    if not form.is_valid():
        return render_silences(request, form)
    made = make_silence(request.user, form.save(commit=False))
    return redirect("silence", request.environment.slug, made.pk)


def with_preset(typed: QueryDict, now: datetime) -> QueryDict:
    """What was typed; where a length of time was pressed, from now on for so long."""
    hours = {str(hours): hours for hours, _ in LENGTHS}.get(typed.get("hours", ""))
    if hours is None:
        return typed
    found = typed.copy()
    for name, moment in (("starts_at", now), ("ends_at", now + timedelta(hours=hours))):
        found[name] = f"{moment:%Y-%m-%dT%H:%M:%S}"  # as its field has it: it may be shown again
    return found


def render_silences(request: PageRequest, form: SilenceForm | None) -> HttpResponse:
    """The page."""
    now = clock.now()
    rows = Silence.objects.filter(environment=request.environment).select_related("rule", "author")
    context = {
        "page": "incidents",
        "alive": [(silence, silence.holds_at(now)) for silence in rows.filter(ends_at__gt=now).order_by("ends_at")],
        "over": rows.filter(ends_at__lte=now)[:OVER],
        "form": form,
        "lengths": LENGTHS,
    }
    return render(request, "alerts/silences.html", context)


@environment_page(Perm.VIEW_INCIDENTS)
def silence(request: PageRequest, pk: int) -> HttpResponse:
    """One, with what it hid."""
    found = find_silence(request, pk, Perm.VIEW_INCIDENTS)
    rows = hidden_by(found)
    context = {
        "page": "incidents",
        "silence": found,
        "holds": found.holds_at(clock.now()),
        "is_over": found.ends_at <= clock.now(),
        "hidden": describe_hidden(found),
        "incidents": Incident.objects.filter(pk__in=rows.values("incident_id"))[:HIDDEN],
        "may_respond": has_perm(request.user, request.environment, Perm.RESPOND_INCIDENTS),
        "begun_at": incident_named(request),
    }
    return render(request, "alerts/silence.html", context)


def incident_named(request: PageRequest) -> Incident | None:
    """The incident on whose page the silence was made or is ended, to go back to."""
    number = request.POST.get("incident", request.GET.get("incident", ""))
    if not (number.isascii() and number.isdecimal() and len(number) < 15):
        return None
    return Incident.objects.filter(environment=request.environment, pk=int(number)).first()


@environment_page(Perm.RESPOND_INCIDENTS)
@require_POST
def silence_end(request: PageRequest, pk: int) -> HttpResponse:
    """Over now."""
    found = find_silence(request, pk, Perm.RESPOND_INCIDENTS)
    end_silence(request.user, found)
    begun_at = incident_named(request)
    if begun_at is not None:
        return redirect("incident", request.environment.slug, begun_at.pk)
    return redirect("silence", request.environment.slug, found.pk)


def find_silence(request: PageRequest, pk: int, perm: Perm) -> Silence:
    """The silence of this environment, or 404."""
    rows = Silence.objects.filter(environment=request.environment).select_related("rule", "author", "environment")
    return access_row(rows, request.user, perm, pk=pk)
