"""Which part of a model's text is taken as its answer, and which answers count as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.evals.suites.extraction import extract, found, normalise, one_line, one_list, program, same

TEXTS = st.text(alphabet=st.sampled_from("ab1 .,:*_`#\n\\{}[]()<>/$'\"é𝔸") | st.characters(), max_size=80)
PIECES = st.lists(
    st.sampled_from(
        [
            "Answer:",
            "answer is",
            "<think>",
            "</think>",
            "```",
            "```python\n",
            "\n",
            "\\boxed{",
            "}",
            "{",
            "**",
            " ",
            "42",
            "def f():",
        ]
    )
    | TEXTS,
    max_size=12,
).map("".join)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Answer: 42", "42"),
        ("I add them up.\n\nAnswer: 42\n", "42"),
        ("Answer: 41\nNo, wrong.\nAnswer: 42", "42"),
        ("**Final Answer:** 42", "42"),
        ("**Answer: 42**", "42"),
        ("### Answer: `yes`", "yes"),
        ("ANSWER:\n\n42", "42"),
        ("So the final answer is 42", "42"),
        ("Answer: \\boxed{42}", "42"),
        ("so \\boxed{1} and then \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}"),
        ("<think>Answer: 1</think>Answer: 2", "2"),
        ("Answer: 1 hmm</think>\nAnswer: 2", "2"),
        ("<think>it never ends, Answer: 1", ""),
        ("Answer:\n```\n1 2\n3 4\n```", "1 2\n3 4"),
        ("Here it is:\n```text\n1 2\n3 4\n```\nas wished.", "1 2\n3 4"),
        ("42", "42"),
        ("  42  \n", "42"),
        ("", ""),
        ("Answer:", ""),
        ("Answer:\n  1 2\n3 4", "  1 2\n3 4"),
    ],
)
def test_the_answer_is_found_where_models_put_it(text, answer):
    assert extract(text) == answer


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Answer: 42\n\nThat is because 6 times 7 is 42.", "42"),
        ("Six times seven\nis\n42", "42"),
        ("Answer: **42**\nDone", "42"),
        ("", ""),
        ("Answer:", ""),
    ],
)
def test_an_answer_of_one_line_is_the_first_after_the_mark_or_the_last_of_all(text, line):
    answer, said = found(text)
    assert one_line(answer, said=said) == line


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Yes.", "yes"),
        ("1,234,567", "1234567"),
        ("-5.0", "−5"),
        ("0.50", "0.5"),
        ("x = 7", "7"),
        ("+7", "7"),
        ("\\boxed{12}", "12"),
        ("$\\frac{3}{4}$", "3/4"),
        ("\\(\\dfrac{3}{4}\\)", "3/4"),
        ("\\text{blue}", "Blue"),
        ("2 \\times 3", "2 × 3"),
        ("['1', '2']", '["1","2"]'),
        ("[1,  2]", "[1, 2]"),
        ("-2.0 - 15.0i", "-2 - 15i"),
        ("1 2  \n 3 4\n", "1 2\n3 4"),
        ("“fish”", "fish"),
    ],
)
def test_ways_of_writing_one_answer_are_the_same(one, other):
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "-1"),
        ("10", "1"),
        ("1.05", "1.5"),
        ("100", "1"),
        ("0.01", "0.1"),
        ("12", "1, 2"),
        ("1 2\n3 4", "1 2 3 4"),
        ("a b", "ab"),
        ("3/4", "4/3"),
        ("yes", "no"),
        ("", ""),
    ],
)
def test_other_answers_are_not_the_same(one, other):
    assert not same(one, other)


def test_a_list_may_be_written_over_several_lines():
    assert one_list("Here:\n[[1,2],\n [3,4]]\ndone") == "[[1,2], [3,4]]"
    assert one_list("nothing of the kind") == "nothing of the kind"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\ndef f(x):\n    return x\n```", "def f(x):\n    return x"),
        (
            "First:\n```\nprint(1)\n```\nbut\n```python\nimport re\n\ndef f(x):\n    return 1\n```\nok",
            "import re\n\ndef f(x):\n    return 1",
        ),
        ("```python\ndef f(x):\n    return 2\n```\nCall it:\n```python\nf(3)\n```", "def f(x):\n    return 2"),
        ("Sure!\ndef f(x):\n    return x", "def f(x):\n    return x"),
        ("```python\ndef f(x):\n    return x", "def f(x):\n    return x"),
        ("<think>```python\ndef g(): 1\n```</think>\n```\ndef f(): 2\n```", "def f(): 2"),
        ("", ""),
    ],
)
def test_the_program_is_the_last_block_that_defines_something(text, code):
    assert program(text) == code


@given(TEXTS | PIECES)
def test_no_text_breaks_the_reading(text):
    answer, said = found(text)
    assert extract(text) == answer
    for taken in (answer, one_line(answer, said=said), one_list(answer), program(text), normalise(text)):
        assert isinstance(taken, str)
        assert len(taken) <= 2 * len(text)
    assert not same(answer, "")
    assert not same("", answer)


@given(st.text(alphabet="abcxyz0123456789 -+/", min_size=1, max_size=30).map(str.strip).filter(bool))
def test_a_plain_answer_is_taken_as_it_is(answer):
    assert extract(answer) == answer
    assert extract(f"Let me see.\nAnswer: {answer}") == answer
    assert same(answer, answer.upper())


@given(TEXTS | PIECES)
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)
    assert normalise(once) == normalise(normalise(once))


@given(st.integers(), st.integers())
def test_different_whole_numbers_are_never_the_same(one, other):
    assert same(f"{one:,}", str(other)) == (one == other)
