"""The letter's two parts: what is in them, for whom, and that mail programs can show it."""

import colorsys
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.digest.letters import HOSTILE, ITEMS, NOTE, PICTURES, WEEK, Document, content, item
from tracker.digest import render
from tracker.digest.words import TOPICS, clipped, paragraphs, span, tidy
from tracker.domain.notable import Picture, Topic, Wishes

SITE = "https://landscape.example"
LINKS = render.Links(SITE, f"{SITE}/unsubscribe/abc/", f"{SITE}/preferences/abc/", f"{SITE}/digest/{WEEK}/")
CSS = Path(__file__).parents[2] / "static" / "css" / "site.css"
ELEMENTS = {"html", "head", "title", "meta", "style", "body", "div", "table", "tbody", "tr", "td", "a", "img", "p"} | {
    "h1", "h2", "h3", "strong"
}  # fmt: skip
# What Gmail, Outlook and Apple Mail all take from a style attribute, or leave out without harm.
PROPERTIES = set(
    """background background-color border border-bottom border-collapse border-left border-spacing border-top color
    direction display font-family font-size font-weight height line-height margin max-height max-width opacity
    outline overflow padding padding-top text-align text-decoration vertical-align width word-break word-spacing
    """.split()
)
# A style sheet longer than this is left out by Gmail.
LONGEST_SHEET = 8192


def rendered(wishes=render.EVERYTHING, note=NOTE, links=LINKS, **more):
    return render.issue(content(**more), note=note, wishes=wishes, links=links)


@pytest.fixture(scope="module")
def letter():
    return rendered()


@pytest.fixture(scope="module")
def page(letter):
    return Document(letter.html)


def permalinks(urls):
    return [url for url in urls if "/claims/one-" in url]


def urls_of(text):
    return re.findall(r"https?://\S+", text)


def test_the_same_arguments_give_the_same_bytes(letter):
    assert rendered() == letter


def test_both_parts_tell_the_same_items_in_the_same_order(letter, page):
    wanted = [f"{SITE}{one.url}" for one in ITEMS]
    assert permalinks(page.links) == permalinks(urls_of(letter.text)) == wanted


def test_the_text_has_every_link_of_the_html_and_the_html_every_link_of_the_text(letter, page):
    assert set(urls_of(letter.text)) == set(page.links)


def test_every_link_is_absolute_and_ours(page):
    assert all(url.startswith(f"{SITE}/") for url in page.links)


def test_both_parts_hold_all_that_the_issue_says(letter, page):
    text = " ".join(letter.text.split())
    for one in ITEMS:
        for words in (tidy(one.title), tidy(one.text), TOPICS[one.topic]):
            assert words in page.text
            assert words in text
    for picture in PICTURES:
        assert f"{picture.title} {picture.alt}" in text
        assert picture.title in page.text
    assert "Flipped: A claim on three months" in text
    assert "Flipped. It turns on which models count." in page.text


def test_a_turn_that_is_no_verdict_is_marked_as_one():
    found = rendered(items=(item(0, Topic.GAP, "One", "Two.", flips=True),))
    assert "* A turn: One\n" in found.text
    assert "A turn. Two." in Document(found.html).text


def test_no_line_ends_between_a_number_and_its_per_cent_sign():
    for length in range(40, 90):
        found = rendered(items=(item(0, Topic.GAP, "One", f"{'x' * length} 90 % of it."),))
        assert "90 %" in found.text
        assert "90\u00a0%" in found.html


def test_no_line_of_the_text_is_wider_than_78_columns_but_an_address(letter):
    wide = [line for line in letter.text.splitlines() if len(line) > 78 and urls_of(line) != [line.strip()]]
    assert wide == []
    assert not any(line != line.rstrip() for line in letter.text.splitlines())


def test_words_of_others_are_shown_and_never_obeyed(letter, page):
    assert HOSTILE in page.text
    assert page.all("script") == page.all("b") == page.all("i") == []
    assert "Expect <i>the interval</i> to narrow." in page.text


def test_the_editors_note_stands_before_the_items_paragraph_by_paragraph(letter, page):
    for text in (page.text, letter.text):
        assert text.index("From the editor") < text.index("Four benchmarks") < text.index("Expect <i>")
        assert text.index("Expect <i>") < text.index("The gap")
    assert "From the editor" not in rendered(note=" \n ").text


@pytest.mark.parametrize(
    ("wishes", "numbers"),
    [
        (Wishes(), range(7)),
        (Wishes(topics=frozenset({"licences"})), [4]),
        (Wishes(topics=frozenset({"gap", "ahead"})), [0, 5, 6]),
        (Wishes(labs=frozenset({"openai"})), [0, 1, 2, 5, 6]),
        (Wishes(topics=frozenset({"models"}), labs=frozenset({"alibaba"})), [3]),
        (Wishes(only_flips=True), range(7)),
    ],
)
def test_a_letter_holds_what_its_reader_asked_for_and_nothing_else(wishes, numbers):
    found = rendered(wishes)
    wanted = [f"{SITE}{ITEMS[number].url}" for number in numbers]
    assert permalinks(Document(found.html).links) == permalinks(urls_of(found.text)) == wanted
    unasked = [one.title for one in ITEMS if one not in [ITEMS[number] for number in numbers]]
    assert not any(tidy(title) in f"{found.subject} {found.preheader} {found.text}" for title in unasked)


def test_who_asked_for_one_topic_gets_its_pictures_only():
    gap, prices = (rendered(Wishes(topics=frozenset({name}))) for name in ("gap", "prices"))
    assert ["lag.png" in gap.html, "price-capability.png" in gap.html] == [True, False]
    # No item is about prices this week, and pictures alone are no news.
    assert "img" not in prices.html.split("<body")[1]
    assert "Nothing of what you asked for changed this week." in prices.text


def test_the_foot_says_why_and_how_to_leave_and_what_was_asked_for(settings):
    settings.POSTAL_ADDRESS = "1 Example Street\nSampleton"
    found = rendered(Wishes(topics=frozenset({"gap", "claims"}), labs=frozenset({"openai"}), only_flips=True))
    for text in (Document(found.html).text, " ".join(found.text.split())):
        assert "You get this letter because you subscribed" in text
        assert "these topics: The gap, Claims." in text
        assert "you asked for 1: openai." in text
        assert "only when something flips" in text
        assert "AI Landscape, 1 Example Street Sampleton" in text
        assert "Epoch AI (CC BY 4.0)" in text
    assert {LINKS.leave, LINKS.preferences, LINKS.archive} <= set(Document(found.html).links)


def test_what_everybody_may_read_has_nobodys_links(settings):
    settings.SITE_URL = SITE
    found = render.issue(content(), note="", links=render.public(WEEK))
    for text in (found.html, found.text):
        assert "unsubscribe" not in text.lower()
        assert "preferences" not in text.lower()
        assert f"{SITE}/subscribe/" in text


def test_a_letter_for_many_becomes_one_readers_by_its_links_alone(settings):
    settings.SITE_URL = SITE
    many = render.issue(content(), note=NOTE, links=render.for_anybody(WEEK))
    leave = "https://landscape.example/unsubscribe/a:b/?x=1&y=2"
    mine = many.addressed(leave=leave, preferences=LINKS.preferences)
    assert mine == render.issue(content(), note=NOTE, links=replace(LINKS, leave=leave))
    assert leave in Document(mine.html).links
    assert "invalid" not in mine.html + mine.text


def test_a_quiet_week_says_so_at_once_and_is_short():
    found = rendered(items=ITEMS[:1], pictures=(), quiet=True, note="")
    for text in (Document(found.html).text, found.text):
        shown = text[text.index("What changed in") if "What changed in" in text else 0 :]
        assert shown.index("A quiet week") < shown.index(ITEMS[0].title)
    assert len(found.text.splitlines()) < 40


def test_an_issue_of_nothing_at_all_is_a_letter_too():
    found = rendered(items=(), pictures=(), quiet=True, note="")
    assert found.subject == "Nothing to report this week"
    assert "A quiet week" in found.text


def test_who_wants_text_only_gets_no_html():
    found = render.issue(content(), note="", links=LINKS, text_only=True)
    assert (found.html, found.text) == ("", rendered(note="").text)


def test_a_subject_is_one_line_whatever_its_title_holds():
    title = "One\r\nBcc: everybody@x.example\x00\u202eend"
    found = rendered(items=(item(0, Topic.GAP, title, "Two."),))
    assert found.subject == "One Bcc: everybody@x.example end"


# What mail programs need


@pytest.mark.parametrize("letters", ["x", "ß", "<", "語", "“a” "])
def test_an_html_part_stays_under_90_kilobytes_however_long_its_parts_are(letters):
    long = tuple(item(n, Topic.DATA, letters * 3000, letters * 30000) for n in range(40))
    pictures = tuple(replace(PICTURES[0], alt=letters * 9000, title=letters * 900) for _ in range(4))
    found = rendered(items=long, pictures=pictures, note=f"{letters * 40000}\n\n{letters * 9000}")
    assert 20_000 < len(found.html.encode()) <= 90_000
    assert "And 28 more" in found.text


def test_no_line_is_longer_than_servers_take(letter):
    assert max(len(line.encode()) for line in letter.html.splitlines()) < 998


def test_only_elements_and_styles_that_common_mail_programs_know(page):
    assert {tag for tag, _ in page.tags} <= ELEMENTS
    styles = [attrs["style"] for _, attrs in page.tags if "style" in attrs]
    used = {part.partition(":")[0].strip() for style in styles for part in style.split(";") if part.strip()}
    assert {name for name in used if not name.startswith("mso-")} <= PROPERTIES
    # Hidden, and of no height, is the preheader only.
    assert sum("display:none" in style for style in styles) == 1
    assert not any("url(" in style for style in (*styles, *page.styles))
    assert all(len(sheet) < LONGEST_SHEET for sheet in page.styles)


def test_nothing_runs_and_nothing_is_fetched_but_our_own_pictures(letter, page):
    assert [attrs["src"] for attrs in page.all("img")] == [
        f"{SITE}/digest/{WEEK}/{name}.png" for name in ("lag", "price-capability")
    ]
    assert not any(name.startswith("on") or name == "background" for _, attrs in page.tags for name in attrs)
    assert "@import" not in letter.html
    assert "@font-face" not in letter.html


def test_a_letter_reads_without_its_pictures(page):
    for attrs, picture in zip(page.all("img"), PICTURES, strict=True):
        assert attrs["alt"] == picture.alt
        assert re.search(r"\d", attrs["alt"])
    assert [(attrs["width"], attrs["height"]) for attrs in page.all("img")] == [("552", "400"), ("552", "460")]


def test_a_letter_is_for_screen_readers_too(page):
    assert page.all("html")[0]["lang"] == "en"
    assert all(attrs.get("role") == "presentation" for attrs in page.all("table"))
    order = [tag for tag, _ in page.tags if tag in ("h1", "h2", "h3")]
    assert order[:3] == ["h1", "h2", "h3"]
    assert order.count("h1") == 1


def test_the_preheader_comes_first_and_is_hidden(letter, page):
    body = letter.html.split("<body")[1]
    assert body.index(letter.preheader) < body.index("What changed in")
    assert "display:none" in body[: body.index(letter.preheader)]


def test_dark_mode_is_declared_and_covers_every_colour(letter):
    assert '<meta name="color-scheme" content="light dark"' in letter.html
    assert '<meta name="supported-color-schemes" content="light dark"' in letter.html
    dark = letter.html.split("@media (prefers-color-scheme: dark)")[1].split("</style>")[0]
    used = set(re.findall(r"#[0-9a-f]{6}\b", letter.html.split("<body")[1])) - {"#ffffff"}
    names = {value: name for name, value in render.tokens()["light"].items()}
    assert {names[colour] for colour in used} == {"page", "sunk", "ink", "muted", "axis", "line", "closed", "open"}
    for colour in used:
        assert render.tokens()["dark"][names[colour]] in dark


def test_the_colours_are_the_sites():
    parts = {"light": r":root \{(.*?)\}", "dark": r':root\[data-theme="dark"\] \{(.*?)\}'}
    for theme, pattern in parts.items():
        told = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", re.search(pattern, CSS.read_text(), re.S)[1]))
        assert render.tokens()[theme].items() <= told.items()


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def inverted(colour):
    """As a mail program does that makes a light letter dark by itself: hue and saturation stay, lightness turns."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    back = colorsys.hls_to_rgb(hue, 1 - lightness, saturation)
    return "#" + "".join(f"{round(255 * part):02x}" for part in back)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("turned", [False, True])
def test_words_stand_out_in_both_themes_and_under_forced_inversion(theme, turned):
    colours = {name: inverted(value) if turned else value for name, value in render.tokens()[theme].items()}
    pairs = [("ink", "paper"), ("ink", "sunk"), ("muted", "paper"), ("muted", "page")]
    assert min(contrast(colours[one], colours[two]) for one, two in pairs) >= 4.5


# Words


@pytest.mark.parametrize(
    ("week", "said"),
    [
        ("2026-W47", "16 to 22 November 2026"),
        ("2026-W49", "30 November to 6 December 2026"),
        ("2026-W53", "28 December 2026 to 3 January 2027"),
        ("2026-W01", "29 December 2025 to 4 January 2026"),
    ],
)
def test_a_week_is_told_by_its_days(week, said):
    assert span(week) == said


def test_text_is_cut_at_a_word_and_by_the_bytes_it_takes_in_html():
    assert clipped("one two three", 13) == "one two three"
    assert clipped("one two three", 12) == "one two …"
    assert clipped("<<<<", 12) == "<< …"
    assert len(clipped("語" * 100, 30).encode()) <= 30


def test_a_note_loses_its_end_and_not_its_paragraphs():
    assert paragraphs("One\nline\r\n\r\nTwo\n\n\n \nThree", 100) == ("One line", "Two", "Three")
    assert paragraphs("aaaa bbbb\n\ncccc", 9) == ("aaaa bbbb",)


def test_an_alternative_text_is_written_as_it_is():
    """MJML's reader would write a no-break space as an escape of Rust's, and a backslash twice."""
    alt = 'Open 8.4 months (90\u00a0% interval, "C:\\a" <b> & é)'
    picture = Picture("frontier", "The frontier", alt, "/charts/frontier/")
    (found,) = Document(rendered(pictures=(picture,)).html).all("img")
    assert found["alt"] == alt
