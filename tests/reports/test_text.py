import pytest

from uplab.reports.text import counted, moment, one_line, seconds, shorten, visible, without_pages, xml_safe


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", "\\x1b[31m"),
        ("\x00", "\\x00"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u200db", "a\\u200db"),
        ("a\r\nb\rc", "a\nb\\x0dc"),
        ("\x85", "\\x85"),
    ],
)
def test_deceiving_characters_are_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize("text", ["plain", "two\nlines\tand a tab", "Zürich 温度", "👩\u200d🔬", "🛰\ufe0f"])
def test_honest_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_shortened_text_says_how_much_is_missing() -> None:
    assert shorten("x" * 1500, 100) == "x" * 100 + " … (1,400 more characters)"
    assert shorten("x" * 100, 100) == "x" * 100


def test_one_line_has_no_line_ends() -> None:
    assert one_line("a\n  b\tc") == "a b c"


def test_xml_safe_drops_only_what_xml_forbids() -> None:
    assert xml_safe("a\x00\x1b\x0b\ud800\ufffe]]>\t\n😀") == "a]]>\t\n😀"


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [(0.314, "0.31 s"), (9.999, "10.0 s"), (41.73, "41.7 s"), (99.96, "1 min 40 s"), (3599.9, "1 h 0 min")],
)
def test_durations_read_as_people_write_them(duration_s: float, words: str) -> None:
    assert seconds(duration_s) == words


def test_nouns_follow_their_number() -> None:
    assert [counted(n, "line") for n in (0, 1, 2000)] == ["0 lines", "1 line", "2,000 lines"]


@pytest.mark.parametrize(
    ("iso", "words"),
    [
        ("2025-11-20T23:11:04.120+01:00", "2025-11-20 22:11:04 UTC"),
        ("2025-11-20T22:11:04", "2025-11-20 22:11:04"),
        ("<b>soon", "<b>soon"),
    ],
)
def test_moments_are_in_one_zone(iso: str, words: str) -> None:
    assert moment(iso) == words


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "502 <!DOCTYPE html>\n<html><head><title>Bad\n Gateway</title>\n<p>x</html> again",
            "502 a page of HTML (Bad Gateway) again",
        ),
        ("500 <html lang=en><body>it was cut", "500 a page of HTML"),
        (
            "happened: 500 <html>\n<p>\n  diverged: at x\n  try: y",
            "happened: 500 a page of HTML\n  diverged: at x\n  try: y",
        ),
        ("1 < 2 and <b>", "1 < 2 and <b>"),
    ],
)
def test_page_of_html_is_one_phrase(text: str, shown: str) -> None:
    assert without_pages(text) == shown


@pytest.mark.parametrize("iso", ["9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"])
def test_moment_that_is_none_in_utc_stays_as_it_is(iso: str) -> None:
    assert moment(iso) == iso
