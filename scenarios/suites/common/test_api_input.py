"""Wrong input to the API: a 4xx with a code and a message that names the field, and nothing half-done."""

from typing import Any

import httpx
import pytest

from uplab.scenarios import Lab, LabDevice, Route, Verdict
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body

pytestmark = pytest.mark.needs("http", "api")

NESTED = b'{"connectorId": "actility-http-iot", "name": ' + b"[" * 50_000


def ids(lab: Lab) -> list[str]:
    """The ids of all connections."""
    return [str(one["id"]) for one in lab.api.own()]


def expect_refusal(lab: Lab, what: str, answer: httpx.Response, *statuses: int, names: str = "") -> None:
    """One of these statuses (any 4xx when none is named), a code, and a message that names the field."""
    shown = f"{answer.status_code} {answer.text[:200]}"
    lab.expect_answer(f"{what} answers {' or '.join(map(str, statuses)) or '4xx'}", answer, *statuses)
    told = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    named = not names or names in str(told.get("message"))
    lab.expect(
        f"there is a code, and the message names {names or 'the cause'}", bool(told.get("code")) and named, shown
    )


WRONG = {
    "name-number": ("name", 5),
    "name-list": ("name", ["a"]),
    "name-blank": ("name", "   "),
    "active-text": ("active", "yes"),
    "active-number": ("active", 1),
    "configuration-list": ("configuration", []),
    "configuration-text": ("configuration", "none"),
    "description-number": ("configuration.description", 5),
    "sendMetadata-text": ("configuration.sendMetadata", "true"),
    "sendRawDecodedFormat-number": ("configuration.sendRawDecodedFormat", 1),
    "createDevices-text": ("configuration.createDevices", "maybe"),
    "downlinkEnabled-null": ("configuration.downlinkEnabled", None),
    "downlinkPort-0": ("configuration.downlinkPort", 0),
    "downlinkPort-225": ("configuration.downlinkPort", 225),
    "downlinkPort-text": ("configuration.downlinkPort", "five"),
    "downlinkAsKey-number": ("configuration.downlinkAsKey", 5),
    "reconnectStrategy-unknown": ("configuration.reconnectStrategy", "FAST"),
    "headers-text": ("configuration.headers", "X-Site: A"),
    "destinationURL-empty": ("configuration.destinationURL", ""),
    "destinationURL-no-host": ("configuration.destinationURL", "https://"),
    "destinationURL-port": ("configuration.destinationURL", "https://posthere.io:99999/a"),
    "destinationURL-blank": ("configuration.destinationURL", "https://posthere.io/a b"),
    "destinationURL-line-break": ("configuration.destinationURL", "https://posthere.io/a\r\nX-Evil: 1"),
    "destinationURL-list": ("configuration.destinationURL", ["https://posthere.io/a"]),
}


@pytest.mark.parametrize(("key", "value"), WRONG.values(), ids=WRONG)
@pytest.mark.requirement("COM-20.a")
@pytest.mark.needs("validation")
def test_value_of_the_wrong_kind_is_refused_by_field(lab: Lab, key: str, value: Any) -> None:
    """A text for a number, a list for a text, a value out of range: 400, a message that names it, no connection."""
    before = ids(lab)
    body = http_body("/input")
    place = body["configuration"] if "." in key else body
    place[key.rpartition(".")[2]] = value

    expect_refusal(lab, f"{key} {value!r}", attempt(lab, body), 400, names=key.rpartition(".")[2])
    lab.expect_seen("no connection is made", ids(lab), {"is": before}, f"{before}, then {ids(lab)}")


@pytest.mark.needs("deleting")
@pytest.mark.requirement("COM-02.b")
def test_any_text_is_a_name(lab: Lab) -> None:
    """Other scripts, quotes, tags, a line of 200 letters: each is taken, and shown letter for letter."""
    names = ("Größe 温度 🌡", 'a "b" <b>c</b> & d', "x" * 200, "-5", "null", "C:\\new\\{DevEUI}")
    for name in names:
        connection = lab.connect({**http_body("/named"), "name": name}, Route("posthere", "/named"), state=None)
        shown = connection.read().get("name")
        lab.expect_seen(
            "the name is shown as it was given", shown, {"is": lab.named(name)}, f"given {name!r}, shown {shown!r}"
        )
        connection.delete()


@pytest.mark.parametrize(
    "content",
    [b"", b"null", b"[]", b'"text"', b"5", b"{", b"\xff\xfe", b"{'name': 1}", NESTED, b" " * 2_000_000],
    ids=["empty", "null", "array", "text", "number", "cut", "no-utf8", "single-quotes", "deep", "huge"],
)
@pytest.mark.parametrize("path", ["/connections", "/flows"])
@pytest.mark.requirement("COM-20.b")
@pytest.mark.needs("validation")
def test_body_that_is_no_object_is_refused(lab: Lab, path: str, content: bytes) -> None:
    """Anything but a JSON object answers 4xx with a code, never 5xx, and makes nothing."""
    before = ids(lab)
    expect_refusal(lab, "such a body", lab.api.request("POST", path, content=content))
    lab.expect_seen("no connection is made", ids(lab), {"is": before}, f"{before}, then {ids(lab)}")


@pytest.mark.parametrize("id_", ["999999999", "0", "-1", "1e3", "abc", "1.0", "%00", "9" * 400, "null"])
@pytest.mark.requirement("COM-20.c")
def test_unknown_id_answers_404(lab: Lab, id_: str) -> None:
    """GET, PUT and DELETE of a connection that is not there answer 404 (400 for what is no id), and change nothing."""
    before = ids(lab)
    answers = {
        "GET": lab.api.get(id_),
        "PUT": lab.api.replace(id_, http_body("/input")),
        "DELETE": lab.api.delete(id_),
    }
    for method, answer in answers.items():
        expect_refusal(lab, f"{method} of {id_[:20]}", answer, 400, 404)
    lab.expect_seen("nothing is changed", ids(lab), {"is": before}, f"{before}, then {ids(lab)}")


@pytest.mark.requirement("COM-20.c")
def test_second_delete_answers_404(lab: Lab) -> None:
    """What is deleted cannot be deleted again."""
    connection = connect_bin(lab, "/input")
    connection.delete()
    expect_refusal(lab, "the second DELETE", lab.api.delete(connection.id), 404)


@pytest.mark.requirement("COM-20.c")
def test_unknown_route_answers_404(lab: Lab) -> None:
    """A path that is none of the API answers 404 with a code and a message, like everything else that is not there."""
    answer = lab.api.request("GET", "/nothing-here")
    expect_refusal(lab, "an unknown route", answer, 404)
    lab.expect("the code begins with com-", str(answer.json()["code"]).startswith("com-"), answer.text[:200])


@pytest.mark.requirement("COM-20.d")
@pytest.mark.needs("validation")
def test_refused_put_changes_nothing(lab: Lab, device: LabDevice) -> None:
    """A PUT that is wrong in one key leaves every other key as it was too, and uplinks go on as before."""
    connection = connect_bin(lab, "/kept", device, headers={"X-Site": "A"})
    before = connection.read()

    wrong = http_body("/elsewhere", headers={"X-Site": "B"}, blamePeriod="30")
    expect_refusal(
        lab, "a PUT with a wrong blamePeriod", lab.api.replace(connection.id, wrong), 400, names="blamePeriod"
    )

    after = connection.read()
    lab.expect_seen("the connection is shown as it was", after, {"is": before})
    sent = [device.send()]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection, {"X-Site": lambda _: "A"})


def expect_effect(lab: Lab, device: LabDevice, body: dict[str, Any], name: str) -> None:
    """An accepted option is shown, changes what arrives, or keeps it from going past a proxy that is not there."""
    connection = lab.connect(body, Route("posthere", "/option"), device, state=None)
    shown = connection.read()
    lab.expect_seen(
        f"{name} is shown, not dropped in silence", {**shown, **shown["configuration"]}, {"holds": name}, shown
    )
    sent = [device.send(), *lab.barrier(device)]
    ids, events = [one.id for one in sent], lab.history.events
    arrived = checks.deliveries(events, connection.route)
    plain = checks.unaltered(events, ids, connection.route).outcome == "passed"
    happened = f"{len(arrived)} deliveries, {'as if there were no' if plain else 'not those without'} {name}"
    if name == "proxy":
        lab.expect_seen("nothing goes past the proxy", arrived, {"empty": True}, happened)
    if name == "upOperations":
        lab.expect_seen("the operation changes what arrives", plain, {"empty": True}, happened)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("upOperations", [{"id": "MESSAGE_FLATTENER", "type": "callProcessor"}]),
        ("configuration.proxy", {"hostname": "proxy.uplab.test", "username": "u", "password": "p"}),
        ("configuration.debugMode", True),
    ],
    ids=["upOperations", "proxy", "debugMode"],
)
@pytest.mark.requirement("COM-25")
@pytest.mark.needs("validation")
def test_option_that_is_not_implemented_is_refused(lab: Lab, device: LabDevice, key: str, value: Any) -> None:
    """An option that this forwarder does not have answers 400 with a message that names it; it is never ignored."""
    body = http_body("/option")
    place = body["configuration"] if "." in key else body
    name = key.rpartition(".")[2]
    place[name] = value

    answer = attempt(lab, body)
    if answer.status_code == 201:  # it may be one that the forwarder has: proving it is for another suite
        expect_effect(lab, device, body, name)
        happened = f"{name} is accepted and not plainly ignored; whether it is honoured is not judged here"
        lab.judge(Verdict("promise", "unknown", 0, f"{name} is refused or honoured, never ignored", happened))
    expect_refusal(lab, f"a body with {name}", answer, 400, names=name)
