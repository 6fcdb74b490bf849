"""How an environment variable is read: typed, and refused by name when it makes no sense."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.exceptions import ImproperlyConfigured

YES = frozenset({"1", "true", "yes", "on"})
NO = frozenset({"0", "false", "no", "off"})

# The ways to a mail server, and the port that each has by custom.
MAIL_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}

# The modules of anymail.backends whose sending and webhooks need no further package.
MAIL_PROVIDERS = frozenset("BREVO MAILERSEND MAILGUN MAILJET MAILTRAP MANDRILL POSTMARK SPARKPOST".split())


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in: `starttls` turns to encryption once connected, `tls` begins with it."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool


class Environment:
    """Typed readings of a mapping; a blank value counts as not given."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables

    def text(self, name: str, default: str = "") -> str:
        return self._variables.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in YES | NO:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be 1 or 0")
        return value in YES

    def number(self, name: str, *, default: int, least: int, most: int) -> int:
        value = self.text(name, str(default))
        if not value.isascii() or not value.isdigit() or not least <= int(value) <= most:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be a whole number from {least} to {most}")
        return int(value)

    def choice(self, name: str, *, default: str, choices: frozenset[str]) -> str:
        value = self.text(name, default).upper()
        if value not in choices:
            raise ImproperlyConfigured(f"{name} is {value!r}; it must be one of {', '.join(sorted(choices))}")
        return value

    def zone(self, name: str, *, default: str) -> ZoneInfo:
        value = self.text(name, default)
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
            raise ImproperlyConfigured(f"{name} is {value!r}, which is no time zone like Europe/Berlin") from error

    def beginning(self, prefix: str) -> dict[str, str]:
        """What is given under every name that begins so."""
        return {name: value for name in self._variables if name.startswith(prefix) and (value := self.text(name))}

    def items(self, name: str, *, default: str) -> list[str]:
        return [item for part in self.text(name, default).split(",") if (item := part.strip())]

    def url(self, name: str, *, schemes: frozenset[str]) -> str:
        """The URL, or nothing when it is not given. Its secrets are not repeated in the message."""
        value = self.text(name)
        if not value:
            return ""
        try:
            parts = urlsplit(value)
            _ = parts.port  # raises for a port that is no number
        except ValueError as error:
            raise ImproperlyConfigured(f"{name} is not a URL: {error}") from error
        somewhere = parts.netloc or parts.path.strip("/") or parts.scheme == "memory"
        if parts.scheme not in schemes or not somewhere:
            raise ImproperlyConfigured(f"{name} must be a URL that begins with one of {', '.join(sorted(schemes))}")
        return value

    def mail_server(self, name: str) -> MailServer | None:
        """The server that a URL like smtp+starttls://user:password@host names; None when it is not given."""
        value = self.url(name, schemes=frozenset(MAIL_PORTS))
        if not value:
            return None
        parts = urlsplit(value)
        if not parts.hostname or parts.path.strip("/") or parts.query:
            raise ImproperlyConfigured(f"{name} must be SCHEME://USER:PASSWORD@HOST:PORT and nothing more")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise ImproperlyConfigured(f"{name} must hold both user and password, percent-encoded, or neither")
        port = parts.port or MAIL_PORTS[parts.scheme]
        return MailServer(
            parts.hostname, port, user, password, parts.scheme == "smtp+starttls", parts.scheme == "smtps"
        )

    def addresses(self, name: str, *, default: str = "", most: int | None = None) -> list[str]:
        """E-mail addresses that can stand in a letter's head as they are."""
        found = self.items(name, default=default)
        for address in found:
            local, at, host = address.rpartition("@")
            plain = address.isascii() and address.isprintable() and not set(address) & set(' <>"()[];:\\')
            if not (at and local and host and plain) or "@" in local:
                raise ImproperlyConfigured(f"{name} holds {address!r}, which is no e-mail address")
        if most is not None and len(found) > most:
            raise ImproperlyConfigured(f"{name} holds {len(found)} addresses; it takes {most}")
        return found


def state_folder(environment: Environment, *, uid: int, home: Path) -> Path:
    """Where everything is kept that this machine writes."""
    if given := environment.text("STATE_DIR"):
        return Path(given).expanduser().absolute()
    if uid == 0:
        # Not under the home: PostgreSQL refuses to run as root, and its own account cannot enter a home of mode 0700.
        return Path("/var/lib/ai-landscape")
    base = Path(environment.text("XDG_STATE_HOME"))
    if base.is_absolute():  # the XDG specification says that a relative path is to be ignored
        return base / "ai-landscape"
    return home / ".local" / "state" / "ai-landscape"


def make_folder(folder: Path) -> Path:
    """The state folder, made when missing and known to be ours to write in."""
    try:
        # Root's database runs as another account, which must come through.
        folder.mkdir(mode=0o755 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(f"STATE_DIR is {folder}, which cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(f"STATE_DIR is {folder}, which this user cannot write in")
    return folder


def kept_secret(file: Path) -> str:
    """The signing key of this installation, made once; two processes starting together get the same one."""
    if not file.exists():
        draft = file.with_name(f"{file.name}.{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=False)
        draft.write_text(secrets.token_urlsafe(64))
        try:
            os.link(draft, file)  # unlike a rename, a link never replaces the key another process has just made
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    key = file.read_text().strip()
    if len(key) < 50:
        raise ImproperlyConfigured(f"SECRET_KEY kept in {file} is too short: delete the file to have a new one made")
    return key
