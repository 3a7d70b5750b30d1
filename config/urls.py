from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.views import factor, provider
from config.operating import health, metrics

urlpatterns = [
    *health.urls,
    *metrics.urls,
    path("accounts/2fa/", include(factor.named_by_allauth)),
    path("accounts/", include(provider.named_by_allauth)),
    path("accounts/", include("allauth.account.urls")),
    path("staff/", include("accounts.urls")),
    path("uploads/", include("uploads.urls")),
    path("meetings/", include("meetings.urls")),
    path("hl7/", include("uploads.interfaces.hl7_urls")),
    path("fhir/", include("uploads.interfaces.fhir_urls")),
    path("smart/", include("uploads.interfaces.smart_urls")),
    path("", include("uploads.interfaces.cds_urls")),
    *([path("admin/", admin.site.urls)] if settings.DJANGO_ADMIN else []),
    path("", include("patients.urls")),
]

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
