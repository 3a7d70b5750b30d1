from uploads.views import urls

app_name = "uploads"
urlpatterns = urls
