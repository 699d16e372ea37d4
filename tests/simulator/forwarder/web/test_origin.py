"""Who may post a form."""

import pytest

from uplab.simulator.forwarder.web.origin import is_foreign

HOST = {"host": "127.0.0.1:8080"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9090"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "same-origin", "origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8080"},
    ],
)
def test_other_sites_are_foreign(headers: dict[str, str]) -> None:
    assert is_foreign(HOST | headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://127.0.0.1:8080"},
        {"origin": "https://127.0.0.1:8080"},
        {"sec-fetch-site": "same-origin", "origin": "http://127.0.0.1:8080"},
        {"sec-fetch-site": "none"},
    ],
)
def test_own_forms_and_programs_are_not(headers: dict[str, str]) -> None:
    assert not is_foreign(HOST | headers)
