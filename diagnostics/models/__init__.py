"""What diagnostics stores."""

from diagnostics.models.access_event import AccessChain, AccessEvent
from diagnostics.models.batch import IngestBatch
from diagnostics.models.environment import Environment, EnvironmentGroupGrant, EnvironmentUserGrant
from diagnostics.models.error_group import ErrorGroup, ErrorHour
from diagnostics.models.event import Event
from diagnostics.models.heartbeat import Heartbeat
from diagnostics.models.ingest_key import IngestKey
from diagnostics.models.log_record import LogRecord, RestrictedFields
from diagnostics.models.privacy_job import ExportPart, PrivacyJob
from diagnostics.models.privacy_policy import PrivacyPolicy
from diagnostics.models.refusal import QuotaRefusal
from diagnostics.models.rollup import MinuteRollup
from diagnostics.models.saved_view import SavedView
from diagnostics.models.series_name import SeriesName
from diagnostics.models.span import Span
from diagnostics.models.template import Template, TemplateHour
from diagnostics.models.token import ApiToken

__all__ = [
    "AccessChain", "AccessEvent", "ApiToken", "Environment", "EnvironmentGroupGrant", "EnvironmentUserGrant",
    "ErrorGroup", "ErrorHour", "Event", "ExportPart", "Heartbeat", "IngestBatch", "IngestKey", "LogRecord",
    "MinuteRollup", "PrivacyJob", "PrivacyPolicy", "QuotaRefusal", "RestrictedFields", "SavedView", "SeriesName", "Span",
    "Template",
    "TemplateHour",
]  # fmt: skip
