from uploads.interfaces.cds.views import urls

urlpatterns = urls
