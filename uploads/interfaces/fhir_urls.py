from uploads.interfaces.fhir.views import urls

urlpatterns = urls
