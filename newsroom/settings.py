"""All settings, from the environment, read top to bottom. Safe by default: see `manage.py check --deploy`.

A malformed value stops the start with the name of its variable.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import dj_email_url
from django.utils.csp import CSP
from django.utils.translation import gettext_lazy as _
from environs import EnvError, validate

from newsroom import env as values
from newsroom.database.sqlite3.privacy import keep_folder_private
from newsroom.desk.theme import unfold
from newsroom.variables import Variables, unknown

env = Variables()
BASE_DIR = Path(__file__).resolve().parent.parent

# --- Running -----------------------------------------------------------------------------------------------------
DEMO = env.bool("NEWSROOM_DEMO", False)  # only set by `manage.py demo`: opens /demo/mail/ to this machine
DATA_DIR = Path(env.str("NEWSROOM_DATA", str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = env.str("SECRET_KEY", "")
# Old keys, while the key is being changed.
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [], subcast=str.strip)
SITE_URL = env.str("SITE_URL", "http://localhost:8000", validate=values.site).rstrip("/")  # base of all links in mails
SITE_NAME = env.str("SITE_NAME", "Newsroom")
_theme = env.str("THEME_DIR", "", validate=values.theme)
# Folders of the publisher's own, see docs/theming.md: they come before ours.
THEME = {each: [Path(_theme, each)] if _theme and Path(_theme, each).is_dir() else [] for each in values.THEME_FOLDERS}
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", [_site.hostname or ""], subcast=str.strip, validate=values.hosts)
# The number of our own proxies, which append to X-Forwarded-For.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=values.natural)
# Other sites' pages that may open /live/. With "*" every page may, but only anonymously.
LIVE_ORIGINS: list[str] = env.list("LIVE_ORIGINS", [], subcast=str.strip, validate=values.origins)
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

ROOT_URLCONF = "newsroom.urls"
ASGI_APPLICATION = "newsroom.asgi.application"
WEB_THREADS = env.int("WEB_THREADS", 10, validate=values.positive)  # requests that a process handles at a time
INSTALLED_APPS = [
    "django.forms",  # so that FORM_RENDERER finds its templates after ours
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "allauth.mfa",
    "allauth.usersessions",
    "channels",
    "django_tasks_db",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "newsroom.apps.NewsroomConfig",
    "newsroom.live.apps.LiveConfig",
    "accounts.apps.AccountsConfig",
    "articles.apps.ArticlesConfig",
    "comments.apps.CommentsConfig",
]
MIDDLEWARE = [
    "newsroom.middleware.https.HttpsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "newsroom.middleware.health.HealthMiddleware",
    "newsroom.middleware.metrics.MetricsMiddleware",
    "newsroom.files.middleware.StaticMiddleware",
    "newsroom.face.present.FaceMiddleware",
    "newsroom.middleware.packing.PackingMiddleware",
    "newsroom.middleware.policies.PolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newsroom.middleware.language.LanguageMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "newsroom.pages.errors.RefusalMiddleware",
    "newsroom.pages.again.AgainMiddleware",
    "accounts.login.headless.BodyMiddleware",
    "accounts.login.signup.OnceMoreMiddleware",
    "newsroom.edge.middleware.NotingMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [
            *THEME["templates"],
            BASE_DIR / "newsroom" / "templates",
        ],  # before the apps': our account pages replace allauth's
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsroom.pages.context.site",
            ],
            "libraries": {"pages": "newsroom.pages.tags"},
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # our templates/django/forms set the direction of inputs

# --- Storage -----------------------------------------------------------------------------------------------------
_database = f"sqlite:///{quote(str(DATA_DIR / 'newsroom.sqlite3'))}"
env.str("DATABASE_URL", _database, validate=values.database)
DATABASE_POOL = env.int("DATABASE_POOL", WEB_THREADS + 10, validate=values.positive)
STATEMENT_TIMEOUT = env.int(
    "STATEMENT_TIMEOUT", 30, validate=values.natural
)  # seconds, in processes that serve requests
SEARCH_TIMEOUT = env.int("SEARCH_TIMEOUT", 3, validate=values.positive)  # seconds for each statement of a search
DATABASES: dict[str, Any] = {"default": env.dj_db_url("DATABASE_URL", _database)}
_options = DATABASES["default"].get("OPTIONS", {})  # from the URL's query, which overrides our defaults
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    _folder = Path(DATABASES["default"]["NAME"]).parent
    if _folder == DATA_DIR:
        keep_folder_private(_folder)
    else:
        with suppress(OSError):  # opening the database gives a clearer error
            _folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    DATABASES["default"]["ENGINE"] = "newsroom.database.sqlite3"
    # Opening a connection costs as much as a page. There are few threads, see newsroom.server.handler.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a deferred transaction that becomes a writer fails under load
        "timeout": 30,
        # A large cache_size is useless: each write invalidates a connection's own cache. The memory map is shared.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
        "PRAGMA mmap_size=1073741824",
    } | _options
else:
    DATABASES["default"]["ENGINE"] = "newsroom.database.postgresql"
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 3, "reconnect_timeout": 4},
        # Prepares the statements of newsroom.database.statements; all others contain their values.
        "prepare_threshold": 1,
        "application_name": "newsroom",  # in pg_stat_activity and PostgreSQL's log
        # A machine that has gone without a word is noticed after 25 seconds; the kernel would wait for hours.
        "connect_timeout": 5,  # seconds, for each host
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 25_000,  # milliseconds
    } | _options
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", "", validate=values.redis)
if REDIS_URL:
    CHANNEL_LAYERS: dict[str, Any] = {
        "default": {
            "BACKEND": "newsroom.live.layer.RedisChannelLayer",
            "CONFIG": {"url": REDIS_URL, "group_expiry": None},  # else a hub would hear no ring after a day
        }
    }
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default", "long"]}}

# Memory for cached answers in each process; 0: no cache.
EDGE_BYTES = env.int("EDGE_BYTES", 64_000_000, validate=values.natural)
# Seconds for which they are readable while the database is away; 0: not at all.
EDGE_STALE_IF_ERROR = env.int("EDGE_STALE_IF_ERROR", 600, validate=values.natural)
EDGE_S_MAXAGE = env.int("EDGE_S_MAXAGE", 0, validate=values.natural)  # seconds that a CDN may cache them

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(DATA_DIR / "media")))
MEDIA_URL = "/media/"
STATIC_URL = "/static/"
STATICFILES_DIRS = THEME["static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "newsroom.files.store.HashedStaticStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o644
JSON_BYTES = 1_000_000  # of a JSON body
# Of a form: far more than its fields hold, so that a text which is too long is shown again with an error at its field.
# A Cyrillic letter takes six bytes in a form without files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 4_000_000

# --- Language and time -------------------------------------------------------------------------------------------
LANGUAGES = [("de", _("German")), ("en", _("English")), ("ru", _("Russian"))]
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "de", validate=validate.OneOf([code for code, _name in LANGUAGES]))
LANGUAGE_COOKIE_NAME = "language"
FORMAT_MODULE_PATH = "newsroom.formats"
LOCALE_PATHS = [BASE_DIR / "newsroom" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Europe/Berlin", validate=values.time_zone)
USE_TZ = True

# --- Mail --------------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "consolemail://", validate=values.mails)
_mail_scheme = urlsplit(EMAIL_URL).scheme
_mail_backend = "django.core.mail.backends.console.EmailBackend"
_mail_options: dict[str, Any] = {}
if _mail_scheme == "filemail":
    _mail_backend = "django.core.mail.backends.filebased.EmailBackend"
    _mail_options = {"file_path": unquote(urlsplit(EMAIL_URL).path)}
elif _mail_scheme != "consolemail":
    # "smtps" is TLS from the first byte, on port 465 (RFC 8314); dj-email-url treats it as STARTTLS.
    _mail = dj_email_url.parse(EMAIL_URL.replace("smtps:", "smtp:", 1))
    _is_implicit = _mail_scheme == "smtps" or _mail["EMAIL_USE_SSL"]
    _mail_backend = _mail["EMAIL_BACKEND"]
    _mail_options = {
        "host": _mail["EMAIL_HOST"],
        "port": urlsplit(EMAIL_URL).port or (465 if _is_implicit else _mail["EMAIL_PORT"]),
        "username": _mail["EMAIL_HOST_USER"] or "",
        "password": _mail["EMAIL_HOST_PASSWORD"] or "",
        "use_tls": _mail["EMAIL_USE_TLS"] and not _is_implicit,
        "use_ssl": _is_implicit,
        "timeout": _mail["EMAIL_TIMEOUT"] or 10,
    }
MAILERS = {"default": {"BACKEND": _mail_backend, "OPTIONS": _mail_options}}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <noreply@{_site.hostname}>")

# --- Security ----------------------------------------------------------------------------------------------------
_https = _site.scheme == "https"
SESSION_COOKIE_NAME = "__Host-sessionid" if _https else "sessionid"  # a sibling domain cannot set __Host- cookies
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "newsroom.pages.again.csrf_failure"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000 if _https else 0, validate=values.natural)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_SUBDOMAINS", False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # subdomains are the publisher's decision, see above
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", _https)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # probes and programs beside the site come by plain http
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSP_GROUP, CSP_REPORTS = "csp", "/csp-reports/"  # where browsers tell what the policy has stopped
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
    "report-to": [CSP_GROUP],
    "report-uri": [CSP_REPORTS],  # for browsers that do not know report-to
}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LEAKED_PASSWORDS = env.str("LEAKED_PASSWORDS", "", validate=values.leaked_passwords)
_common = ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    *({"NAME": f"django.contrib.auth.password_validation.{name}"} for name in _common),
    {"NAME": "accounts.login.passwords.SiteWordsValidator"},
]
if LEAKED_PASSWORDS:
    _leaked = "accounts.login.passwords.LeakedPasswordValidator"
    AUTH_PASSWORD_VALIDATORS.append({"NAME": _leaked, "OPTIONS": {"path": LEAKED_PASSWORDS}})

# --- Accounts (allauth) ------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
SESSION_ENGINE = "accounts.login.sessions"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.login.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "add_email": "accounts.login.forms.AddEmailForm",
    "change_password": "accounts.login.forms.ChangePasswordForm",
    "login": "accounts.login.forms.LoginForm",
    "reauthenticate": "accounts.login.forms.ReauthenticateForm",
    "reset_password": "accounts.login.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.login.forms.ResetPasswordKeyForm",
    "signup": "accounts.login.forms.SignupForm",
}
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.login.signup.SignupFields"
ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD = "website"
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False  # mail scanners open links
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # only in the browser that signed up
ACCOUNT_LOGIN_TIMEOUT = 60 * 60  # between signing up and confirming, or password and code
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True  # one address a person; the old one stays until the new one is confirmed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _site.scheme
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.login.adapters.MFAAdapter"
MFA_FORMS = {
    "add_webauthn": "accounts.login.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.login.forms.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https  # browsers allow it on localhost only
MFA_TOTP_ISSUER = SITE_NAME
# Whether duties wait until the person has an authenticator app or a passkey.
STAFF_2FA = env.str("STAFF_2FA", "optional", validate=validate.OneOf(["optional", "required"]))
# A session of somebody with duties ends after so long without use, to the hour; "0": with the others.
STAFF_IDLE = env.timedelta("STAFF_IDLE", timedelta(hours=12), validate=values.span)
MFA_TOTP_TOLERANCE = 1  # periods of 30 s that a clock may be off
USERSESSIONS_TRACK_ACTIVITY = False

# --- API ---------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.login.authentication.SessionAuthentication",
        "accounts.login.authentication.TokenAuthentication",
        "accounts.login.authentication.SessionTokenAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.login.authentication.TokenScope"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "newsroom.api.renderers.Negotiation",
    "DEFAULT_RENDERER_CLASSES": ["newsroom.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["newsroom.api.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "newsroom.api.schema.Schema",
    "EXCEPTION_HANDLER": "newsroom.api.errors.problem",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Newsroom",
    "DESCRIPTION": "Articles, newsticker, discussions and chats of a news site.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "newsroom.api.schema.answer_as_usual",
    ],
    "ENUM_NAME_OVERRIDES": {
        "EditorialState": "articles.models.State",
        "ItemWish": [(each, each) for each in ("draft", "published")],
        "BulkAction": [(each, each) for each in ("approve", "reject", "remove", "restore", "keep", "reopen")],
        "CaseKind": "comments.models.Case.Kind",
        "CommentState": "comments.models.Comment.State",
        "DecisionAction": "comments.models.Decision.Action",
        "DecisionWish": [
            *((each, each) for each in ("approve", "reject", "remove", "restore", "keep", "reopen", "edit")),
            *((each, each) for each in ("pin", "unpin", "feature", "unfeature", "lock", "unlock")),
        ],
        "DiscussionMode": "comments.models.Discussion.Mode",
        "DiscussionState": "comments.models.Discussion.State",
        "ReasonCode": "accounts.reasons.Reason",
        "RuleAction": "comments.models.Rule.Action",
        "RuleKind": "comments.moderation.KINDS",
        "RuleMode": "comments.models.Rule.Mode",
        "RuleOutcome": [(each, each) for each in ("publish", "flag", "censor", "hold", "refuse")],
        "RunState": "comments.models.RuleRun.State",
    },
}

# --- Limits: n/unit, unit s, m, h or d; exact under concurrency ---------------------------------------------------
LIMITS = {
    "comments": env.str("LIMIT_COMMENTS", "10/m", validate=values.rate),  # a person
    "reactions": env.str("LIMIT_REACTIONS", "60/m", validate=values.rate),  # a person
    "avatars": env.str("LIMIT_AVATARS", "10/h", validate=values.rate),  # pictures of a person
    "reports": env.str("LIMIT_REPORTS", "10/h", validate=values.rate),  # a person
    # An address, all its people together. Only for sites without readers in large shared networks, such as offices.
    "comments_address": env.str("LIMIT_COMMENTS_ADDRESS", "", validate=values.rate_or_none),
    "reactions_address": env.str("LIMIT_REACTIONS_ADDRESS", "", validate=values.rate_or_none),
    "searches": env.str("LIMIT_SEARCHES", "60/m", validate=values.rate),  # an address, and a person
    "signups": env.str("LIMIT_SIGNUPS", "10/h", validate=values.rate),  # an address
    "logins": env.str("LIMIT_LOGINS", "20/m", validate=values.rate),  # an address
    # Wrong passwords for one account in one network, tenfold in all; wrong codes for one account.
    "guesses": env.str("LIMIT_GUESSES", "60/h", validate=values.rate),
    "mails": env.str("LIMIT_MAILS", "5/h", validate=values.rate),  # a recipient
    "frames": env.str("LIMIT_FRAMES", "60/m", validate=values.rate),  # a socket, with bursts of 20
}
ACCOUNT_RATE_LIMITS = {
    "login": f"{LIMITS['logins']}/ip",
    "login_failed": f"{LIMITS['guesses']}/key",
    "reset_password_from_key": f"{LIMITS['logins']}/ip",
    "reauthenticate": f"{LIMITS['logins']}/user",
    "change_password": f"{LIMITS['logins']}/user",
    "signup": None,  # accounts.login.signup counts well-formed ones, and accounts.login.adapters the mails
    "reset_password": None,
    "confirm_email": None,
}
MFA_RATE_LIMITS = {"webauthn_login": f"{LIMITS['logins']}/ip"}
LIMIT_SOCKETS_PERSON = env.int("LIMIT_SOCKETS_PERSON", 20, validate=values.positive)
LIMIT_SOCKETS_ADDRESS = env.int("LIMIT_SOCKETS_ADDRESS", 500, validate=values.positive)
# Connections with incomplete headers: of an address, and of all. More than the backlog accepted at once (2,048).
LIMIT_HANDSHAKES_ADDRESS = env.int("LIMIT_HANDSHAKES_ADDRESS", 200, validate=values.positive)
LIMIT_HANDSHAKES = env.int("LIMIT_HANDSHAKES", 4000, validate=values.positive)
LIMIT_STREAMS = env.int("LIMIT_STREAMS", 50, validate=values.positive)  # a socket

# So many reports open a new case about a comment that a moderator has let stand.
REPORTS_AFTER_APPROVAL = env.int("REPORTS_AFTER_APPROVAL", 3, validate=values.positive)

# Decisions in a language from which on the rule `learned` learns.
LEARNING_LEAST = env.int("LEARNING_LEAST", 300, validate=values.positive)

# So many decisions of a hundred are judged once more, by somebody who does not know what was decided.
SECOND_LOOK_PERCENT = env.int("SECOND_LOOK_PERCENT", 2, validate=values.percent)

# What rules of the kind `hook` are signed with (https://www.standardwebhooks.com): whsec_…, several while one changes.
HOOK_SECRETS: list[str] = env.list("HOOK_SECRETS", [], subcast=str.strip, validate=values.webhook_secrets)
# Own networks that they may lead into, such as 10.0.0.0/8; there also without TLS.
HOOK_NETWORKS: list[str] = env.list("HOOK_NETWORKS", [], subcast=str.strip, validate=values.networks)

# Web Push, offered if there is a key (`manage.py make_vapid_key`). Another key ends what browsers have agreed to.
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", "", validate=values.vapid_key)
VAPID_SUBJECT = env.str("VAPID_SUBJECT", "", validate=values.vapid_subject)
if bool(VAPID_PRIVATE_KEY) != bool(VAPID_SUBJECT):
    raise EnvError("VAPID_PRIVATE_KEY and VAPID_SUBJECT belong together.")
# Hosts of push services, by HTTPS; browsers name one, so no other is asked. An origin is taken as it is.
PUSH_HOSTS: list[str] = env.list("PUSH_HOSTS", values.PUSH_SERVICES, subcast=str.strip, validate=values.push_hosts)

# --- Discussions -------------------------------------------------------------------------------------------------
# How long discussions are open, from their article's publication or their own start: "14d", "24h"; "0": for ever.
_thread, _chat = (timedelta(0), timedelta(0)) if DEMO else (timedelta(days=14), timedelta(hours=24))
DISCUSSION_WINDOWS = {
    "thread": env.timedelta("CLOSE_THREADS_AFTER", _thread, validate=values.span) or None,
    "chat": env.timedelta("CLOSE_CHATS_AFTER", _chat, validate=values.span) or None,
}
# Comments in one discussion from which slow mode begins; "": never.
SLOW_MODE_RATE = env.str("SLOW_MODE_RATE", "120/m", validate=values.rate_or_none)
# The time between two comments of one person in slow mode.
SLOW_MODE_SECONDS = env.int("SLOW_MODE_SECONDS", 30, validate=values.positive)
# Levels of indented replies; a deeper reply names what it answers.
REPLY_DEPTH = env.int("REPLY_DEPTH", 1, validate=values.depth)
# name=sign, comma-separated. The order `best` depends on like and dislike.
_reactions = "like=👍,dislike=👎,heart=❤️,laugh=😄,surprise=😮,sad=😢"
REACTIONS = values.pairs(env.str("REACTIONS", _reactions, validate=values.pairs))

LOG_LEVEL = env.str("LOG_LEVEL", "WARNING", validate=values.log_level)
LOG_FORMAT = env.str("LOG_FORMAT", "text", validate=validate.OneOf(["text", "json"]))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {
            "()": "newsroom.server.logs.Formatter",
            "format": "{asctime} {levelname} {name}{asked}: {message}",
            "style": "{",
        },
        "json": {"()": "newsroom.server.logs.JSONFormatter"},
    },
    "filters": {"outages": {"()": "newsroom.server.logs.OneLineAnOutage"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["outages"]},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "django": {"level": LOG_LEVEL},  # Django's own default is INFO: three lines a background task
        "newsroom.monitoring.security": {"level": "INFO"},  # see newsroom.monitoring.security
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},  # any client can cause these
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}

# --- Reports to other services, each by an extra of ours ----------------------------------------------------------
SENTRY_DSN = env.str("SENTRY_DSN", "", validate=values.installed("sentry_sdk", "sentry"))
OTEL_EXPORTER_OTLP_ENDPOINT = env.str(
    "OTEL_EXPORTER_OTLP_ENDPOINT", "", validate=values.installed("opentelemetry", "otel")
)
if OTEL_EXPORTER_OTLP_ENDPOINT:
    MIDDLEWARE.insert(0, "newsroom.monitoring.tracing.TracingMiddleware")

UNFOLD = {**unfold(), "DASHBOARD_CALLBACK": "articles.admin.start.dashboard"}

# Variables that look like ours and are none, each with the one that is probably meant, or "".
UNKNOWN_VARIABLES = unknown(os.environ, env.dump())
