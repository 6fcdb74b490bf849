from django.http import HttpRequest, HttpResponse


def gap(request: HttpRequest, suffix: str = "") -> HttpResponse:
    return HttpResponse("")
