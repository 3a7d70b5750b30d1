from uploads.interfaces.smart.views import urls

urlpatterns = urls
