"""The privacy policy of an environment in the admin, with a preview of what it would do before it is saved."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextareaWidget

from diagnostics.admin.scoped import EnvironmentFilter, ScopedAdmin
from diagnostics.core.permissions import Perm
from diagnostics.models import PrivacyPolicy
from diagnostics.pipeline.policy import DETECTORS
from diagnostics.privacy.endings import read_endings
from diagnostics.privacy.policies import compile_policy, lines_of, read_keys, read_patterns, save_policy
from diagnostics.privacy.preview import SAMPLE_CHARS, preview_recent, preview_sample
from diagnostics.privacy.sudo import SudoAdmin

LABELS = {
    "email": "e-mail addresses", "phone": "telephone numbers", "card": "card numbers", "iban": "IBANs",
    "ip": "IP addresses in text", "national-id": "national ids", "name": "names of persons",
    "address": "street addresses", "birthdate": "birth dates",
}  # fmt: skip
JOURNEYS = (
    "What your software calls one undertaking: an order, a booking, a job. Records and spans with the same one are shown "
    "together, over sessions, services and users, on the page Journeys."
)


class PolicyForm(forms.ModelForm):
    """The words are checked here; the sample is for the preview and goes nowhere else."""

    detectors_off = forms.MultipleChoiceField(
        label="Detectors off",
        required=False,
        choices=[(name, LABELS[name]) for name in DETECTORS],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=PrivacyPolicy._meta.get_field("detectors_off").help_text,
    )
    sample = forms.CharField(
        label="Sample",
        required=False,
        max_length=SAMPLE_CHARS,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4, "autocomplete": "off"}),
        help_text="For the preview: lines of text, or of JSON with attributes. Never stored, never logged.",
    )

    def clean_keys(self) -> str:
        """ValidationError names the line."""
        text: str = self.cleaned_data["keys"]
        read_keys(text)
        return text

    def clean_patterns(self) -> str:
        """The same, and each pattern must be safe."""
        text: str = self.cleaned_data["patterns"]
        read_patterns(text)
        return text

    def clean_journey_ends(self) -> str:
        """As the query line is read."""
        text: str = self.cleaned_data["journey_ends"]
        read_endings(lines_of(text))
        return text


@admin.register(PrivacyPolicy)
class PolicyAdmin(SudoAdmin, ScopedAdmin):
    """One row for each environment, made with it."""

    form = PolicyForm
    read_perm = Perm.MANAGE_ENVIRONMENT
    write_perm = Perm.MANAGE_ENVIRONMENT
    may_add = False
    may_delete = False
    change_form_template = "admin/diagnostics/privacypolicy/change_form.html"
    list_display = ("environment", "shown_state", "updated_at")
    list_display_links = ("environment",)
    list_filter = (EnvironmentFilter,)
    fieldsets = (
        (None, {"fields": ("environment",)}),
        ("What is looked for", {"fields": ("detectors_off", "patterns")}),
        ("Named attributes", {"fields": ("keys",)}),
        ("Journeys", {"fields": ("journey", "journey_ends", "journey_minutes"), "description": JOURNEYS}),
        ("Clients", {"fields": ("restrict_address", "restrict_agent")}),
        ("Try it", {"fields": ("sample",)}),
    )

    def get_urls(self) -> list[URLPattern]:
        """With the preview."""
        preview = path(
            "<path:object_id>/preview/",
            self.admin_site.admin_view(self.preview),
            name="diagnostics_privacypolicy_preview",
        )
        return [preview, *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: PrivacyPolicy, form: Any, change: bool) -> None:
        """Written down, with what it was before."""
        save_policy(request.user, obj)

    def preview(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What the words in the form would do; nothing is saved."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_change_permission(request, row):
            raise Http404("There is no such policy, or it is not yours to change.")
        form = self.get_form(request, row, change=True)(request.POST or None, instance=row)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Preview: privacy policy of {row.environment}",
            "opts": self.opts,
            "row": row,
            "form": form,
            **(self.results(form, row) if request.method == "POST" else {}),
        }
        response = TemplateResponse(request, "admin/diagnostics/privacypolicy/preview.html", context)
        response.headers["Cache-Control"] = "no-store"
        return response

    def results(self, form: Any, row: PrivacyPolicy) -> dict[str, Any]:
        """Before and after, or what is wrong with the words."""
        if not form.is_valid():
            return {"problems": [f"{name}: {said}" for name, errors in form.errors.items() for said in errors]}
        try:
            policy = compile_policy(form.instance)
        except ValidationError as error:
            return {"problems": error.messages}
        recent = preview_recent(row.environment, policy)
        return {
            "samples": preview_sample(row.environment, policy, form.cleaned_data["sample"]),
            "recent": [change for change in recent if change.is_changed],
            "looked_at": len(recent),
        }

    @display(description="state", label={"own rules": "info", "as everywhere": "success"})
    def shown_state(self, row: PrivacyPolicy) -> str:
        """Whether anything is different."""
        return "as everywhere" if compile_policy(row).is_default else "own rules"
