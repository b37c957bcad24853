"""The API's addresses: each app brings its own, the schema and its page stand beside them."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api-schema", template_name="diagnostics/api_docs.html"),
        name="api-docs",
    ),
    path("v1/", include("diagnostics.api.urls")),
    path("v1/", include("alerts.api.urls")),
    path("v1/", include("sessions_app.api.urls")),
]
