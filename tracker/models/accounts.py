"""What the people of the desk prove themselves with besides a password, and what happened to their accounts."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class Passkey(models.Model):
    """A key pair whose private half never leaves its owner's device."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60, help_text="What its owner calls it.")
    credential = models.BinaryField(max_length=2048, help_text="Number and public key, as the device attested them.")
    handle = models.CharField(max_length=64, help_text="SHA-256 of the credential's number.")
    sign_count = models.BigIntegerField(default=0, help_text="As the device last told; a smaller one is a copied key.")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=("handle",), name="one_owner_per_passkey")]

    def __str__(self) -> str:
        return self.name


class CodeGenerator(models.Model):
    """The secret that an app makes six digits of every thirty seconds (RFC 6238)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="code_generator")
    sealed = models.TextField(help_text="The secret, encrypted under the site's key.")
    last_step = models.BigIntegerField(help_text="The half minute of the last code taken: none is taken twice.")
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return "an app's codes"


class RecoveryCode(models.Model):
    """One of ten words for the day on which the device is lost. Only its hash is kept, and it works once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=("user", "digest"), name="recovery_codes_differ"),
            models.CheckConstraint(
                name="recovery_code_used_after_made", condition=Q(used_at=None) | Q(used_at__gte=F("made_at"))
            ),
        ]

    def __str__(self) -> str:
        return "a recovery code" if self.used_at is None else "a used recovery code"


class AccountEvent(models.Model):
    """What happened to an account, when. The database refuses to change or delete a row, whoever asks.

    The user is a number and a name without a reference: what an account did outlives it.
    """

    class Kind(models.TextChoices):
        LOGGED_IN = "logged-in", "logged in"
        LOGGED_OUT = "logged-out", "logged out"
        REFUSED = "refused", "password refused"
        FACTOR_REFUSED = "factor-refused", "second factor refused"
        LOCKED = "locked", "locked for a while"
        UNLOCKED = "unlocked", "failed tries forgiven"
        PROVED = "proved", "second factor shown again"
        FACTOR_ADDED = "factor-added", "second factor added"
        FACTOR_REMOVED = "factor-removed", "second factor removed"
        CODES_MADE = "codes-made", "recovery codes made"
        CODE_USED = "code-used", "recovery code used"
        PASSWORD = "password-changed", "password changed"
        RESET = "reset", "second factors reset"
        COPIED = "copied-key", "a passkey looks copied"

    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    user_number = models.BigIntegerField(null=True, blank=True, help_text="Blank: no account has the name typed in.")
    user_name = models.CharField(max_length=150, blank=True, default="")
    client = models.CharField(
        max_length=16, blank=True, default="", help_text="A keyed hash of the internet address: equal or not, no more."
    )
    words = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("-at", "-pk")
        indexes = [models.Index(fields=("-at", "-id"), name="account_event_by_time")]

    def __str__(self) -> str:
        return f"{self.user_name or 'unknown name'}: {self.get_kind_display()}"
