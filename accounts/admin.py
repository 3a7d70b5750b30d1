"""Django's admin: superusers only. Roles are changed on the staff pages, which never lock a clinic out."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group

from .models import Clinic, Membership, MembershipHistory, PatientAccess, SignInEvent, User, UserHistory

# The one sign-in page, throttled, for the admin too.
admin.site.login = secure_admin_login(admin.site.login)
# Neither is used here: roles are memberships, and nothing is sent by e-mail.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
# Each person's own, or set by the environment.
admin.site.unregister([Authenticator, SocialAccount, SocialApp, SocialToken, UserSession])


class ReadOnly(admin.ModelAdmin):
    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(User)
class StaffAdmin(UserAdmin):
    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Clinic)
class ClinicAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "time_zone", "display_units", "is_demo"]

    def has_delete_permission(self, request, obj=None):
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
