"""Remise's settings: one file, read from the environment (the twelve-factor way).

Nothing here differs between one computer and many: with no `DATABASE_URL`, `script/server` starts
a PostgreSQL of our own and sets it.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF

from core import bucket

BASE_DIR = Path(__file__).resolve().parent.parent
environ.Env.ENVIRON = {name: value for name, value in os.environ.items() if value}  # empty: the default
env = environ.Env()

VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))

# --- who we are -----------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)  # demo data, mails shown on a page, a clock that can be moved
SECRET_KEY = env("SECRET_KEY")
PUBLIC_URL = env("PUBLIC_URL", default="http://localhost:8000")  # what links in messages begin with
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", urlsplit(PUBLIC_URL).hostname])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SERVED_OVER_TLS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [  # ours first: our templates stand before those of the same name that we bring in
    "core",
    "accounts",
    "places",
    "fleet",
    "participants",
    "garages",
    "pricing",
    "maintenance",
    "bookings",
    "portal",
    "api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "drf_spectacular",
    "schedule",  # django-scheduler: calendars, rules, occurrences
]

MIDDLEWARE = [
    "core.stack.one_piece_of_stack",
    "core.middleware.whole_body",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "core.middleware.TypographyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.CurrentPlatformMiddleware",
    "core.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context_processors.desk",
            ],
            "builtins": [
                "core.templatetags.remise",
                "core.templatetags.rooms",
                "template_partials.templatetags.partials",
            ],
        },
    }
]
FORM_RENDERER = "core.forms.RemiseFormRenderer"

# --- the database ---------------------------------------------------------------------------
PREPARED = env.bool("DB_PREPARED", default=True)  # not through PgBouncer in transaction mode
DATABASES = {"default": env.db("DATABASE_URL")}
DATABASES["default"] |= {
    "ENGINE": "django.db.backends.postgresql",
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,  # the pool tries a connection before lending it: the database may have restarted
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})  # the URL's own, such as ?sslmode=verify-full
    | {
        "pool": {"min_size": 1, "max_size": env.int("DB_POOL", default=8), "timeout": 10}
        if env.bool("DB_POOLED", default=True)
        else False,
        # What is asked again and again is parsed and planned once a connection (docs/decisions/026).
        "server_side_binding": PREPARED,
        "prepare_threshold": 5 if PREPARED else None,
        # jit: compiling a query of ours takes PostgreSQL seconds where answering takes milliseconds
        "options": "-c jit=off -c lock_timeout=4s -c statement_timeout=20s -c idle_in_transaction_session_timeout=60s",
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Limits are counted here: in the database, which all processes share, unless a cache is named (docs/decisions/029).
CACHES = {
    "default": env.cache_url("CACHE_URL")
    if env("CACHE_URL", default="")
    else {"BACKEND": "core.shared_cache.SharedCache"}
}

# --- who signs in ---------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # the e-mail is unique by the constraint one_user_an_email
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "portal:home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_FORMS = {"request_login_code": "accounts.choosing.RequestLoginCodeForm"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # we write to nobody whom we do not know
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # seconds: the mail must reach an old phone first
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a second factor is changed
ACCOUNT_RATE_LIMITS = {"login": "20/m/ip", "request_login_code": "10/m/ip,3/m/key", "reset_password": "10/m/ip,3/m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1 if SERVED_OVER_TLS else 0)
PASSWORD_RESET_TIMEOUT = 7 * 86_400  # seconds; invitations too
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SERVED_OVER_TLS
MFA_ALLOW_UNVERIFIED_EMAIL = True  # staff's addresses are given by their coordinator, nobody signs up
MFA_TOTP_ISSUER = "Remise"

# --- language and time ----------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# --- what leaves ----------------------------------------------------------------------------
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
EMAIL_CONFIGURED = bool(env("EMAIL_URL", default=""))
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="Remise <remise@localhost>")
SMS_BACKEND = env("SMS_BACKEND", default="core.sms.HttpBackend")  # without SMS_URL, SMS wait
SMS_URL = env("SMS_URL", default="")
SMS_TOKEN = env("SMS_TOKEN", default="")
GEOCODER_URL = env("GEOCODER_URL", default="https://data.geopf.fr/geocodage")
TILES_URL = env("TILES_URL", default="https://tile.openstreetmap.org/{z}/{x}/{y}.png")

CELERY_BROKER_URL = env("BROKER_URL", default="filesystem://localhost")
if CELERY_BROKER_URL.startswith("filesystem:"):
    _broker = VAR_DIR / "broker"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_broker / "queue"),
        "data_folder_out": str(_broker / "queue"),
        "control_folder": str(_broker / "control"),
        "processed_folder": str(_broker / "processed"),  # where a message passes through; by default /tmp
    }
    CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
elif CELERY_BROKER_URL.startswith("amqp"):
    CELERY_TASK_DEFAULT_QUEUE_TYPE = "quorum"  # survives the loss of one of three brokers
    CELERY_TASK_DEFAULT_EXCHANGE_TYPE = "topic"
    CELERY_BROKER_TRANSPORT_OPTIONS = {"confirm_publish": True}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep-the-outbox": {"task": "core.sweep_outbox", "schedule": 15.0},
    "forget-old-keys": {"task": "core.forget_old_keys", "schedule": 3600.0},
    "forget-old-sheets": {"task": "core.forget_old_sheets", "schedule": 3600.0},
    "forget-old-counts": {"task": "core.forget_old_counts", "schedule": 3600.0},
    "remove-orphans": {"task": "core.remove_orphans", "schedule": 6 * 3600.0},
    "prolong-immobilisations": {"task": "maintenance.prolong_immobilisations", "schedule": 1800.0},
    "expire-silent-offers": {"task": "maintenance.expire_silent_offers", "schedule": 300.0},
    "expire-promises": {"task": "bookings.expire_promises", "schedule": 120.0},
    "serve-waiting-lists": {"task": "bookings.serve_waiting_lists", "schedule": 300.0},
    "rehouse-displaced-loans": {"task": "bookings.rehouse_displaced", "schedule": 120.0},
    "send-reminders": {"task": "bookings.send_reminders", "schedule": 300.0},
    "keep-what-is-not-ready": {"task": "fleet.keep_what_is_not_ready", "schedule": 300.0},
    "keep-what-is-missing": {"task": "bookings.keep_what_is_missing", "schedule": 3600.0},
    "purge-fines": {"task": "bookings.purge_fines", "schedule": 6 * 3600.0},
}

# --- files ----------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(VAR_DIR / "files"), "file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILES_URL = env("FILES_URL", default="")
if FILES_URL:
    STORAGES["default"] = bucket.storage(
        FILES_URL,
        key=env("AWS_ACCESS_KEY_ID", default=""),
        secret=env("AWS_SECRET_ACCESS_KEY", default=""),
        endpoint=env("AWS_S3_ENDPOINT_URL", default=""),
        region=env("AWS_S3_REGION_NAME", default=""),
    )
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOAD_MAX_BYTES = 25 * 1024 * 1024  # a photo or a spreadsheet; larger ones are refused with a sentence
IMAGE_MAX_PIXELS = 40_000_000

# --- safety ---------------------------------------------------------------------------------
_tiles_host = "/".join(TILES_URL.split("/")[:3])
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", _tiles_host],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_OVER_TLS
SESSION_ENGINE = "django.contrib.sessions.backends.db"
if SERVED_OVER_TLS:
    SECURE_SSL_REDIRECT = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]

# --- the API --------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_PAGINATION_CLASS": "api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.TokenThrottle"],
    "EXCEPTION_HANDLER": "api.errors.refuse",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "COERCE_DECIMAL_TO_STRING": True,
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Remise",
    "VERSION": "1",
    "DESCRIPTION": "Every verb that a page offers, through the same function.",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": r"/api/v1/",
    "ENUM_NAME_OVERRIDES": {  # and all of api/apps.py
        "KmAtTheKerbEnum": "api.condition_reports.KM_STATES",
        "PapersAskedEnum": "participants.papers.ASKED",
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django.server": {"level": "WARNING"},
        "granian.access": {"level": "WARNING"},
        "geopy": {"level": "INFO"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # robots that try addresses: 400 says enough
    },
}
