from uploads.hl7_endpoint import urls

urlpatterns = urls
