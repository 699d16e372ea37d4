"""What every template of a report obeys."""

import pytest
from jinja2 import UndefinedError

from uplab.reports.pages import environment


def test_what_is_put_in_is_escaped() -> None:
    assert environment().from_string("{{ said }}").render(said="<b>") == "&lt;b&gt;"


def test_what_is_missing_is_an_error() -> None:
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nowhere }}").render()


def test_templates_are_found_by_their_names() -> None:
    assert {"load.html", "report.html", "signoff.html"} <= set(environment().list_templates(["html"]))
