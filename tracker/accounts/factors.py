"""A person's second factors: which there are, adding, using and taking them away. Each proof works once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from tracker.accounts import codes, locks, passkeys, sealing, sessions, trail
from tracker.models import CodeGenerator, Passkey, RecoveryCode

LONGEST_TYPED = 64
MOST_PASSKEYS = 10
OPERATOR = "by a command of the operator"


@dataclass(frozen=True, slots=True)
class Factors:
    """What a person has to show."""

    passkeys: tuple[Passkey, ...]
    generator: CodeGenerator | None
    codes_left: int

    @property
    def enrolled(self) -> bool:
        """Recovery codes alone are none: they are for the day on which a factor is lost."""
        return bool(self.passkeys or self.generator)

    @property
    def credentials(self) -> list[bytes]:
        return [bytes(one.credential) for one in self.passkeys]


def factors(user: User) -> Factors:
    """What the account has enrolled, as the database has it now."""
    return Factors(
        tuple(Passkey.objects.filter(user=user)),
        CodeGenerator.objects.filter(user=user).first(),
        RecoveryCode.objects.filter(user=user, used_at=None).count(),
    )


def take_code(user: User, typed: str, *, now: datetime, client: str) -> bool:
    """Whether the code is the app's for now or an unused recovery code; either is used up by it."""
    typed = codes.bare(typed[:LONGEST_TYPED])
    if not typed.isascii():
        return False
    generator = CodeGenerator.objects.filter(user=user).first()
    if generator is not None and typed.isdecimal():
        step = codes.matching_step(sealing.open_seal(generator.sealed), typed, now=now)
        # Two who type the same code at once: the row lets one through.
        unused = CodeGenerator.objects.filter(pk=generator.pk, last_step__lt=step if step is not None else -1)
        return step is not None and unused.update(last_step=step, used_at=now) == 1
    unused_codes = RecoveryCode.objects.filter(user=user, digest=codes.digest(typed), used_at=None)
    if unused_codes.update(used_at=now) != 1:
        return False
    left = RecoveryCode.objects.filter(user=user, used_at=None).count()
    trail.record(trail.Kind.CODE_USED, user, now=now, client=client, words=f"{left} left")
    return True


def take_passkey(user: User, place: passkeys.Place, state: Any, answer: Any, *, now: datetime, client: str) -> bool:
    """Whether the answer was signed by a key of theirs that nobody has copied."""
    try:
        credential, counter = passkeys.read_proof(place, state, factors(user).credentials, answer)
    except passkeys.NotProvedError:
        return False
    key = Passkey.objects.filter(user=user, handle=passkeys.handle(credential))
    # A key that counts never counts back; one that does not count stays at nothing.
    used = key.filter(sign_count__lt=counter) if counter else key.filter(sign_count=0)
    if used.update(sign_count=counter, used_at=now) == 1:
        return True
    trail.record(trail.Kind.COPIED, user, now=now, client=client, words="its count went back")
    return False


def add_generator(user: User, secret: bytes, typed: str, *, now: datetime, client: str) -> bool:
    """Keep the app's secret once a code has shown that the app has it."""
    step = codes.matching_step(secret, codes.bare(typed[:LONGEST_TYPED]), now=now)
    if step is None:
        return False
    CodeGenerator.objects.update_or_create(
        user=user, defaults={"sealed": sealing.seal(secret), "last_step": step, "made_at": now, "used_at": now}
    )
    trail.record(trail.Kind.FACTOR_ADDED, user, now=now, client=client, words="an app's codes")
    return True


def add_passkey(
    user: User, place: passkeys.Place, state: Any, answer: Any, name: str, *, now: datetime, client: str
) -> bool:
    """Keep the key that a browser has made. False, with nothing kept: the answer proves nothing, some account has this
    key already, or this one has as many as it may."""
    try:
        credential, counter = passkeys.read_new(place, state, answer)
    except passkeys.NotProvedError:
        return False
    handle = passkeys.handle(credential)
    if Passkey.objects.filter(handle=handle).exists() or Passkey.objects.filter(user=user).count() >= MOST_PASSKEYS:
        return False
    name = name.strip()[:60] or "Passkey"
    Passkey.objects.create(
        user=user, name=name, credential=credential, handle=handle, sign_count=counter, made_at=now, used_at=now
    )
    trail.record(trail.Kind.FACTOR_ADDED, user, now=now, client=client, words=f"passkey {name}")
    return True


@transaction.atomic
def make_codes(user: User, *, now: datetime, client: str) -> list[str]:
    """Ten new recovery codes, shown this once; the old ones are void."""
    RecoveryCode.objects.filter(user=user).delete()
    made = codes.new_recovery_codes()
    RecoveryCode.objects.bulk_create(RecoveryCode(user=user, digest=codes.digest(one), made_at=now) for one in made)
    trail.record(trail.Kind.CODES_MADE, user, now=now, client=client)
    return [codes.spaced(one) for one in made]


@transaction.atomic
def remove(user: User, what: str, *, now: datetime, client: str) -> bool:
    """Take away "app" or the passkey of that number, never the last one."""
    User.objects.select_for_update().get(pk=user.pk)
    have = factors(user)
    if len(have.passkeys) + bool(have.generator) < 2:
        return False
    if what == "app" and have.generator:
        have.generator.delete()
        words = "an app's codes"
    elif passkey := next((one for one in have.passkeys if str(one.pk) == what), None):
        words = f"passkey {passkey.name}"
        passkey.delete()
    else:
        return False
    trail.record(trail.Kind.FACTOR_REMOVED, user, now=now, client=client, words=words)
    return True


@transaction.atomic
def reset(user: User, *, now: datetime) -> int:
    """Everything that proves the person but the password goes, and with it every session; returns how many ended."""
    Passkey.objects.filter(user=user).delete()
    CodeGenerator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    _forgive(user)
    ended = sessions.end(user)
    trail.record(trail.Kind.RESET, user, now=now, words=OPERATOR)
    return ended


def unlock(user: User, *, now: datetime) -> None:
    """The account may be tried again at once; who it is has still to be proved."""
    _forgive(user)
    trail.record(trail.Kind.UNLOCKED, user, now=now, words=OPERATOR)


def _forgive(user: User) -> None:
    locks.forgive(locks.PASSWORD, user.get_username())
    locks.forgive(locks.FACTOR, str(user.pk))
