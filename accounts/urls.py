from .views import access, entrance, own, password, staff

app_name = "accounts"
# The fixed addresses first: no clinic's code can hide them.
urlpatterns = [*access.urls, *password.urls, *own.urls, *entrance.urls, *staff.urls]
