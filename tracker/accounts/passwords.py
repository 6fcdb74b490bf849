"""What a password here may not be made of: the words that anybody would try first at this very site."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

WORDS = ("ailandscape", "landscape", "tracker", "curator", "openweights", "frontier", "password", "administrator")
# What is left of a password without such a word must still be hard to guess.
LEFT = 8


class NotOfThisSite:
    """Refuses what is one of the site's words, or the name of its host, with a few signs around it."""

    def validate(self, password: str, user: Any = None) -> None:
        bare = "".join(letter for letter in password.casefold() if letter.isalnum())
        hosts = [part for host in settings.ALLOWED_HOSTS for part in host.casefold().split(".") if len(part) > 3]
        for word in (*WORDS, *hosts):
            if word in bare and len(bare.replace(word, "")) < LEFT:
                raise ValidationError(self.get_help_text(), code="password_of_this_site")

    def get_help_text(self) -> str:
        return "Your password can’t be mostly the name of this site or of its host."
