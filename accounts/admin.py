"""Django's admin: superusers only. Roles are changed on the staff pages, which never lock a clinic out."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from .models import Clinic, Membership, MembershipHistory, PatientAccess, SignInEvent, User, UserHistory

sign_in = secure_admin_login(admin.site.login)


def sign_in_operator(request: HttpRequest, **options: object) -> HttpResponse:
    """The one sign-in page, throttled, for the admin too; whoever is signed in and comes here is no operator."""
    if request.user.is_authenticated:
        raise PermissionDenied("Only the operator of this installation comes in here.")
    return sign_in(request, **options)


def is_operator(request: HttpRequest) -> bool:
    """Not who is `is_staff` alone: no part of the admin is for the staff of a clinic."""
    return request.user.is_active and request.user.is_superuser


admin.site.login = sign_in_operator
admin.site.has_permission = is_operator
# Neither is used here: roles are memberships, and nothing is sent by e-mail.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
# Each person's own, or set by the environment.
admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(User)
class StaffAdmin(UserAdmin):
    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Clinic)
class ClinicAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "time_zone", "display_units", "is_demo"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ["user", "clinic", "role"]
    list_filter = ["clinic", "role"]
    list_select_related = ["user", "clinic"]


@admin.register(MembershipHistory)
class MembershipHistoryAdmin(ReadOnly):
    list_display = ["pgh_created_at", "pgh_label", "user", "clinic", "role"]
    list_select_related = ["user", "clinic"]


@admin.register(UserHistory)
class UserHistoryAdmin(ReadOnly):
    list_display = ["pgh_created_at", "pgh_label", "username", "is_active", "password_set_at"]


@admin.register(PatientAccess)
class PatientAccessAdmin(ReadOnly):
    list_display = ["at", "user", "page"]
    list_select_related = ["user"]
    show_full_result_count = False


@admin.register(SignInEvent)
class SignInEventAdmin(ReadOnly):
    list_display = ["at", "user", "what", "detail", "by", "address"]
    list_select_related = ["user", "by"]
    show_full_result_count = False
