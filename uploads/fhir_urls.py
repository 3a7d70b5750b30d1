from uploads.fhir_endpoint import urls

urlpatterns = urls
