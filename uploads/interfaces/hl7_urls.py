from uploads.interfaces.hl7 import urls

urlpatterns = urls
