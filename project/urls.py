"""Every address of the product. Ingest addresses are in `diagnostics.ingest.routes`: they never reach Django's handler."""

from django.contrib import admin
from django.urls import include, path

from project import health

handler404 = "project.not_found.not_found"

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("project.api_urls")),
    path("", include("project.sign_in.urls")),
    path("", include("diagnostics.ingest.elastic_stubs")),
    path("", include("diagnostics.views.urls")),
    path("", include("alerts.views.urls")),
    path("", include("sessions_app.views.urls")),
]
