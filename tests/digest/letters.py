"""An issue as tests of letters have it: invented, of every kind, with words that try to be markup."""

from html.parser import HTMLParser

from tracker.domain.notable import Content, Item, Picture, Topic

WEEK = "2026-W47"
HOSTILE = 'Acme <b>Labs</b> & "Co" </mj-text><script>alert(1)</script> {{ x }} ]]> it\'s'
NOTE = "Four benchmarks have GPT-6 so far.\n\nExpect <i>the interval</i> to narrow."


def item(number: int, topic: Topic, title: str, text: str, *, labs: tuple[str, ...] = (), flips: bool = False) -> Item:
    url = f"/claims/one-{number}/?as_of=2026-11-22"
    return Item(f"{topic}:{number}", topic, title, text, url, 10 - number / 2, labs, flips)


ITEMS = (
    item(0, Topic.GAP, "Open models trail by 7.4 months, 0.6 more than a week ago", "The interval is 5.9 to 9.1."),
    item(1, Topic.CLAIMS, "A claim on three months is contradicted", "It turns on which models count.", flips=True),
    item(2, Topic.MODELS, "GPT-6 leads the closed side at 158.3 points", "API only.", labs=("openai",)),
    item(3, Topic.MODELS, "Qwen 4 leads the open side at 147.1 points", "Apache-2.0.", labs=("alibaba",)),
    item(4, Topic.LICENCES, f"{HOSTILE} changed section 2.1", f"It says {HOSTILE} now.", labs=("acme",)),
    item(5, Topic.GAP, "The gap in points is 11.2", "A week ago it was 9.8."),
    item(6, Topic.AHEAD, "Llama 5 is promised for December", "Meta said so on 3 October."),
)
PICTURES = (
    Picture("lag", "The lag, day by day", "On 22 November 2026 it was 7.4 months.", "/charts/lag/?as_of=2026-11-22"),
    Picture("price-capability", "What capability costs", "GPT-5's level costs $0.41.", "/charts/price-capability/"),
)


def content(
    items: tuple[Item, ...] = ITEMS, pictures: tuple[Picture, ...] = PICTURES, *, quiet: bool = False
) -> Content:
    subject = items[0].title if items else "Nothing to report this week"
    return Content(WEEK, "2026-11-22", subject, "A claim flipped.", items, pictures, quiet)


class Document(HTMLParser):
    """Tags with their attributes in their order, the words that a reader sees, and what stands in <style>."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.styles: list[str] = []
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        (self.styles if self._in == "style" else self.words).append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.tags if name == tag]

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def links(self) -> list[str]:
        return [attrs["href"] for attrs in self.all("a")]
