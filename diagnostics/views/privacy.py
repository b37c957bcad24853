"""Privacy of an environment: a person's data exported and erased, and what became of earlier requests."""

from typing import Any, Final

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from diagnostics.core import clock
from diagnostics.core.access import has_perm
from diagnostics.core.permissions import Perm
from diagnostics.geo import read_status
from diagnostics.models import Environment, PrivacyJob
from diagnostics.pipeline.pseudonym import is_user_key
from diagnostics.privacy.export_file import is_for, is_ready
from diagnostics.privacy.hand_over import hand_over
from diagnostics.privacy.jobs import count_subject, request_job, ring
from diagnostics.privacy.lookups import note_lookup
from diagnostics.privacy.processing import describe_processing
from diagnostics.privacy.stores import load_stores
from diagnostics.privacy.subject import Subject
from diagnostics.privacy.sudo import sudo_required
from diagnostics.views.decorators import PageRequest, environment_page

SHOWN_JOBS: Final = 50
ID_CHARS: Final = 200


@environment_page(Perm.EXPORT_DATA)
@sudo_required
def privacy(request: PageRequest) -> HttpResponse:
    """Where to begin, and what was asked for before."""
    return render(request, "diagnostics/privacy.html", page_context(request))


@environment_page(Perm.EXPORT_DATA, Perm.MANAGE_ENVIRONMENT)
def processing(request: PageRequest) -> HttpResponse:
    """What is kept here, why, for how long, and who is told; to read and to print."""
    context = {
        "page": "privacy",
        "now": clock.now(),
        "processing": describe_processing(request.environment),
        "attribution": read_status().attribution,
    }
    return render(request, "diagnostics/processing.html", context)


def page_context(request: PageRequest) -> dict[str, Any]:
    """What the page shows in any case."""
    return {
        "page": "privacy",
        "jobs": PrivacyJob.objects.filter(environment=request.environment)[:SHOWN_JOBS],
        "may_erase": has_perm(request.user, request.environment, Perm.ERASE_DATA),
    }


@environment_page(Perm.EXPORT_DATA)
@require_POST
@sudo_required
def privacy_person(request: PageRequest) -> HttpResponse:
    """What is held about a person. The id comes in the body: addresses are logged, and stay in the browser."""
    typed = request.POST.get("user", "").strip()
    if not typed or len(typed) > ID_CHARS:
        error = f"User id: type the id that your software sends, or a pseudonym; at most {ID_CHARS} characters."
        return refuse(request, error)
    note_lookup(request.user, request.environment, typed)
    try:
        subject = Subject.from_typed(request.environment, typed)
    except ValueError as error:
        return refuse(request, f"{error}.".capitalize())
    return show_person(request, subject)


def refuse(request: PageRequest, error: str) -> HttpResponse:
    """Where to begin, with what is wrong."""
    return render(request, "diagnostics/privacy.html", {**page_context(request), "error": error}, status=400)


def show_person(request: PageRequest, subject: Subject, error: str = "") -> HttpResponse:
    """Counts, and what can be done."""
    counts = count_subject(subject)
    context = {
        **page_context(request),
        "counts": counts,
        "going": {name: number for name, number in counts.items() if number},
        "total": sum(counts.values()),
        "keys": ",".join(subject.user_keys),
        "error": error,
    }
    response = render(request, "diagnostics/privacy_person.html", context, status=400 if error else 200)
    response.headers["Cache-Control"] = "no-store"
    return response


def posted_subject(request: PageRequest) -> Subject:
    """From the pseudonyms that the page before put into its form; the raw id is not carried on. ValueError where they are
    several people's."""
    keys = tuple(filter(is_user_key, request.POST.get("keys", "")[:2000].split(",")))
    if not keys:
        raise Http404("Begin with a user id.")
    return Subject.from_keys(request.environment, keys)


@environment_page(Perm.EXPORT_DATA)
@require_POST
@sudo_required
def privacy_export(request: PageRequest) -> HttpResponse:
    """Ask for a file of everything that is held about the person."""
    try:
        subject = posted_subject(request)
    except ValueError as error:
        return refuse(request, f"{error}.".capitalize())
    job = request_job(PrivacyJob.Kind.EXPORT, subject, request.user, count_subject(subject))
    ring(job)
    return redirect("privacy-job", request.environment.slug, job.pk)


@environment_page(Perm.ERASE_DATA)
@require_POST
@sudo_required
def privacy_erase(request: PageRequest) -> HttpResponse:
    """Erase it, once the environment's name in addresses was typed."""
    try:
        subject = posted_subject(request)
    except ValueError as error:
        return refuse(request, f"{error}.".capitalize())
    if request.POST.get("confirm", "").strip() != request.environment.slug:
        return show_person(request, subject, f"Nothing was erased: type {request.environment.slug} to confirm.")
    job = request_job(PrivacyJob.Kind.ERASE, subject, request.user, count_subject(subject))
    ring(job)
    return redirect("privacy-job", request.environment.slug, job.pk)


def find_job(environment: Environment, pk: Any) -> PrivacyJob:
    """A job of this environment."""
    return get_object_or_404(PrivacyJob.objects.select_related("environment"), environment=environment, pk=pk)


@environment_page(Perm.EXPORT_DATA)
def privacy_job(request: PageRequest, pk: Any) -> HttpResponse:
    """How far it is, then its report."""
    job = find_job(request.environment, pk)
    context = {
        "page": "privacy",
        "job": job,
        "rows": report_rows(job),
        "is_ready": is_ready(job),
        "is_mine": is_for(job, request.user),
    }
    name = "diagnostics/parts/privacy_job.html" if request.headers.get("HX-Request") else "diagnostics/privacy_job.html"
    return render(request, name, context)


def report_rows(job: PrivacyJob) -> list[tuple[str, int, int, int]]:
    """(what, expected, done, left) of each store."""
    names = dict.fromkeys([*job.expected, *job.counts, *job.left])
    if job.kind == PrivacyJob.Kind.EXPORT:  # what only repeats other rows is not in the file
        names = dict.fromkeys([*(store.name for store in load_stores().values() if store.export), *job.left])
    return [(name, job.expected.get(name, 0), job.counts.get(name, 0), job.left.get(name, 0)) for name in names]


@environment_page(Perm.EXPORT_DATA)
@require_POST
@sudo_required
def privacy_download(request: PageRequest, pk: Any) -> StreamingHttpResponse:
    """The file, to who asked for it; each download is written down."""
    return hand_over(find_job(request.environment, pk), request.user)
