"""Every table of the database stands in exactly one of these lists: who may do what with its rows.

A table that is in none is closed to the web and worker processes, and a test says so.
"""

# Added to and never changed: every version of every row, and who did it.
HISTORY = (
    "accounts_clinichistory",
    "accounts_membershiphistory",
    "accounts_userhistory",
    "meetings_actionhistory",
    "meetings_agendaitemhistory",
    "meetings_attendancehistory",
    "meetings_meetinghistory",
    "meetings_nominationhistory",
    "patients_concernhistory",
    "patients_contacthistory",
    "patients_diagnosishistory",
    "patients_drawhistory",
    "patients_eventhistory",
    "patients_leftouthistory",
    "patients_mergehistory",
    "patients_notehistory",
    "patients_noticehistory",
    "patients_ondutyhistory",
    "patients_othernumberhistory",
    "patients_otherresulthistory",
    "patients_overrulehistory",
    "patients_patienthistory",
    "patients_resulthistory",
    "uploads_identitydecisionhistory",
    "uploads_mappinghistory",
    "uploads_personnewshistory",
    "uploads_senderprofilehistory",
    "uploads_sendertokenhistory",
    "uploads_uploadhistory",
)
# Who did it, of the rows of history. It grows while its request lasts; what it says is never changed.
CONTEXT = ("pghistory_context",)
# Who looked at whom, who signed in, what was done in Django's admin, and what was kept outside.
AUDIT = (
    "accounts_backup",
    "accounts_listaccess",
    "accounts_patientaccess",
    "accounts_signinevent",
    "django_admin_log",
    "uploads_visitlook",
)
SEALS = ("accounts_auditseal",)
# Written by the database itself, as its owner.
PURGES = ("accounts_purge",)
# What somebody has put their name to.
SIGNED = (
    "meetings_addendum",
    "meetings_discussion",
    "meetings_letter",
    "patients_causereview",
    "patients_chartitem",
    "patients_chartlabel",
    "patients_chartreview",
    "patients_notedorder",
    "patients_signature",
    "patients_signoff",
    "uploads_hookcard",
    "uploads_hookfeedback",
    "uploads_launchkey",
)
# Changed, with its history, and never deleted.
RECORD = (
    "accounts_clinic",
    "accounts_onetimecode",
    "accounts_user",
    "patients_concern",
    "patients_contact",
    "patients_diagnosis",
    "patients_draw",
    "patients_event",
    "patients_leftout",
    "patients_merge",
    "patients_note",
    "patients_notice",
    "patients_onduty",
    "patients_othernumber",
    "patients_otherresult",
    "patients_overrule",
    "patients_patient",
    "patients_result",
    "patients_silentrun",
    "uploads_identitydecision",
    "uploads_launchclient",
    "uploads_launchuser",
    "uploads_mapping",
    "uploads_message",
    "uploads_personnews",
    "uploads_sender",
    "uploads_senderprofile",
    "uploads_sendertoken",
)
MEETINGS = (
    "meetings_action",
    "meetings_agendaitem",
    "meetings_meeting",
    "meetings_nomination",
)
# The end of a role is a deletion, which its history keeps; a trigger keeps attendance once its meeting is closed.
ENDED = (
    "accounts_membership",
    "meetings_attendance",
)
# Files on their way: given up on, read again, emptied once they are stored.
STAGING = (
    "uploads_identityquestion",
    "uploads_job",
    "uploads_piece",
    "uploads_upload",
    "uploads_uploadrow",
)
QUEUE = (
    "procrastinate_events",
    "procrastinate_jobs",
    "procrastinate_periodic_defers",
    "procrastinate_workers",
)
# Sign-in with its second factors, and the rights of Django's admin, which no page of ours uses.
SESSIONS = (
    "account_emailaddress",
    "account_emailconfirmation",
    "accounts_user_groups",
    "accounts_user_user_permissions",
    "auth_group",
    "auth_group_permissions",
    "cache",
    "django_session",
    "mfa_authenticator",
    "socialaccount_socialaccount",
    "socialaccount_socialapp",
    "socialaccount_socialtoken",
    "usersessions_usersession",
)
# Worked out from the record, at any time again.
DERIVED = (
    "meetings_figuremonth",
    "patients_assessment",
    "patients_assessmentmark",
    "patients_recordversion",
    "patients_shownentry",
)
# What `migrate` writes.
SCHEMA = (
    "auth_permission",
    "django_content_type",
    "django_migrations",
)

# In the chain of seals; each is numbered by `id`.
SEALED = AUDIT + PURGES
NEVER_CHANGED = HISTORY + AUDIT + SEALS + PURGES + SIGNED
NEVER_DELETED = NEVER_CHANGED + CONTEXT + RECORD + MEETINGS
EXEMPT = ENDED + STAGING + QUEUE + SESSIONS + DERIVED

# What is refused to everybody.
REFUSED = dict.fromkeys(NEVER_DELETED, ("DELETE", "TRUNCATE")) | dict.fromkeys(
    NEVER_CHANGED, ("UPDATE", "DELETE", "TRUNCATE")
)
# What the web and worker processes may do.
RIGHTS = (
    dict.fromkeys(HISTORY + AUDIT + SEALS + SIGNED, "SELECT, INSERT")
    | dict.fromkeys(CONTEXT + RECORD + MEETINGS, "SELECT, INSERT, UPDATE")
    | dict.fromkeys(EXEMPT, "SELECT, INSERT, UPDATE, DELETE")
    | dict.fromkeys(PURGES + SCHEMA, "SELECT")
)
