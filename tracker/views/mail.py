"""Where a mail server of one's own hands in the reports that came back on letters."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tracker.digest import bounces, reports


def _refused(status: int, why: str) -> JsonResponse:
    return JsonResponse({"error": why}, status=status)


@csrf_exempt
@require_POST
def hand_in(request: HttpRequest) -> HttpResponse:
    """One mail as the body, as message/rfc822, with the secret as bearer. Any other mail, such as a reader's answer
    that went astray, is taken and changes nothing, so that a server does not send it again and again."""
    if not settings.MAIL_REPORT_SECRET:
        raise Http404("No secret is set, so no reports are taken")
    shown = request.headers.get("Authorization", "")
    if not constant_time_compare(shown.encode(errors="replace"), f"Bearer {settings.MAIL_REPORT_SECRET}".encode()):
        refused = _refused(401, "The secret is missing or wrong")
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    if request.content_type != "message/rfc822":
        return _refused(415, "A report is handed in as message/rfc822")
    body = request.read(reports.LARGEST + 1)
    if len(body) > reports.LARGEST:
        return _refused(413, f"A report has at most {reports.LARGEST} bytes")
    try:
        told = reports.told(body, now=timezone.now())
    except reports.NotAReportError as error:
        return _refused(422, f"This cannot be read: {error}")
    new = sum(bounces.record(one) for one in told)
    return JsonResponse({"reports": len(told), "new": new})
