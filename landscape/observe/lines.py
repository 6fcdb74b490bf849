"""How a line of the log is written: for a person, or as JSON for a machine; in both without anybody's address."""

import json
import logging
import re
from datetime import UTC, datetime

from landscape.observe.context import ids

# Mail servers repeat the address that they refuse, and a link in a letter is a key to somebody's subscription.
MAIL = re.compile(r"[^\s<>()\[\],;:\"=\\/…]+@[\w-]+(?:\.[\w-]+)*")
LINK = re.compile(r"(/(?:unsubscribe|preferences|subscribe/confirm|admin/(?:login|reset))/)[^\s\"'<>?]+")
SECRET = re.compile(
    r"(?i)\b((?:[\w-]*[-_])?(?:token|key|secret|passw(?:or)?d|signature|sig|code|session(?:id)?)(?:%3D|=))[^\s&\"'<>,;)]+"
)
LOGIN = re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://)[^\s/@\"'<>]+@")
CLIENT = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?=[0-9a-f:]*::)[0-9a-f:]{3,39})(?![\w.])",
    re.IGNORECASE,
)
# These speak of publishers' hosts and our own servers, never of a reader: an address is what is wrong there.
OF_HOSTS = ("tracker.pipeline", "tracker.fetch", "tracker.addresses", "tracker.tasks", "celery", "kombu", "landscape")
# What every record has; anything else was given with `extra`.
PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "about"}
# What of `extra` may be told: numbers and names that we chose. Django hands over whole requests.
TOLD = frozenset("snapshot endpoint index_run evaluation letter issue source status_code outcome".split())


def blanked(text: str, *, logger: str) -> str:
    """The text without mail addresses, links of readers, secrets and, of most loggers, clients' addresses."""
    text = LOGIN.sub(r"\1…@", text)
    text = MAIL.sub("<mail address>", text)
    text = LINK.sub(r"\1…", text)
    text = SECRET.sub(r"\1…", text)
    return text if logger.startswith(OF_HOSTS) else CLIENT.sub("<address>", text)


class WithIds(logging.Filter):
    """Gives every record the ids of what is being done while it is made, whichever thread writes it later."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "about"):
            # What Django says of an answer it says when the request is over, and hands the request over with it.
            ident = getattr(getattr(record, "request", None), "ident", None)
            record.about = dict(ids()) or ({"run": ident, "request": ident} if ident else {})
        return True


class PersonLine(logging.Formatter):
    """One line for a person at a terminal, the traceback under it."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        told = super().format(record)
        run = getattr(record, "about", {}).get("run", "")
        head, new_line, rest = told.partition("\n")
        return blanked(f"{head}{f' [{run[:8]}]' if run else ''}{new_line}{rest}", logger=record.name)


class JsonLine(logging.Formatter):
    """One JSON object a line, whatever happened: the traceback is a field."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": blanked(record.getMessage(), logger=record.name),
            "process": record.process,
        }
        told |= getattr(record, "about", {})
        told |= {name: value for name, value in vars(record).items() if name in TOLD and name not in PLAIN}
        if record.exc_info:
            told["exception"] = record.exc_info[0].__name__ if record.exc_info[0] else ""
            told["traceback"] = blanked(self.formatException(record.exc_info), logger=record.name)
        elif record.exc_text:
            told["traceback"] = blanked(record.exc_text, logger=record.name)
        if record.stack_info:
            told["stack"] = blanked(record.stack_info, logger=record.name)
        return json.dumps(told, ensure_ascii=False, default=str)


def configuration(form: str, level: str) -> dict[str, object]:
    """What logging.config takes: one handler for everything, in the form `line` or `json`."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"ids": {"()": "landscape.observe.lines.WithIds"}},
        "formatters": {
            "line": {"()": "landscape.observe.lines.PersonLine"},
            "json": {"()": "landscape.observe.lines.JsonLine"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": form, "filters": ["ids"]}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"level": level, "propagate": True, "handlers": []},
            "httpx": {"level": "WARNING"},
            "fido2": {"level": "WARNING"},  # would tell the numbers of passkeys
            "httpcore": {"level": "WARNING"},
            # Wake-ups that find nothing to do would fill the logs.
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            # The exporter says at every try that nobody takes the traces.
            "opentelemetry": {"level": "WARNING"},
        },
    }


def for_granian(form: str, level: str) -> dict[str, object]:
    """The same for the web server's own lines, which it would write in a form of its own. It keeps no access log:
    addresses of readers would stand in it."""
    own = configuration(form, level)
    return {
        **{name: own[name] for name in ("version", "disable_existing_loggers", "filters", "formatters", "handlers")},
        "loggers": {
            "_granian": {"handlers": ["console"], "level": level, "propagate": False},
            "granian.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }
