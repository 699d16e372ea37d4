import pytest

from uplab.scenarios.history.escapes import may_be_escaped, unescaped


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"a%62c", b"abc"),
        (b"a%2562c", b"abc"),
        (b"a%25c", b"a%c"),
        (b"a&#98;c", b"abc"),
        (b"a&#X062;c", b"abc"),
        (b"a&amp;#98;c", b"abc"),
        (b"a&quot;c", b'a"c'),
        (b"a\\u0062c", b"abc"),
        (b"a\\\\u0062c", b"abc"),
        (b"a\\u20acc", "a€c".encode()),
        (b"a\\x62c", b"abc"),
        (b'a\\\\\\"c', b'a"c'),
        (b"a\r\n  bc", b"abc"),
        (b"a=\nbc", b"abc"),
        (b"a\\r\\nbc", b"abc"),
    ],
)
def test_one_layer_of_escapes_is_read_and_each_place_is_known(raw: bytes, text: bytes) -> None:
    read = unescaped(b"<" + raw + b">")

    assert may_be_escaped(raw + b"%")
    assert read is not None
    assert read.text == b"<" + text + b">"
    assert read.span(1, 2) == (1, 2)
    assert read.span(0, len(read.text)) == (0, len(raw) + 2)
    begin, end = read.span(len(text), len(text) + 1)
    assert (b"<" + raw + b">")[begin:end] == b"c"


def test_what_is_no_escape_stays() -> None:
    for raw in (b"", b"100 %", b"%zz &#; &nothing; \\u12 \\q", b"one line\n"):
        assert not may_be_escaped(raw) or unescaped(raw) is None or unescaped(raw).text in (raw, raw[:-1])  # type: ignore[union-attr]
    assert not may_be_escaped(b"?a=1&b=2\n")
