"""A page as a reader's programs take it apart: its tags, its links, its words, its tables."""

from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Page(HTMLParser):
    """What an HTML document holds. Tables are lists of rows, rows lists of the cells' words."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.raw = text
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.tables: list[list[list[str]]] = []
        self.words: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._by_id: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.tags.append((tag, named))
        if tag not in VOID:
            self._open.append((tag, named))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tags = [tag for tag, _ in self._open]
        if tags and tags[-1] in ("script", "style"):
            return
        self.words.append(data)
        if "table" in tags and ("td" in tags or "th" in tags):
            self.tables[-1][-1][-1] += data
        for _, attrs in self._open:
            if attrs.get("id"):
                self._by_id.setdefault(attrs["id"], []).append(data)

    def count(self, tag: str) -> int:
        return sum(found == tag for found, _ in self.tags)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for found, attrs in self.tags if found == tag]

    @property
    def links(self) -> list[str]:
        return [attrs["href"] for attrs in self.all("a") if "href" in attrs]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def within(self, ident: str) -> str:
        """The words inside the element of that id."""
        return " ".join("".join(self._by_id.get(ident, [])).split())

    def rows(self, *headings: str) -> list[list[str]]:
        """The body rows of the first table whose first columns are headed so."""
        for table in self.tables:
            if table and [cell.strip() for cell in table[0][: len(headings)]] == list(headings):
                return [[" ".join(cell.split()) for cell in row] for row in table[1:]]
        raise AssertionError(f"no table is headed {headings}")


def read(response: HttpResponse) -> Page:
    return Page(response.content.decode())
