from uploads.interfaces.fhir import urls

urlpatterns = urls
