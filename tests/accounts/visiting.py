"""What a visitor does on the way to the desk: types a password, reads a code off an app, looks whether it is in."""

import html
import json
import re

from django.utils import timezone

from tracker.accounts import codes, sealing
from tracker.models import AccountEvent

PASSWORD = "a long enough secret"
SITE = {"secure": True}


def log_in(visitor, password=PASSWORD, name="ann", **told):
    return visitor.post("/admin/login/", {"username": name, "password": password, **told}, **SITE)


def options(answer):
    found = re.search(r'data-options="([^"]+)"', answer.content.decode())
    return json.loads(html.unescape(found[1]))


def secret_of(visitor):
    return sealing.open_seal(visitor.session["account-new-secret"])


def now_code(secret, later=0):
    return codes.code(secret, codes.step_of(timezone.now()) + later)


def enrol_app(visitor):
    log_in(visitor)
    visitor.get("/admin/second-factor/enrol/", **SITE)
    secret = secret_of(visitor)
    return secret, visitor.post("/admin/second-factor/enrol/", {"code": now_code(secret)}, **SITE)


def shown_codes(answer):
    return re.findall(r"<li><code>([-\w]+)</code>", answer.content.decode())


def kinds():
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def opens(visitor):
    return visitor.get("/admin/", **SITE).status_code == 200
