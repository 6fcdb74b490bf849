"""The folder that letters lie in where no mail server is configured."""

import os

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection

from tracker.digest import mailbox


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMAIL_BACKEND = mailbox.BACKEND
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    return tmp_path / "mail"


KEPT = []


def send(*subjects, age=0):
    """One connection, so one file."""
    connection = get_connection()
    # Django names the file for the second and the connection's place in memory, which another may not have again.
    KEPT.append(connection)
    connection.send_messages([_letter(subject) for subject in subjects])
    file = connection._fname
    os.utime(file, ns=(10**18 - age, 10**18 - age))


def _letter(subject):
    letter = EmailMultiAlternatives(subject, f"Text of {subject} é", "a@b.example", ["c@d.example"])
    letter.attach_alternative(f"<p>HTML of {subject} <script>alert(1)</script></p>", "text/html")
    return letter


def test_a_folder_that_nobody_wrote_to_holds_nothing(settings, folder):
    assert mailbox.newest() == []
    assert mailbox.opened("x.log", 0) is None


def test_the_newest_letters_come_first_within_a_file_and_among_files():
    send("one", "two", age=5)
    send("three", age=1)
    send("zero", age=9)
    assert [letter.subject for letter in mailbox.newest()] == ["three", "two", "one", "zero"]
    assert [letter.subject for letter in mailbox.newest(2)] == ["three", "two"]


def test_a_letter_is_found_again_where_it_begins():
    send("one", "two")
    for found in mailbox.newest():
        opened = mailbox.opened(found.file, found.offset)
        assert opened.envelope == found
        assert opened.text.strip() == f"Text of {found.subject} é"
        assert opened.html.startswith(f"<p>HTML of {found.subject}")
        assert ("To", "c@d.example") in opened.head
        assert found.sent_at is not None


def test_what_begins_in_the_middle_of_a_letter_is_none():
    send("one", "two")
    [two, _] = mailbox.newest()
    assert mailbox.opened(two.file, two.offset - 1) is None
    assert mailbox.opened(two.file, 1) is None
    assert mailbox.opened(two.file, 10**9) is None


def test_a_letter_that_is_being_written_is_left_out(folder):
    send("one", "two")
    [file] = folder.iterdir()
    file.write_bytes(file.read_bytes()[:-40])
    assert [letter.subject for letter in mailbox.newest()] == ["one"]


def test_of_a_large_file_only_the_end_is_looked_at(monkeypatch):
    send(*(f"letter {number}" for number in range(50)))
    monkeypatch.setattr(mailbox, "TAIL", 3000)
    found = mailbox.newest()
    assert found[0].subject == "letter 49"
    assert 2 <= len(found) < 50
    assert mailbox.opened(found[-1].file, found[-1].offset).envelope == found[-1]


@pytest.mark.parametrize("name", ["../secret.log", "/etc/passwd", "a/b.log", ".log", "x.txt", "..", "x.log\n"])
def test_no_name_leads_out_of_the_folder(folder, name):
    (folder.parent / "secret.log").write_bytes(b"Subject: secret\n\nx" + mailbox.END)
    assert mailbox.opened(name, 0) is None
