"""Keys and headers that a user may get wrong: honoured or refused, and never dropped in silence."""

from collections.abc import Callable
from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice, Route, redact_text
from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body

pytestmark = pytest.mark.needs("http", "api")

PATH = "/configuration"


def wait_for_headers(lab: Lab, connection: LabConnection, device: LabDevice) -> list[tuple[str, str]]:
    """The headers of the next uplink, names in lower case."""
    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and connection.route.takes(e.facts)]
    return [(name.lower(), value) for name, value in arrived[-1].facts["headers"]] if arrived else []


def header_arrives(lab: Lab, connection: LabConnection, device: LabDevice) -> bool:
    """Whether X-Site reaches the destination."""
    return ("x-site", "BuildingA") in wait_for_headers(lab, connection, device)


def period_is_shown(lab: Lab, connection: LabConnection, device: LabDevice) -> bool:
    """Whether the API shows the period of 7 s as blamePeriod."""
    return bool(connection.read()["configuration"].get("blamePeriod") == 7)


Honoured = Callable[[Lab, LabConnection, LabDevice], bool]


@pytest.mark.parametrize(
    ("key", "value", "honoured"),
    [
        pytest.param("Headers", {"X-Site": "BuildingA"}, header_arrives, id="Headers"),
        pytest.param("HEADERS", {"X-Site": "BuildingA"}, header_arrives, id="HEADERS"),
        pytest.param("BlamePeriod", 7, period_is_shown, id="BlamePeriod"),
        pytest.param("blame_period", 7, period_is_shown, id="blame_period"),
    ],
)
@pytest.mark.requirement("HTTP-21.a")
@pytest.mark.needs("validation")
def test_key_of_the_wrong_case_is_honoured_or_refused(
    lab: Lab, device: LabDevice, key: str, value: Any, honoured: Honoured
) -> None:
    """The document's table says Headers, its example headers: such a key works, or answers 400 and is named."""
    body = http_body(PATH, **{key: value})
    tried = attempt(lab, body)
    if tried.status_code == 201:
        connection = lab.connect(body, Route("posthere", PATH), device)
        lab.expect(f"{key} is honoured or refused", honoured(lab, connection, device), "accepted, and without effect")
    else:
        named = tried.status_code == 400 and key in tried.json().get("message", "")
        lab.expect(f"{key} is honoured or refused by its name", named, f"{tried.status_code} {tried.text[:200]}")


@pytest.mark.parametrize("place", ["body", "configuration"])
@pytest.mark.requirement("HTTP-21.b")
@pytest.mark.needs("validation")
def test_unknown_key_is_refused_by_its_name(lab: Lab, place: str) -> None:
    """A key that means nothing answers 400 with a message that names it; no connection is made."""
    before = lab.api.own()
    body = http_body(PATH)
    (body if place == "body" else body["configuration"])["retryForever"] = True

    refused = attempt(lab, body)

    lab.expect_answer(f"an unknown key in the {place} answers 400", refused, 400)
    lab.expect_seen(
        "the message names it", refused.json().get("message", ""), {"holds": "retryForever"}, refused.text[:200]
    )
    after = lab.api.own()
    lab.expect_seen("no connection is made", after, {"is": before}, f"{len(before)} before, {len(after)} after")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("X Bad", "a", id="blank-in-name"),
        pytest.param("X:Bad", "a", id="colon-in-name"),
        pytest.param("X-Bad\r\nX-Evil", "a", id="line-break-in-name"),
        pytest.param("X-Bäd", "a", id="no-ascii-in-name"),
        pytest.param("", "a", id="empty-name"),
        pytest.param("X-Bad", "a\r\nX-Evil: 1", id="line-break-in-value"),
        pytest.param("X-Bad", "a\nX-Evil: 1", id="line-feed-in-value"),
        pytest.param("X-Bad", "a\x00b", id="null-in-value"),
        pytest.param("X-Bad", 5, id="number-as-value"),
        pytest.param("X-Bad", None, id="null-as-value"),
        pytest.param("X-Bad", ["a"], id="list-as-value"),
    ],
)
@pytest.mark.requirement("HTTP-05.b")
@pytest.mark.needs("validation")
def test_header_that_http_cannot_carry_is_refused(lab: Lab, name: str, value: Any) -> None:
    """A header name or value that no request can hold answers 400 and names the headers; no connection is made."""
    before = lab.api.own()
    refused = attempt(lab, http_body(PATH, headers={name: value}))
    lab.expect_answer("such a header answers 400", refused, 400)
    lab.expect_seen(
        "the message speaks of the header",
        refused.json().get("message", "").lower(),
        {"holds": "header"},
        refused.text[:200],
    )
    after = lab.api.own()
    lab.expect_seen("no connection is made", after, {"is": before}, f"{len(before)} before, {len(after)} after")


@pytest.mark.needs("api")
@pytest.mark.requirement("HTTP-05.c")
def test_headers_that_every_client_sends_are_honoured_or_refused(lab: Lab, device: LabDevice) -> None:
    """Content-Type, User-Agent and Accept arrive once and as configured, or are refused by their name."""
    own = {"Content-Type": "application/json; profile=plant", "User-Agent": "plant-7", "Accept": "text/plain"}
    for name, value in own.items():
        tried = attempt(lab, http_body(PATH, headers={name: value}))
        if tried.status_code == 201:
            connection = connect_bin(lab, f"/own-{name.lower()}", device, headers={name: value})
            values = [v for n, v in wait_for_headers(lab, connection, device) if n == name.lower()]
            lab.expect_seen(f"{name} arrives once, as configured", values, {"is": [value]})
            connection.unbind()
        else:
            named = tried.status_code == 400 and name in tried.json().get("message", "")
            lab.expect(f"{name} is refused by its name", named, f"{tried.status_code} {tried.text[:200]}")


@pytest.mark.requirement("HTTP-21.c")
def test_header_given_twice_by_case_is_honoured_or_refused(lab: Lab, device: LabDevice) -> None:
    """Two names that differ by case only are both sent, or refused with 400; none is dropped in silence."""
    headers = {"X-Site": "A", "x-site": "B"}
    tried = attempt(lab, http_body(PATH, headers=headers))
    if tried.status_code == 201:
        connection = connect_bin(lab, PATH, device, headers=headers)
        values = sorted(v for n, v in wait_for_headers(lab, connection, device) if n == "x-site")
        lab.expect("both values arrive", values == ["A", "B"] or values == ["A, B"], values)
    else:
        lab.expect_seen(
            "it is refused with 400", tried.status_code, {"is": 400}, f"{tried.status_code} {tried.text[:200]}"
        )


@pytest.mark.requirement("HTTP-21.d")
def test_credentials_in_the_url_are_refused_or_kept_secret(lab: Lab, device: LabDevice) -> None:
    """A URL with user and password is refused, or honoured as basic authentication without showing the password."""
    secret = lab.secrets.hex("password in the URL")
    body = http_body(PATH, at=f"https://somebody:{secret}@posthere.io")
    mark = lab.history.mark
    tried = attempt(lab, body)
    if tried.status_code == 201:
        connection = lab.connect(body, Route("posthere", PATH), device)
        given = [v for n, v in wait_for_headers(lab, connection, device) if n == "authorization"]
        lab.expect("it is sent as basic authentication", any(v.startswith("Basic ") for v in given), given)
    else:
        named = tried.status_code == 400 and "destinationURL" in tried.json().get("message", "")
        lab.expect("it is refused by the field", named, f"{tried.status_code} {tried.text[:200]}")
    hidden = redact_text(secret).encode()  # the history keeps every secret as its placeholder
    shown = [e for e in lab.history.since(mark) if e.hop == "api.answered" and hidden in (e.raw or b"")]
    lab.expect_seen("no answer shows the password", shown, {"empty": True}, f"{len(shown)} answers show it")
