"""Headers that every page and file carries, and the answer to "has it changed?" that costs one query."""

import gzip
import hashlib
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

# One static policy for every page, without nonces and without unsafe-*: pages stay cacheable and 304 works.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)
# A frame's content, which any page may show; nothing else of the site may be framed.
FRAMED = "/embed/"
FRAME_POLICY = POLICY.replace("frame-ancestors 'none'", "frame-ancestors *")
DENIED = "accelerometer camera display-capture geolocation gyroscope magnetometer microphone midi payment usb"
PERMISSIONS = ", ".join(f"{feature}=()" for feature in DENIED.split())
# What any site may read is data: there it says who published it, under which licence, and how to credit it.
CREDITS = '</data/datapackage.json>; rel="describedby"; type="application/json", </data/>; rel="license"'
# The embedded database that was killed, or whose machine started it again, is back sooner.
AGAIN = "10"  # seconds
COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml", "application/xml")


class PageHeaders:
    """Adds the policy, an ETag and, to files, the way to the credits; compresses, and answers 304 where the reader has
    the same bytes already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        framed = request.path.startswith(FRAMED)
        response.setdefault("Content-Security-Policy", FRAME_POLICY if framed else POLICY)
        response.setdefault("Permissions-Policy", PERMISSIONS)
        response.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.setdefault("Cross-Origin-Resource-Policy", "cross-origin" if framed else "same-origin")
        if response.status_code == 503:
            response.setdefault("Retry-After", AGAIN)
        response.setdefault("Server", "")  # the web server would write its name there
        if framed:
            del response["X-Frame-Options"]
        if response.status_code == 200 and response.get("Access-Control-Allow-Origin") == "*":
            response["Link"] = ", ".join([response["Link"], CREDITS] if "Link" in response else [CREDITS])
        if response.streaming or request.method not in ("GET", "HEAD") or response.status_code != 200:
            return response
        if "ETag" not in response:
            response["ETag"] = tag_of(response)
        if request.headers.get("If-None-Match") and matches(request.headers["If-None-Match"], response["ETag"]):
            return not_modified(response)
        return compressed(request, response)


def tag_of(response: HttpResponse) -> str:
    """The tag of a body's own bytes."""
    return f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'


def matches(wanted: str, etag: str) -> bool:
    """Whether an If-None-Match header names the tag; weak comparison, as RFC 9110 asks for GET."""
    tags = [tag.strip().removeprefix("W/") for tag in wanted.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def not_modified(response: HttpResponse) -> HttpResponse:
    """304 with the headers of the page that the reader has already, those about its body left out."""
    answer = HttpResponseNotModified()
    for name, value in response.items():
        if not name.lower().startswith("content-") or name == "Content-Security-Policy":
            answer[name] = value
    answer.cookies = response.cookies
    return answer


def compressed(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The response gzipped where the reader takes it and it pays."""
    kind = response.get("Content-Type", "")
    if len(response.content) < 500 or response.has_header("Content-Encoding") or not kind.startswith(COMPRESSIBLE):
        return response
    patch_vary_headers(response, ("Accept-Encoding",))
    if "gzip" not in request.headers.get("Accept-Encoding", ""):
        return response
    response.content = gzip.compress(response.content, 6, mtime=0)
    response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    response["ETag"] = f"W/{response['ETag'].removeprefix('W/')}"
    return response
