"""Expected and received, side by side."""

import pytest

from uplab.reports.difference import pair_of


@pytest.mark.parametrize(
    ("happened", "expected", "received"),
    [
        ("/a/b: expected 21.5, received 215", ("21", ".", "5"), ("21", "", "5")),
        ("/a: expected 'x', received nothing", ("", "'x'", ""), ("", "nothing", "")),
        ("X of u1 was 'Bearer a', expected 'Bearer b'", None, None),
        ("/message is 'no', not having 'name'", ("", "having 'name", "'"), ("", "'no", "'")),
        ("u1 has {'/a': 1}, not {'/a': 2} (and 3 more like it)", ("{'/a': ", "2", "}"), ("{'/a': ", "1", "}")),
        (
            'after 5 s: "OPENING", expected one of ["OPENED"]',
            ("", 'one of ["OPENED"]', ""),
            ("", '"OPENING", still after 5 s', ""),
        ),
        ("payload in which t is 2, expected 21 as sent", ("2", "1 as sent", ""), ("2", "", "")),
        ('the field: is "a, expected b", expected "c"', ('"', "c", '"'), ('"', "a, expected b", '"')),
        ("404 {}, expected 201 or 202", ("", "201 or 202", ""), ("", "404 {}", "")),
        ("u1 3 times, expected 1 of each", None, None),
        ("after 5 s: OPENING", ("", "it opens", ""), ("", "OPENING, still after 5 s", "")),
        ("after 0.5 s there was still nothing", ("", "it opens", ""), ("", "nothing, still after 0.5 s", "")),
    ],
)
def test_sides_of_a_sentence(
    happened: str, expected: tuple[str, str, str] | None, received: tuple[str, str, str] | None
) -> None:
    pair = pair_of("it opens", happened)

    assert pair is not None
    for side, wanted in ((pair.expected, expected), (pair.received, received)):
        assert wanted is None or (side.before, side.other, side.after) == wanted


def test_what_differs_is_marked_and_nothing_is_lost() -> None:
    pair = pair_of("", "Authorization of u1 was 'Bearer abc', expected 'Bearer axc'")

    assert pair is not None
    assert "".join((pair.expected.before, pair.expected.other, pair.expected.after)) == "'Bearer axc'"


@pytest.mark.parametrize("happened", ["", "1 of 3 lost: u2 never arrived", "u1 arrived twice"])
def test_sentence_without_two_sides_has_none(happened: str) -> None:
    assert pair_of("it opens", happened) is None
