"""Every setting of the site, and the only place where the environment is read."""

import logging
import os
import socket
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from landscape.environment import MAIL_PROVIDERS, Environment, kept_secret, make_folder, state_folder
from landscape.local.postgres import DATABASE, socket_folder
from landscape.local.valkey import socket_file
from landscape.observe.lines import configuration

environment = Environment(os.environ)

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = make_folder(state_folder(environment, uid=os.geteuid(), home=Path.home()))

# Security

DEBUG = environment.flag("DEBUG", default=False)
SECRET_KEY = environment.text("SECRET_KEY") or kept_secret(STATE_DIR / "secret-key")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 32 characters; leave it out to have one made and kept")
# Keys of before: what they signed or sealed still opens.
SECRET_KEY_FALLBACKS = environment.items("SECRET_KEY_FALLBACKS", default="")
ALLOWED_HOSTS = environment.items("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1]")
BEHIND_HTTPS = environment.flag("BEHIND_HTTPS", default=False)
if BEHIND_HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    # Asked by machines inside, past the proxy.
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = environment.flag("HSTS_SUBDOMAINS", default=False)
    CSRF_TRUSTED_ORIGINS = [f"https://{'*' if host.startswith('.') else ''}{host}" for host in ALLOWED_HOSTS]
# Subdomains and the browsers' preload list concern the operator's other sites, which are not ours to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
# A browser takes a name that begins so from this very host only, and only over https.
SESSION_COOKIE_NAME = "__Host-session" if BEHIND_HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrf" if BEHIND_HTTPS else "csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = int(timedelta(hours=12).total_seconds())  # tracker/accounts/sessions.py ends a session earlier
# How many proxies of the operator's own stand in front: the reader's address is what the outermost of them saw.
PROXIES = environment.number("PROXIES", default=int(BEHIND_HTTPS), least=0, most=9)
# Tries to log in from one address in a quarter of an hour, in all web processes together.
# Requests a minute from one address to one web process, by what they cost (tracker/limits.py); 0: no limit.
LIMITS = {
    name: environment.number(f"LIMIT_{name.upper()}", default=most, least=0, most=1_000_000)
    for name, most in {"api": 300, "search": 120, "exports": 60, "files": 600, "questions": 600}.items()
}
LIMIT_LOGIN = environment.number("LIMIT_LOGIN", default=60, least=1, most=1_000_000)
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

# Application

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "anymail",
    "tracker",
]
MIDDLEWARE = [
    "tracker.watching.Watched",
    # Outside everything else that answers, so that files, redirects and errors carry the headers too.
    "tracker.middleware.PageHeaders",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "tracker.limits.Limits",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "tracker.accounts.sessions.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "landscape.urls"
WSGI_APPLICATION = "landscape.wsgi.application"
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
            ],
        },
    },
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Long, not among those that everybody uses, not made of one's own or the site's name; no rules about signs.
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tracker.accounts.passwords.NotOfThisSite"},
]

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# Database

DATABASE_URL = environment.url("DATABASE_URL", schemes=frozenset({"postgres", "postgresql"}))
DATABASE_POOL = environment.number("DATABASE_POOL", default=8, least=0, most=1000)
EMBEDDED_POSTGRES = not DATABASE_URL
database: dict[str, Any] = (
    {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": str(socket_folder(STATE_DIR)),
        "USER": "postgres",
        "NAME": DATABASE,
    }
    if EMBEDDED_POSTGRES
    else dict(dj_database_url.parse(DATABASE_URL))
)
if not database.get("NAME"):
    raise ImproperlyConfigured("DATABASE_URL names no database; it ends in /NAME")
# Without the checks every pooled connection fails once after the database was restarted.
database["CONN_HEALTH_CHECKS"] = True
database["OPTIONS"] = {
    **database.get("OPTIONS", {}),
    # Only what asks for it is planned once a connection. Off: behind a pooler that gives each transaction another one.
    "prepare_threshold": 1_000_000 if environment.flag("DATABASE_PREPARE", default=True) else None,
}
# A page that asks for more than this is refused by the database; workers and commands may take their time. 0: no limit.
STATEMENT_TIMEOUT = environment.number("STATEMENT_TIMEOUT", default=15, least=0, most=86_400)  # seconds
if environment.text("PROCESS") == "web" and STATEMENT_TIMEOUT:
    given = database["OPTIONS"].get("options", "")
    database["OPTIONS"]["options"] = f"{given} -c statement_timeout={STATEMENT_TIMEOUT * 1000}".strip()
if DATABASE_POOL:
    database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL, "timeout": 10}
DATABASES = {"default": database}

# Static files

STATIC_URL = "static/"
STATIC_ROOT = STATE_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "landscape.local.assets.PlotlyFinder",
]
PLOTLY_DIR = STATE_DIR / "vendor"
# Names that carry a hash may be cached for ever, but exist only after collectstatic: tests use the plain ones.
STATIC_HASHED = environment.flag("STATIC_HASHED", default=not DEBUG)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = STATE_DIR / "media"

# Collection

COLLECT_LIVE = environment.flag("COLLECT_LIVE", default=True)
SOURCE_MIRROR = environment.url("SOURCE_MIRROR", schemes=frozenset({"http", "https"})).rstrip("/")
# Whom a publisher may write to about our requests; part of every User-Agent.
CONTACT = environment.text("CONTACT", f"operator@{socket.gethostname()}")
if not CONTACT.isascii() or not CONTACT.isprintable() or not ("@" in CONTACT or CONTACT.startswith("https://")):
    raise ImproperlyConfigured("CONTACT must be an e-mail address or an https:// address")

# Letters. Without a server they are kept as files, so that none is ever lost silently.

MAIL_SERVER = environment.mail_server("EMAIL_URL")
# A provider by its name in django-anymail, which reads its keys from ANYMAIL_... and takes its webhooks.
MAIL_PROVIDER = environment.choice("MAIL_PROVIDER", default="", choices=MAIL_PROVIDERS | {""}).lower()
ANYMAIL = {name.removeprefix("ANYMAIL_"): value for name, value in environment.beginning("ANYMAIL_").items()}
if MAIL_SERVER and MAIL_PROVIDER:
    raise ImproperlyConfigured("EMAIL_URL and MAIL_PROVIDER are both given: letters go one way or the other")
MAIL_FOLDER = STATE_DIR / "mail"
OPERATOR_EMAIL = environment.addresses("OPERATOR_EMAIL")
if (MAIL_SERVER or MAIL_PROVIDER) and not OPERATOR_EMAIL:
    given = "EMAIL_URL" if MAIL_SERVER else "MAIL_PROVIDER"
    raise ImproperlyConfigured(f"OPERATOR_EMAIL is not given although {given} is: alarms would be told to nobody")
# Who is told of alarms. The local name is for the files, where no server could refuse it.
ADMINS = [("Operator", address) for address in OPERATOR_EMAIL or [f"operator@{socket.gethostname()}"]]
SERVER_EMAIL = DEFAULT_FROM_EMAIL = ", ".join(
    environment.addresses("SERVER_EMAIL", default=f"ai-landscape@{socket.gethostname()}", most=1)
)
EMAIL_TIMEOUT = 20  # a server that says nothing holds up no worker for longer
if MAIL_PROVIDER:
    EMAIL_BACKEND = f"anymail.backends.{MAIL_PROVIDER}.EmailBackend"
elif MAIL_SERVER:
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.starttls, MAIL_SERVER.tls
else:
    EMAIL_BACKEND, EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(MAIL_FOLDER)

# The weekly digest. Links in letters need the address that readers have for this site.

SITE_URL = (environment.url("SITE_URL", schemes=frozenset({"http", "https"})) or "http://localhost:8000").rstrip("/")
DIGEST_ZONE = environment.zone("DIGEST_ZONE", default="UTC")
DIGEST_HOUR = environment.number("DIGEST_HOUR", default=7, least=0, most=23)  # on Mondays
DIGEST_AUTOMATIC = environment.flag("DIGEST_AUTOMATIC", default=True)  # off: an editor approves every issue
DIGEST_FROM = ", ".join(environment.addresses("DIGEST_FROM", default=SERVER_EMAIL, most=1))
DIGEST_REPLY_TO = ", ".join(environment.addresses("DIGEST_REPLY_TO", default=DIGEST_FROM, most=1))
# Letters a minute to one mail domain, from all workers together; 0 is no limit.
DIGEST_PACE = environment.number("DIGEST_PACE", default=600, least=0, most=1_000_000)
# Some countries ask for the sender's postal address in every such letter.
POSTAL_ADDRESS = environment.text("POSTAL_ADDRESS")
# What a mail server must show to report letters that came back; blank: such reports are not taken.
MAIL_REPORT_SECRET = environment.text("MAIL_REPORT_SECRET")

# Our own evaluations

# Whether beat wakes a worker of the queue "evaluations": by default where what it needs is installed.
EVALUATIONS = environment.flag("EVALUATIONS", default=find_spec("inspect_ai") is not None)
# What holds a model back from the machine it runs on: require, warn where that cannot be, or off.
EVALUATION_ISOLATION: Any = environment.choice(
    "EVALUATION_ISOLATION", default="REQUIRE", choices=frozenset({"REQUIRE", "WARN", "OFF"})
).lower()
# Questions asked at once; 0: as many as suit the device.
EVALUATION_CONCURRENCY = environment.number("EVALUATION_CONCURRENCY", default=0, least=0, most=4096)
# What a run may use of the machine's memory, in GiB; 0: no limit of ours.
EVALUATION_MEMORY = environment.number("EVALUATION_MEMORY", default=0, least=0, most=1 << 20)
EVALUATION_FOLDER = STATE_DIR / "evaluations"  # answers on their way, and weights had from a hub
# Keys of hosted endpoints: "api.example.org=KEY, other.example.org=KEY". Each is shown to its own host only.
EVALUATION_KEYS = dict(pair.partition("=")[::2] for pair in environment.items("EVALUATION_KEYS", default=""))
# A hub's token, for repositories whose terms were accepted; never seen by what runs the model.
HF_TOKEN = environment.text("HF_TOKEN")
# What engines are told of the machine's devices.
EVALUATION_DEVICES = {
    name: value
    for prefix in ("CUDA_", "NVIDIA_", "VLLM_", "PYTORCH_", "LD_LIBRARY_PATH")
    for name, value in environment.beginning(prefix).items()
}

# Queues. Truth lives in the database and a message only says "look now", so no result is kept anywhere.

# How long work is a worker's own: when it dies, another takes it up after this. What waits for such things, and how
# often beat wakes whom, keeps its proportion to it; a few seconds make the hasty installation of tests/faults.
LEASE_SECONDS = environment.number("LEASE_SECONDS", default=300, least=5, most=3600)
LEASE = timedelta(seconds=LEASE_SECONDS)
HASTE = min(1.0, LEASE_SECONDS / 300)

BROKER_URL = environment.url(
    "BROKER_URL", schemes=frozenset({"redis", "rediss", "redis+socket", "amqp", "amqps", "memory"})
)
EMBEDDED_BROKER = not BROKER_URL
BEAT_FILE = STATE_DIR / "beat" / "schedule"
BEAT_PULSE = STATE_DIR / "beat" / "alive"  # touched whenever beat sends something
VISIBILITY_TIMEOUT = 300  # twice the hard time limit: a task that ran longer would be delivered twice
CELERY_BROKER_URL = BROKER_URL or f"redis+socket://{socket_file(STATE_DIR)}"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_VISIBILITY_TIMEOUT = VISIBILITY_TIMEOUT
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {}
    if CELERY_BROKER_URL.startswith(("amqp", "memory"))
    else {
        "visibility_timeout": VISIBILITY_TIMEOUT,
        # Without these two, what a killed worker held is looked for only every hundred seconds or so.
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    }
)
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 120
CELERY_TASK_TIME_LIMIT = 150
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10
CELERY_WORKER_MAX_TASKS_PER_CHILD = 200
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1_500_000  # KiB
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "UTC"
CELERY_TASK_DEFAULT_QUEUE = "collect"
CELERY_TASK_ROUTES = {
    "tracker.tasks.collect_*": {"queue": "collect"},
    "tracker.tasks.ingest_*": {"queue": "compute"},
    "tracker.tasks.recompute_*": {"queue": "compute"},
    "tracker.tasks.mail_*": {"queue": "mail"},
    "tracker.tasks.evaluate_*": {"queue": "evaluations"},
}
CELERY_BEAT_SCHEDULE_FILENAME = str(BEAT_FILE)
CELERY_BEAT_SCHEDULER = "landscape.beat.Scheduler"
CELERY_BEAT_SCHEDULE = {
    # A wake-up that nobody took before the next one is due says nothing new: it expires.
    name: {"task": f"tracker.tasks.{name}", "schedule": seconds, "options": {"expires": seconds}}
    for name, often in {
        "collect_due": 60.0,
        "ingest_due": 30.0,
        "recompute_due": 30.0,
        "ingest_findings": 300.0,
        "collect_alarms": 300.0,
        "mail_issue": 120.0,
        "mail_due": 60.0,
        "mail_confirmations": 30.0,
        "mail_forget": 3600.0,
        # Without such a worker its messages would never be taken from the queue.
        **({"evaluate_due": 30.0} if EVALUATIONS else {}),
    }.items()
    for seconds in (max(1.0, often * HASTE),)
}

# Logs

LOG_LEVEL = environment.choice(
    "LOG_LEVEL", default="INFO", choices=frozenset({"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"})
)
# For a person at a terminal, or one JSON object a line for whoever gathers the logs of many machines.
LOG_FORMAT = environment.choice("LOG_FORMAT", default="LINE", choices=frozenset({"LINE", "JSON"})).lower()
LOGGING = configuration(LOG_FORMAT, LOG_LEVEL)
logging.captureWarnings(LOG_FORMAT == "json")  # they would be the only lines that are not
# What every process counts for /metrics.
COUNTS_FOLDER = STATE_DIR / "counts"
# Where traces are told over OTLP/HTTP, as http://collector:4318; blank: they are not made.
OTEL_EXPORTER_OTLP_ENDPOINT = environment.url("OTEL_EXPORTER_OTLP_ENDPOINT", schemes=frozenset({"http", "https"}))
if OTEL_EXPORTER_OTLP_ENDPOINT and find_spec("opentelemetry") is None:
    raise ImproperlyConfigured("OTEL_EXPORTER_OTLP_ENDPOINT is given and requirements-otel.txt is not installed")
