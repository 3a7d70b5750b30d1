from uploads import export_views, views

app_name = "uploads"
urlpatterns = [*export_views.urls, *views.urls]
