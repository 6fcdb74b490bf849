"""Who asks: the network address behind a request, told by nobody but the proxies that the operator named."""

from functools import lru_cache
from typing import Any

from django.conf import settings

from tracker.digest.limits import network

known = lru_cache(maxsize=4096)(network)
LOCAL = frozenset({"127.0.0.1", "::1", "::", ""})  # "::" is the /64 that ::1 lies in; blank: a socket of this machine


def client_of(meta: dict[str, Any]) -> str:
    """The address that the outermost of our own proxies saw: what stands further left anybody can write."""
    proxies = settings.PROXIES
    if proxies:
        told = meta.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if len(told) >= proxies and (address := told[-proxies].strip()):
            return known(address)
    return known(meta.get("REMOTE_ADDR", ""))


def is_local(meta: dict[str, Any]) -> bool:
    """Whether a program of this very machine asks for itself: no proxy has handed the request on."""
    return "HTTP_X_FORWARDED_FOR" not in meta and (meta.get("REMOTE_ADDR") or "") in LOCAL
