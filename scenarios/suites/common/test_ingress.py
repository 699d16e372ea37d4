"""The way in: what is signed rightly is taken, everything else is refused with a reason and has no effect."""

import json
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import expect_accepted

pytestmark = pytest.mark.needs("http", "ingress")


def expect_refusal(lab: Lab, what: str, answer: httpx.Response) -> None:
    """The answer is a 4xx with a code and a message."""
    shown = f"{answer.status_code} {answer.text[:200]}"
    lab.expect_seen(f"{what} is refused with 4xx", answer.status_code, {"least": 400, "below": 500}, shown)
    told = answer.json() if answer.headers.get("content-type", "").startswith("application/json") else {}
    lab.expect(
        f"the refusal of {what} has a code and a reason", bool(told.get("code")) and bool(told.get("message")), shown
    )


@pytest.mark.needs("token")
@pytest.mark.parametrize("wrong", ["another-key", "altered-document", "altered-query", "too-long", "cut-short"])
@pytest.mark.requirement("COM-23.e")
@pytest.mark.needs("token")
def test_wrong_token_is_refused(lab: Lab, ingress: Ingress, device: LabDevice, wrong: str) -> None:
    """A token of another key, document or query is refused, and nothing of the document is delivered."""
    connection = connect_bin(lab, "/token", device)
    document = uplink(device)
    pairs = dict(ingress.sign(document))
    if wrong == "another-key":
        pairs = dict(ingress.sign(document, key=lab.secrets.hex("another key")))
    elif wrong == "altered-document":
        document = {"DevEUI_uplink": {**document["DevEUI_uplink"], "payload_hex": "0100ff0228"}}
    elif wrong == "altered-query":
        pairs["LrnInfos"] = "somebody-else"
    elif wrong == "too-long":
        pairs["Token"] += "0"
    else:
        pairs["Token"] = pairs["Token"][:-1]

    sent, answer = ingress.post(document, pairs=list(pairs.items()))
    expect_refusal(lab, "a wrong token", answer)
    lab.barrier(device)

    late = [d for d in checks.deliveries(lab.history.events, connection.route) if sent.id in d.ids]
    lab.expect_seen("nothing of it is delivered", late, {"empty": True}, f"{len(late)} deliveries")


@pytest.mark.needs("token")
@pytest.mark.requirement("COM-23.e")
@pytest.mark.needs("token")
def test_incomplete_query_is_refused(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """Without AS_ID, Time or Token, or with an unknown AS_ID, a document is refused and not delivered."""
    connection = connect_bin(lab, "/query", device)
    refused = []
    for left_out in ("AS_ID", "Time", "Token"):
        document = uplink(device)
        pairs = [pair for pair in ingress.sign(document) if pair[0] != left_out]
        sent, answer = ingress.post(document, pairs=pairs)
        expect_refusal(lab, f"a query without {left_out}", answer)
        refused.append(sent.id)
    document = uplink(device)
    stranger = [(name, "nobody.AS" if name == "AS_ID" else value) for name, value in ingress.sign(document)]
    sent, answer = ingress.post(document, pairs=stranger)
    expect_refusal(lab, "an unknown AS_ID", answer)
    lab.barrier(device)

    late = [d for d in checks.deliveries(lab.history.events, connection.route) if {*refused, sent.id} & set(d.ids)]
    lab.expect_seen("nothing of them is delivered", late, {"empty": True}, f"{len(late)} deliveries")


@pytest.mark.requirement("COM-23.f")
@pytest.mark.needs("token")
def test_time_zone_with_a_plus_is_understood(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """A time such as 10:00:00.000+02:00, its plus sign written as %2B, belongs to the token as a plus sign."""
    connection = connect_bin(lab, "/plus", device)
    document = uplink(device)
    time = datetime.now(timezone(timedelta(hours=2))).isoformat(timespec="milliseconds")

    sent, _ = ingress.post(document, pairs=ingress.sign(document, time=time))
    expect_accepted(lab, sent)
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection)


@pytest.mark.requirement("COM-23.e")
def test_wrong_credentials_are_refused(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """An ingress that asks for a header, or a name and a password, takes no document without them, nor with others."""
    right = lab.way_in.headers
    if not right:
        pytest.skip("the profile's ingress asks for no header, and for no name and password")
    connection = connect_bin(lab, "/credentials", device)
    refused = []
    for what, headers in (
        ("nothing", {}),
        ("another secret", {name: f"{value[:-4]}AAAA" for name, value in right.items()}),
    ):
        sent, answer = ingress.post(uplink(device), headers=headers)
        lab.expect_seen(f"a document with {what} is refused", answer.status_code, {"among": (401, 403)})
        refused.append(sent.id)
    lab.barrier(device)

    late = [d for d in checks.deliveries(lab.history.events, connection.route) if {*refused} & set(d.ids)]
    lab.expect_seen("nothing of them is delivered", late, {"empty": True}, f"{len(late)} deliveries")


BROKEN = {
    "no JSON": b"DevEUI_uplink",
    "a cut document": b'{"DevEUI_uplink": {"DevEUI": "20635F01',
    "an array": b"[]",
    "a number": b"5",
    "null": b"null",
    "an empty object": b"{}",
    "nothing": b"",
    "an unknown root": b'{"DevEUI_nothing": {"DevEUI": "20635F0108000496"}}',
    "a root that is no object": b'{"DevEUI_uplink": "20635F0108000496"}',
    "no UTF-8": b'{"DevEUI_uplink": {"DevEUI": "\xff\xfe"}}',
    "bottomless arrays": b'{"DevEUI_uplink": ' + b"[" * 50_000,
}
NO_DEVICE = {
    "no DevEUI": None,
    "a DevEUI that is too short": "20635F",
    "a DevEUI with other letters": "X" * 16,
    "a DevEUI that is a number": 20635,
}


@pytest.mark.needs("validation")
@pytest.mark.requirement("COM-20.e")
def test_what_is_no_document_is_refused(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """Bytes that are no document, and documents of no device, are refused with a reason; the next uplink goes well."""
    connection = connect_bin(lab, "/broken", device)
    for what, raw in BROKEN.items():
        expect_refusal(lab, what, ingress.post(uplink(device), raw=raw)[1])
    for what, dev_eui in NO_DEVICE.items():
        document = uplink(device)
        broken = {"DevEUI_uplink": {**document["DevEUI_uplink"], "DevEUI": dev_eui}}
        raw = json.dumps(broken).encode()
        expect_refusal(lab, what, ingress.post(document, raw=raw)[1])

    sent = [device.send(), *lab.barrier(device)]
    lab.await_delivery(sent, connection.route)
    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("HTTP-12.e")
def test_document_posted_twice_is_treated_as_the_profile_says(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """The same signed request once more: delivered again, or recognised and dropped; the profile says which."""
    connection = connect_bin(lab, "/again", device)
    document = uplink(device)
    pairs = ingress.sign(document)

    first, _ = ingress.post(document, pairs=pairs)
    second, _ = ingress.post(document, pairs=pairs)
    lab.await_delivery([first], connection.route)
    lab.barrier(device)

    taken = {"delivered": [first, second], "dropped": [first]}[lab.profile.choices.duplicate_ingress]
    wanted = sum(one.outcome == "accepted" for one in taken)
    found = [d for d in checks.deliveries(lab.history.events, connection.route) if first.id in d.ids]
    lab.expect_seen(f"it is delivered {wanted} times", len(found), {"is": wanted}, f"{len(found)} deliveries")
