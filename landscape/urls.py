"""The root of the URL tree: the curator's desk, and everything else in the tracker's own table."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", include("tracker.accounts.urls")),
    path("admin/", admin.site.urls),
    path("", include("tracker.urls")),
]
# Where a page could not be made.
handler500 = "tracker.broken.broken"
