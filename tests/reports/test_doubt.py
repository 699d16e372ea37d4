from uplab.reports.doubt import doubt_of


def test_what_was_not_asked_is_none() -> None:
    assert doubt_of(None) is None


def test_each_thing_that_was_found_is_a_line() -> None:
    stored = {"kinds": 52, "excluded": 41, "blind_to": [{"kind": "cut body", "because": "no check reads it"}, "other"]}

    assert doubt_of(stored) == (
        "kinds: 52",
        "excluded: 41",
        "blind to: kind cut body, because no check reads it",
        "blind to: other",
    )


def test_words_of_strangers_are_bounded_and_safe() -> None:
    lines = doubt_of({"x": ["\x1b[2J" + "y" * 1_000] * 1_000})

    assert lines is not None
    assert len(lines) == 200
    assert all("\x1b" not in line and len(line) < 400 for line in lines)
