"""The clinic administrator's pages: who works here, in which role."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils.formats import date_format
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import actions
from accounts.errors import StaffChangeRefused
from accounts.forms import MemberForm, RoleForm
from accounts.history import recent_changes
from accounts.models import Clinic, Membership
from accounts.permissions import Can, clinics_of, require, require_any
from accounts.signing_in.log import What, log
from accounts.signing_in.provider import people_waiting

form_page = require_http_methods(["GET", "HEAD", "POST"])


def member_for(user, clinic: str, username: str) -> Membership:
    """The membership, for an administrator of its clinic: else 404 (another clinic) or 403."""
    found = Membership.objects.filter(clinic__in=clinics_of(user)).select_related("clinic", "user")
    membership = get_object_or_404(found, clinic__code=clinic, user__username=username)
    require(user, Can.MANAGE_STAFF, membership.clinic)
    return membership


@require_GET
@login_required
def staff(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.MANAGE_STAFF)
    members = Membership.objects.filter(clinic__in=clinics).select_related("user", "clinic")
    members = members.order_by("clinic__name", "user__last_name", "user__first_name", "user__username")
    context = {"members": members, "changes": recent_changes(clinics), "managed": clinics}
    context["factor_choices"] = Clinic.SecondFactor.choices
    context["waiting"] = people_waiting() if settings.OIDC_ISSUER else []
    context["sends_mail"] = bool(settings.EMAIL_HOST)
    return render(request, "accounts/staff.html", context)


@form_page
@login_required
@never_cache
def staff_add(request: HttpRequest) -> HttpResponse:
    clinics = require_any(request.user, Can.MANAGE_STAFF)
    known = request.GET.get("username", "")
    initial = {"kind": MemberForm.KNOWN, "username": known} if known else {}
    form = MemberForm(request.POST or None, clinics=clinics, initial=initial)
    if form.is_valid():
        try:
            return _added(request, form)
        except StaffChangeRefused as refused:
            form.add_error("ends_on" if form.cleaned_data["ends_on"] else "username", str(refused))
    return render(request, "accounts/staff_add.html", {"form": form}, status=422 if form.errors else 200)


def _added(request: HttpRequest, form: MemberForm) -> HttpResponse:
    data = form.cleaned_data
    if not form.is_new:
        how = {name: data[name] for name in ("clinic", "user", "role", "ends_on")}
        member = actions.add_member(**how)
        messages.success(request, f"{member.user} now works in {member.clinic}.")
        return redirect("accounts:staff")
    member, password = actions.add_new_member(
        clinic=data["clinic"],
        role=data["role"],
        username=data["username"],
        given_name=data["given_name"],
        family_name=data["family_name"],
        ends_on=data["ends_on"],
    )
    # Shown in the answer itself: it is stored nowhere, not even in the session.
    return render(request, "accounts/password_once.html", {"member": member, "password": password})


@form_page
@login_required
def staff_edit(request: HttpRequest, clinic, username) -> HttpResponse:
    member = member_for(request.user, clinic, username)
    form = RoleForm(request.POST or None, initial={"role": member.role, "ends_on": member.ends_on})
    if form.is_valid():
        try:
            member = actions.change_member(membership=member, **form.cleaned_data)
        except StaffChangeRefused as refused:
            form.add_error("role" if form.cleaned_data["role"] != member.role else "ends_on", str(refused))
        else:
            until = f" until the end of {date_format(member.ends_on, 'j F Y')}" if member.ends_on else ""
            messages.success(request, f"{member.user} is now {member.get_role_display().lower()}{until}.")
            return redirect("accounts:staff" if member.user != request.user else "patients:worklist")
    context = {"form": form, "member": member}
    return render(request, "accounts/staff_edit.html", context, status=422 if form.errors else 200)


@form_page
@login_required
def staff_end(request: HttpRequest, clinic, username) -> HttpResponse:
    member = member_for(request.user, clinic, username)
    if request.method == "POST":
        try:
            actions.end_membership(membership=member)
        except StaffChangeRefused as refused:
            return _refused(request, "accounts/staff_end.html", member, refused)
        messages.success(request, f"{member.user} no longer works in {member.clinic}.")
        return redirect("accounts:staff" if member.user != request.user else "patients:worklist")
    return render(request, "accounts/staff_end.html", {"member": member})


@form_page
@login_required
@never_cache
def staff_password(request: HttpRequest, clinic, username) -> HttpResponse:
    member = member_for(request.user, clinic, username)
    if request.method == "POST":
        try:
            password = actions.reset_password(membership=member, by=request.user)
        except StaffChangeRefused as refused:
            return _refused(request, "accounts/staff_password.html", member, refused)
        log(What.PASSWORD_GIVEN, user=member.user, request=request, by=request.user)
        return render(request, "accounts/password_once.html", {"member": member, "password": password})
    return render(request, "accounts/staff_password.html", {"member": member})


@require_POST
@login_required
def new_patients(request: HttpRequest) -> HttpResponse:
    """Whether files add patients to a clinic by themselves: an administrator of it decides."""
    clinic = _named(request)
    allowed = request.POST.get("allowed") == "yes"
    actions.allow_new_patients(clinic=clinic, allowed=allowed, by=request.user)
    said = "may add patients" if allowed else "no longer add patients by themselves: each waits for a person"
    messages.success(request, f"{clinic}: files {said}.")
    return redirect("accounts:staff")


@require_POST
@login_required
def notice_email(request: HttpRequest) -> HttpResponse:
    """Where a clinic is told by e-mail of new notices: an administrator of it decides."""
    clinic = _named(request)
    address = request.POST.get("address", "")
    try:
        actions.set_notice_email(clinic=clinic, address=address, by=request.user)
    except StaffChangeRefused as refused:
        messages.error(request, str(refused))
    else:
        told = (
            f"is told of new notices at {clinic.notice_email}" if clinic.notice_email else "is told of none"
        )
        messages.success(request, f"{clinic} {told}.")
    return redirect("accounts:staff")


@require_POST
@login_required
def factor_rule(request: HttpRequest) -> HttpResponse:
    """Of whom a clinic asks for a second factor: an administrator of it decides."""
    clinic = _named(request)
    of = request.POST.get("of", "")
    if of not in Clinic.SecondFactor.values:
        raise Http404
    actions.require_second_factor(clinic=clinic, of=of, by=request.user)
    said = Clinic.SecondFactor(of).label
    messages.success(request, f"{clinic}: a second factor is {said}.")
    return redirect("accounts:staff")


def _named(request: HttpRequest) -> Clinic:
    """The clinic that the form names, for an administrator of it: else 403 or 404."""
    clinics = require_any(request.user, Can.MANAGE_STAFF)
    clinic = next((own for own in clinics if own.code == request.POST.get("clinic")), None)
    if clinic is None:
        raise Http404
    return clinic


def _refused(
    request: HttpRequest, template: str, member: Membership, refused: StaffChangeRefused
) -> HttpResponse:
    return render(request, template, {"member": member, "refused": str(refused)}, status=422)


urls = [
    path("", staff, name="staff"),
    path("add/", staff_add, name="staff-add"),
    path("new-patients/", new_patients, name="new-patients"),
    path("second-factor-rule/", factor_rule, name="factor-rule"),
    path("notice-email/", notice_email, name="notice-email"),
    path("<slug:clinic>/<str:username>/", staff_edit, name="staff-edit"),
    path("<slug:clinic>/<str:username>/end/", staff_end, name="staff-end"),
    path("<slug:clinic>/<str:username>/password/", staff_password, name="staff-password"),
]
