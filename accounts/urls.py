from .views import access, code, entrance, factor, own, password, provider, silence, staff

app_name = "accounts"
# The fixed addresses first: no clinic's code can hide them.
urlpatterns = [
    *access.urls,
    *password.urls,
    *own.urls,
    *code.urls,
    *provider.urls,
    *factor.urls,
    *entrance.urls,
    *silence.urls,
    *staff.urls,
]
