import os
from pathlib import Path

import pghistory
from csp.constants import SELF
from django.core.exceptions import ImproperlyConfigured

from config import embedded
from config.environment import (
    databases,
    envbool,
    envgroups,
    envhosts,
    envint,
    envissuer,
    envorigins,
    envsecret,
    envtogether,
    envtoken,
    writable,
)
from config.logs import LOGGING  # noqa: F401 (read by Django)
from config.version import RELEASED, VERSION

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = envbool("PRODUCTION", False)
# Django's debugging pages show code and data: only for whoever asks for them, never in production.
DEBUG = envbool("DEBUG", False) and not PRODUCTION
# Everything that is written lives here.
VAR_DIR = writable("VAR_DIR", BASE_DIR / "var")

SECRET_KEY = envsecret(
    "SECRET_KEY", "only-for-development-and-tests-0123456789-abcdefghij", required=PRODUCTION
)
ALLOWED_HOSTS = envhosts("ALLOWED_HOSTS", required=PRODUCTION) or [".localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = envorigins("CSRF_TRUSTED_ORIGINS")

# Behind a proxy that ends TLS: believe its word on scheme and on who asks, and nobody else's.
BEHIND_PROXY = envbool("BEHIND_PROXY", False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = int(BEHIND_PROXY)
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
# Preloading into browsers is a decision about the hospital's whole domain, not ours to offer.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Shared computers: signed out when the browser closes or after hours without a click.
SESSION_COOKIE_AGE = envint("SESSION_HOURS", 8, 1, 24) * 3600
# And after so many hours whatever was clicked: whoever is still there signs in again, in place.
SESSION_LONGEST = envint("SESSION_LONGEST_HOURS", 12, 1, 168) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    # By these names a browser takes them by HTTPS from this very host alone, and from no neighbour of its domain.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
X_FRAME_OPTIONS = "DENY"
# Not in cookies: a message that was never shown must end with the session, not greet the next person.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Uploads above this are refused by a sentence of the uploads page; large ones wait in VAR_DIR, not in /tmp.
MAX_UPLOAD_MB = envint("MAX_UPLOAD_MB", 200, 1, 2000)
# Of one file: rows, or results where a row holds several. They take their place on the disk, not in memory.
MAX_UPLOAD_ROWS = envint("MAX_UPLOAD_ROWS", 2_000_000, 1000, 50_000_000)
# What one workbook may ask for while it is opened in a process of its own: a small one can unpack to much.
MAX_SHEET_CELLS = envint("MAX_SHEET_CELLS", 5_000_000, 10_000, 100_000_000)
MAX_SHEET_UNPACKED_MB = envint("MAX_SHEET_UNPACKED_MB", 400, 10, 10_000)
MAX_SHEET_MEMORY_MB = envint("MAX_SHEET_MEMORY_MB", 1500, 300, 32_000)
MAX_SHEET_SECONDS = envint("MAX_SHEET_SECONDS", 60, 5, 600)
# One message of another system (POST /hl7/, MLLP): results are small, pictures are not wanted.
MAX_MESSAGE_MB = envint("MAX_MESSAGE_MB", 2, 1, 100)
# MLLP with TLS: the certificate with its chain and its key as PEM; with the third, clients show one of that authority.
MLLP_CERTIFICATE = os.environ.get("MLLP_CERTIFICATE", "").strip()
MLLP_KEY = os.environ.get("MLLP_KEY", "").strip()
MLLP_CLIENT_CA = os.environ.get("MLLP_CLIENT_CA", "").strip()
# Requests of one sender in a minute (POST /hl7/, GET /fhir/).
SENDER_RATE = envint("SENDER_RATE", 6000, 1, 1_000_000)
# What /fhir/metadata says of this program.
PRODUCT_VERSION, PRODUCT_RELEASED = VERSION, RELEASED
# Origins whose scripts may ask /cds-services: record systems that call from the browser.
CDS_ORIGINS = envorigins("CDS_ORIGINS")
# Whoever has it reads the numbers of /metrics; without it there is no such address.
METRICS_TOKEN = envtoken("METRICS_TOKEN")
# With less room than that nothing more is taken in (uploads.room).
DISK_FREE_MB = envint("DISK_FREE_MB", 500, 1, 1_000_000)
# What `manage.py retention` lets go, and after how long; 0: it is kept for good.
KEEP_LOOKS_YEARS = envint("KEEP_LOOKS_YEARS", 0, 0, 100)
KEEP_SIGN_INS_YEARS = envint("KEEP_SIGN_INS_YEARS", 0, 0, 100)
KEEP_MESSAGES_YEARS = envint("KEEP_MESSAGES_YEARS", 0, 0, 100)
KEEP_STAGED_DAYS = envint("KEEP_STAGED_DAYS", 0, 0, 36_500)
# Without a backup for so long the doctor says so; 0: they are made by other means.
BACKUP_DAYS = envint("BACKUP_DAYS", 2, 0, 365)
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "incoming"
FILE_UPLOAD_TEMP_DIR.mkdir(exist_ok=True)

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "csp",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "procrastinate.contrib.django",
    "config",
    "accounts",
    "patients",
    "uploads",
    "meetings",
]
MIDDLEWARE = [
    "config.operating.request_ids.NameRequest",
    "config.operating.metrics.CountRequests",
    "config.operating.probes.AnswerProbes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.CompressPages",
    "config.middleware.KeepNothing",
    "csp.middleware.CSPMiddleware",
    "config.middleware.RefuseNul",
    "config.operating.full.RefuseWhenFull",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.EndLongSession",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.AnswerSamePerson",
    "accounts.middleware.RenewSession",
    "accounts.middleware.LeadFirst",
    "allauth.account.middleware.AccountMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.AnnounceChanges",
    "patients.merged_away.LeadToSurvivor",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.staff",
                "patients.context.notices",
                "config.version.product_version",
                "config.operating.request_ids.on_page",
                "config.operating.full.on_page",
            ],
        },
    },
]


DATABASE_URL = os.environ.get("DATABASE_URL", "").strip()
# The runtime role, and the owner of the tables (config.owner): one and the same where only DATABASE_URL is given.
RUNTIME, OWNER = databases(DATABASE_URL, os.environ.get("MIGRATE_URL", "").strip()) or embedded.start(VAR_DIR)
DATABASES = {"default": RUNTIME}
# Who gets the rights of `accounts.protection`.
RUNTIME_ROLE = RUNTIME["USER"] if RUNTIME["USER"] != OWNER["USER"] else ""
# Of web processes: how long one statement may take, wait for another's lock, and a transaction stand idle.
STATEMENT_SECONDS = envint("STATEMENT_SECONDS", 30, 1, 3600)
LOCK_SECONDS = envint("LOCK_SECONDS", 10, 1, 3600)
IDLE_SECONDS = envint("IDLE_SECONDS", 120, 1, 3600)
# Shared by all web processes, so that failed sign-ins are counted once; with room for the counts of many names, or
# whoever tries many would push out those of others.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
# History rows hang off their row as `history`; the default name, `events`, is a clinical word here.
PGHISTORY_OBJ_FIELD = pghistory.ObjForeignKey(related_name="history")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# Ours count by name and address together (accounts.sign_ins): a whole clinic signs in from behind one address.
ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": ""}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
MFA_ADAPTER = "accounts.signing_in.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "accounts.signing_in.forms.FactorForm",
    "activate_totp": "accounts.signing_in.forms.NewAppForm",
    "authenticate_webauthn": "accounts.signing_in.forms.PasskeyForm",
    "login_webauthn": "accounts.signing_in.forms.PasskeyAloneForm",
    "add_webauthn": "accounts.signing_in.forms.NewPasskeyForm",
}
# Of a passkey nothing can be guessed; a clinic behind one address signs in within a few minutes.
MFA_RATE_LIMITS = {"webauthn_login": "600/m/ip"}

# The hospital's own sign-in, by OpenID Connect; its second factor is then its own.
OIDC_ISSUER = envissuer("OIDC_ISSUER", production=PRODUCTION)
OIDC_CLIENT_ID = envtogether("OIDC_CLIENT_ID", OIDC_ISSUER)
OIDC_CLIENT_SECRET = envtogether("OIDC_CLIENT_SECRET", OIDC_ISSUER)
OIDC_NAME = os.environ.get("OIDC_NAME", "").strip() or "the hospital’s sign-in"
# Clinic and role by the groups that it tells; without any, a new person waits for the administrator.
OIDC_GROUPS_CLAIM = os.environ.get("OIDC_GROUPS_CLAIM", "").strip() or "groups"
OIDC_GROUPS = envgroups("OIDC_GROUPS")
OIDC_LINK_EXISTING = envbool("OIDC_LINK_EXISTING", False)
LOCAL_PASSWORDS = envbool("LOCAL_PASSWORDS", True)
if not LOCAL_PASSWORDS and not OIDC_ISSUER:
    raise ImproperlyConfigured("LOCAL_PASSWORDS is false and OIDC_ISSUER is missing: nobody could sign in.")
# Django's own pages on the tables, for the operator alone; without them the address answers 404.
DJANGO_ADMIN = envbool("DJANGO_ADMIN", True)
SOCIALACCOUNT_ADAPTER = "accounts.signing_in.provider.ProviderAdapter"
# By a link: a form that leads to another server would have to be allowed by the policy of the pages.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "SCOPE": ["openid", "profile"],
        "APPS": [
            {
                "provider_id": "hospital",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

# A one-time code that an administrator has printed is taken for so long.
ONE_TIME_CODE_HOURS = envint("ONE_TIME_CODE_HOURS", 24, 1, 168)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A list that the site provides; nothing is asked of anybody outside.
BREACHED_PASSWORDS = os.environ.get("BREACHED_PASSWORDS", "").strip()
if BREACHED_PASSWORDS:
    AUTH_PASSWORD_VALIDATORS.append(
        {
            "NAME": "accounts.signing_in.breached.BreachedPasswordValidator",
            "OPTIONS": {"path": BREACHED_PASSWORDS},
        }
    )
# A notice that nobody has taken for so long stands on every page of its clinic.
NOTICE_HOURS = envint("NOTICE_HOURS", 4, 1, 168)
# Memory of each web process for pages that were made before and still hold (patients.imprints); 0: none.
IMPRINT_MB = envint("IMPRINT_MB", 64, 0, 10_000)
# Only that there are new notices is sent by e-mail, and only where a mail server is named.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "").strip()
EMAIL_PORT = envint("EMAIL_PORT", 25, 1, 65535)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = envbool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 30
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'dummy'}.EmailBackend"
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "").strip() or "liver@localhost"
# Where the e-mail says to sign in.
SITE_ADDRESS = next(iter(CSRF_TRUSTED_ORIGINS), f"https://{ALLOWED_HOSTS[0].lstrip('.')}")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.finders.PlotlyFinder",
]
# Collected, compressed and named by content before serving; else straight from where they lie.
COLLECTED = envbool("STATIC_COLLECTED", PRODUCTION) and not DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "config.collected.Collected"
        if COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not COLLECTED
WHITENOISE_AUTOREFRESH = not COLLECTED
# Files keep their plain names too: the pages for failures link those, in case the names are what failed.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Plotly 7.1 injects two style elements; they are allowed by their hashes, nothing else is.
        "style-src": [
            SELF,
            "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
            "'sha256-ji27qzEtxXZW+7dun6UwjHXJ18e6WAin1VvNtkzIE/o='",
        ],
        "img-src": [SELF, "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}
