"""What stands in the fields: stored and typed values, and never a secret."""

from typing import Any

from uplab.simulator.forwarder.destinations.table import CONNECTORS
from uplab.simulator.forwarder.pages.control import Control, Problem, problem_in, stored_controls, typed_controls
from uplab.simulator.forwarder.pages.form import Kinds, Typed

KINDS = Kinds(CONNECTORS).by_slug

HTTP: dict[str, Any] = {
    "connectorId": "actility-http-iot",
    "name": "n",
    "configuration": {"destinationURL": "http://x", "headers": {"Authorization": "canary", "X-Site": "A"}},
}
THINGSBOARD: dict[str, Any] = {
    "connectorId": "actility-thingsboard-iot",
    "name": "n",
    "configuration": {"hostName": "h:1", "username": "u", "password": "*****"},
}
NONE = Problem("", "")


def by_key(controls: list[Control]) -> dict[str, Control]:
    return {control.field.key: control for control in controls}


def test_stored_header_that_is_secret_is_a_mask() -> None:
    headers = by_key(stored_controls(KINDS["http"], HTTP))["headers"]

    assert headers.shown == ("Authorization: *****", "X-Site: A")
    assert headers.rows == (("Authorization", "*****"), ("X-Site", "A"))


def test_editor_of_a_secret_begins_empty() -> None:
    password = by_key(stored_controls(KINDS["thingsboard"], THINGSBOARD))["password"]

    assert (password.shown, password.text) == (("*****",), "")


def test_typed_secrets_are_not_given_back() -> None:
    typed = Typed({"name": "n", "password": "canary", "username": "u"})

    controls = by_key(typed_controls(KINDS["thingsboard"], typed, NONE))

    assert (controls["name"].text, controls["username"].text, controls["password"].text) == ("n", "u", "")


def test_typed_headers_keep_all_but_secret_values() -> None:
    rows = (("Authorization", "canary"), ("X-Token", "*****"), ("X-Site", "A"))

    headers = by_key(typed_controls(KINDS["http"], Typed({}, rows), NONE))["headers"]

    assert headers.rows == (("Authorization", ""), ("X-Token", "*****"), ("X-Site", "A"))


def test_problem_stands_at_its_field_only() -> None:
    problem = problem_in(KINDS["http"], "configuration.headers.X-A", "header X-A: no")

    controls = by_key(typed_controls(KINDS["http"], Typed({}, (("X-A", "1"),)), problem))

    assert (controls["headers"].error, controls["headers"].at) == ("Header X-A: no", "X-A")
    assert [control.error for key, control in controls.items() if key != "headers"] == ["", "", ""]


def test_problem_of_no_field_stands_above_all() -> None:
    assert problem_in(KINDS["http"], "configuration.blamePeriod", "it is wrong") == Problem("", "It is wrong")


def test_edited_field_keeps_what_was_typed_and_the_others_what_is_stored() -> None:
    controls = by_key(stored_controls(KINDS["http"], HTTP, Typed({"name": " "}), Problem("name", "no")))

    assert (controls["name"].text, controls["name"].shown, controls["name"].error) == (" ", ("n",), "no")
    assert controls["destinationURL"].text == "http://x"
