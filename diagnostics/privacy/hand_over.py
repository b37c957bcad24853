"""The one door to an export's file: for who asked for it, while they may still export; each time is written down."""

from django.http import Http404, StreamingHttpResponse

from diagnostics.core.access import Person, has_perm
from diagnostics.core.permissions import Perm
from diagnostics.models import PrivacyJob
from diagnostics.privacy.export_file import file_name, is_for, is_ready, stream_file
from diagnostics.privacy.jobs import note


def hand_over(job: PrivacyJob, person: Person) -> StreamingHttpResponse:
    """The answer with the file; forbidden and missing look alike."""
    if not (has_perm(person, job.environment, Perm.EXPORT_DATA) and is_ready(job) and is_for(job, person)):
        raise Http404("There is no such file, its days are over, or somebody else asked for it.")
    note(job, person, "download")
    response = StreamingHttpResponse(stream_file(job), content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(job)}"'
    response.headers["Cache-Control"] = "no-store"
    return response
