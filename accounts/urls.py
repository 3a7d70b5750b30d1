from .views import access, password, staff

app_name = "accounts"
# The fixed addresses first: no clinic's code can hide them.
urlpatterns = [*access.urls, *password.urls, *staff.urls]
