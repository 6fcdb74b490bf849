"""The Atom feeds: ids stay for ever, and `updated` moves only when an entry's words do."""

from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from tracker.queries.news_feeds import FEEDS
from tracker.views.state import tagged

# The year in which the tags were first given out (RFC 4151).
SINCE = 2026


@require_safe
@tagged
def feed(request: HttpRequest, name: str) -> HttpResponse:
    """One feed of `queries.news_feeds.FEEDS`."""
    if name not in FEEDS:
        raise Http404(f"No feed is named {name}")
    one, host = FEEDS[name], request.get_host().partition(":")[0]
    entries = one.entries()
    newest = max((entry.updated for entry in entries), default=datetime(SINCE, 1, 1, tzinfo=UTC))
    written = DatedFeed(
        title=f"AI Landscape: {one.title}",
        subtitle=one.about,
        link=request.build_absolute_uri("/data/"),
        feed_url=request.build_absolute_uri(request.path),
        feed_guid=f"tag:{host},{SINCE}:feed/{name}",
        language="en",
        author_name="AI Landscape",
        description="",
    )
    written.newest = newest
    for entry in entries:
        written.add_item(
            title=entry.title,
            link=request.build_absolute_uri(entry.path),
            description=entry.text,
            unique_id=f"tag:{host},{SINCE}:{entry.name}",
            updateddate=entry.updated,
            pubdate=entry.updated,
        )
    response = HttpResponse(written.writeString("utf-8"), content_type=Atom1Feed.content_type)
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


class DatedFeed(Atom1Feed):
    """Django's feed, but an empty one is as old as the feed is: not as new as the request."""

    newest: datetime

    def latest_post_date(self) -> datetime:
        return self.newest
