"""Mail addresses: which are kept, in what form, and how they are shown."""

import pytest

from tracker.digest.addresses import BadAddressError, masked, normalised


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" ann@example.org ", "ann@example.org"),
        ("Ann@EXAMPLE.org", "Ann@example.org"),
        ("ann+news@sub.example.org", "ann+news@sub.example.org"),
        ("ann@bücher.example", "ann@xn--bcher-kva.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ("ann@例え.テスト", "ann@xn--r8jz45g.xn--zckzah"),
        ("ann@XN--BCHER-KVA.example", "ann@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_kept_as_mail_servers_know_it(typed, kept):
    assert normalised(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "", "ann", "@example.org", "ann@", "ann@localhost", "ann@[192.0.2.1]", "ann@example..org", "ann@-example.org",
        "ann@example.org\nBcc: bob@example.org", "ann@example.org\r\n\r\nHello", "ann\r\n@example.org",
        "ann\0@example.org", '"ann bob"@example.org', '"\x01"@example.org', "ann@example.org, bob@example.org",
        "Ann <ann@example.org>", "ann bob@example.org", "ann@exa mple.org", "änn@example.org", "ann@exam\u2028ple.org",
        "a" * 250 + "@example.org", "ann@" + "a." * 200 + "org", "ann@" + "ü" * 300, "ann\u200b@example.org",
        "ann@example\u3002\u3002org", "ann@xn--a.example",
    ],
)  # fmt: skip
def test_what_no_letter_can_be_sent_to_is_refused(typed):
    with pytest.raises(BadAddressError):
        normalised(typed)


def test_a_masked_address_shows_one_letter_and_the_domain():
    assert masked("ann@example.org") == "a***@example.org"
