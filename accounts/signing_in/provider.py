"""The hospital's own sign-in (OpenID Connect): who comes by it, and what its claims make of them here."""

import logging
from collections.abc import Mapping

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import redirect

from accounts.actions import add_member, change_role, end_membership, user_named
from accounts.errors import StaffChangeRefused
from accounts.models import Clinic, Membership, User

from .log import What, log

logger = logging.getLogger(__name__)
NOT_THAT_WAY = "The hospital’s sign-in could not be used that way. Try again."


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Whoever the hospital's sign-in knows may come; what they see is decided by clinic and role."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict) -> User:
        user = super().populate_user(request, sociallogin, data)
        # Nothing is sent to people by e-mail, so no address is kept.
        user.email = ""
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") != "login" or not _is_one_person(sociallogin):
            log(What.PROVIDER_REFUSED, user=None, request=request)
            messages.error(request, NOT_THAT_WAY)
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.email_addresses = []
        known = None if sociallogin.is_existing else _known_by_name(sociallogin)
        if known:
            sociallogin.connect(request, known)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form=None) -> User:
        user = super().save_user(request, sociallogin, form)
        log(What.PROVIDER_NEW, user=user, request=request)
        return user

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider,
        *,
        error: object = None,
        exception: object = None,
        **more: object,
    ) -> None:
        log(What.PROVIDER_REFUSED, user=None, request=request)
        # The kind alone: its words may quote what the hospital's sign-in has answered of a person.
        kind = type(exception).__name__ if exception else error
        logger.warning("the hospital's sign-in gave no answer that can be used: %s", kind)


def claims_of(sociallogin: SocialLogin) -> dict:
    told = sociallogin.account.extra_data
    return {**told.get("id_token", {}), **told.get("userinfo", {})}


def people_waiting() -> QuerySet[User]:
    """Who has come by the hospital's sign-in and works in no clinic yet."""
    came = SocialAccount.objects.values("user_id")
    return User.objects.filter(pk__in=came, is_active=True, is_superuser=False, memberships=None)


@transaction.atomic
def follow_claims(*, user: User, claims: Mapping) -> None:
    """Clinics and roles as the groups say, at each sign-in; clinics that no group names are left alone."""
    groups = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    groups = [groups] if isinstance(groups, str) else groups
    wanted: dict[str, str] = {}
    for group, (clinic, role) in settings.OIDC_GROUPS.items():
        if isinstance(groups, list) and group in groups:
            wanted.setdefault(clinic, role)
    for code in dict.fromkeys(clinic for clinic, _ in settings.OIDC_GROUPS.values()):
        clinic = Clinic.objects.filter(code=code).first()
        if clinic is None:
            logger.warning("OIDC_GROUPS names a clinic that does not exist: %s", code)
        else:
            _follow(user, clinic, wanted.get(code))


def _follow(user: User, clinic: Clinic, role: str | None) -> None:
    """The last administrator of a clinic stays, whatever the groups say."""
    membership = Membership.objects.filter(user=user, clinic=clinic).first()
    try:
        if membership is None and role:
            add_member(clinic=clinic, user=user, role=role)
        elif membership and not role:
            end_membership(membership=membership)
        elif membership and membership.role != role:
            change_role(membership=membership, role=role)
    except StaffChangeRefused:
        logger.warning(
            "The groups of the hospital's sign-in were not followed: last administrator of %s", clinic
        )


def _is_one_person(sociallogin: SocialLogin) -> bool:
    """Both answers of the provider speak of the same person."""
    told = sociallogin.account.extra_data
    return len({part["sub"] for part in (told.get("id_token"), told.get("userinfo")) if part}) == 1


def _known_by_name(sociallogin: SocialLogin) -> User | None:
    """A member of staff with exactly this sign-in name, where the site has said that they are the same."""
    name = claims_of(sociallogin).get("preferred_username")
    user = user_named(name, exactly=True) if settings.OIDC_LINK_EXISTING and isinstance(name, str) else None
    if user is None or user.is_superuser or user.is_staff:
        return None
    return None if SocialAccount.objects.filter(user=user).exists() else user
