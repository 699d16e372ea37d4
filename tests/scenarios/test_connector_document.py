import json
import re

import pytest

from scenarios.connector_document import example_body, text


def test_http_example_is_the_documents_own() -> None:
    assert example_body("http.md") == {
        "connectorId": "actility-http-iot",
        "name": "Test HTTP Connection",
        "configuration": {
            "headers": {"Authorization": "Bearer ee32e34ed!=", "X-Thing": "{DevEUI}", "X-Site": "BuildingA"},
            "destinationURL": "https://posthere.io/4b19-48f6-94cc",
        },
    }


@pytest.mark.parametrize("name", ["http.md", "widgelix.md", "thingsboard.md"])
def test_example_stands_in_the_document_word_for_word(name: str) -> None:
    squeezed = re.sub(r"\s", "", text(name))
    strings = [json.dumps(value) for value in _leaves(example_body(name))]
    assert strings
    assert all(re.sub(r"\s", "", value) in squeezed for value in strings)


def _leaves(value: object) -> list[object]:
    return [leaf for v in value.values() for leaf in _leaves(v)] if isinstance(value, dict) else [value]


def test_document_without_an_example_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.connector_document.text", lambda _name: "no example")
    with pytest.raises(ValueError, match=r"shows no POST /connections"):
        example_body("other.md")
