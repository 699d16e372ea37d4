"""Rows and clauses as people type them."""

import pytest

from uplab.scenarios.run.requirement_ids import requirement_ids


@pytest.mark.parametrize("written", ["HTTP-06", "http-06", " Http-06 "])
def test_requirement_is_known_in_any_case(written: str) -> None:
    assert requirement_ids("--requirement", [written]) == ["HTTP-06"]


@pytest.mark.parametrize("written", ["HTTP-02.a", "http-02.A "])
def test_clause_is_known_in_any_case(written: str) -> None:
    assert requirement_ids("--requirement", [written]) == ["HTTP-02.a"]


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("http-99", "there are HTTP-01 to HTTP-23"),
        ("HTP-06", "did you mean HTTP-06?"),
        ("http06", "did you mean HTTP-06?"),
        ("HTPP", "did you mean HTTP-01?"),
        ("foo", "they begin with WGX, HTTP, TB, COM, DL, MQTT, AIR, as WGX-01"),
        ("", "they begin with WGX, HTTP, TB, COM, DL, MQTT, AIR, as WGX-01"),
        ("http-17.x", "there are HTTP-17.a to HTTP-17.c"),
        ("http-04.a", "HTTP-04 has no clauses"),
        ("http-99.a", "there are HTTP-01 to HTTP-23"),
    ],
)
def test_unknown_requirement_gets_a_hint(written: str, hint: str) -> None:
    with pytest.raises(pytest.UsageError) as caught:
        requirement_ids("--requirement", [written])

    assert str(caught.value) == f"--requirement: there is no requirement {written}; {hint}"
