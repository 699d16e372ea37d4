"""lrcCompliance: the destination gets the tunnel's query parameters and a token that it can check with the TIAK."""

import hashlib
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest

from uplab.fakes.faults import Fault, FirstN, Status
from uplab.scenarios import Event, Faults, Lab, LabConnection, LabDevice, Route, Sent
from uplab.scenarios.suites.common.destination import http_body
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.faults.presumed import presume_trying_again

pytestmark = pytest.mark.needs("http", "options")

PATH = "/compliant"
AS_ID = "TWA_100002164.1.AS"
NAMES = ["LrnDevEui", "LrnFPort", "LrnInfos", "AS_ID", "Time", "Token"]

# Published samples of an operator's tunnel: body elements, decoded query without Token, key, token.
SAMPLES = (
    (
        "10000216720635F01080004961718032ce4850919d85d4c9f793ad148d24f32f3c6b5488f5a087cbeb1488f5a998c83ab",
        "LrnDevEui=20635F0108000496&LrnFPort=17&LrnInfos=TWA_100002167.1111.AS-1-111974"
        "&AS_ID=TWA_100002167.1111.AS&Time=2021-04-07T08:49:51.551+00:00",
        "f3203a20a2e8dfaf6686b621f56d05e3",
        "196c22898bf95fcf48b72be198c89256410660b9b514539651344baa594ad74f",
    ),
    (
        "100000507000000000F1D8693270110027bd00",
        "LrnDevEui=000000000F1D8693&LrnFPort=2&LrnInfos=UPHTTP_LAB_LORA"
        "&AS_ID=app1.sample.com&Time=2016-01-11T14:11:11.333+02:00",
        "46ab678cd45df4a4e4b375Eacd096acc",
        "fd0b0b00464aa798a59282d64eaa70813e33bff87682880db49638569d096aad",
    ),
)


def token(elements: str, query: str, key: str) -> str:
    """The token, as a receiver computes it: over body elements, decoded query, and the key letter for letter."""
    return hashlib.sha256(f"{elements}{query}{key}".encode()).hexdigest()


assert all(token(elements, query, key) == right for elements, query, key, right in SAMPLES)


@pytest.fixture
def tiak(lab: Lab) -> str:
    """A key with a capital letter: it may not be normalised."""
    return lab.secrets.hex("TIAK").replace("e", "E", 1)


@pytest.fixture
def connection(lab: Lab, devices: list[LabDevice], tiak: str) -> LabConnection:
    """A connection with lrcCompliance, its AS_ID and its key."""
    body = http_body(PATH, lrcCompliance=True, downlinkAsId=AS_ID, tiak=tiak)
    return lab.connect(body, Route("posthere", PATH), *devices)


def arrivals(lab: Lab) -> list[Event]:
    """The requests at the destination."""
    events = lab.history.events
    return [e for e in events if e.hop == "destination.arrived" and str(e.facts["url"]).startswith(f"{PATH}?")]


def expect_queries(lab: Lab, sent: list[Sent]) -> None:
    """Judges that each uplink came with a query; whatever is said of queries says nothing where there are none."""
    found = len(arrivals(lab))
    lab.expect_seen(
        "each request carries the tunnel's query", found, {"is": len(sent)}, f"{found} of {len(sent)} have one"
    )


def query_of(arrival: Event) -> list[tuple[str, str]]:
    """The query as it was sent, decoded; a plus sign that is not encoded would be a blank to most receivers."""
    raw = str(arrival.facts["url"]).partition("?")[2]
    return [(name, unquote(value)) for name, _, value in (part.partition("=") for part in raw.split("&"))]


def expect_tokens(lab: Lab, sent: list[Sent], tiak: str) -> None:
    """Judges the token of every request, as a receiver does."""
    uplinks: dict[str, dict[str, Any]] = {one.id: (one.document or {})["DevEUI_uplink"] for one in sent}
    for arrival in arrivals(lab):
        report = uplinks[arrival.ids[0]]
        elements = "".join(str(report[name]) for name in ("CustomerID", "DevEUI", "FPort", "FCntUp", "payload_hex"))
        *signed, (_, found) = query_of(arrival)
        wanted = token(elements, "&".join(f"{name}={value}" for name, value in signed), tiak)
        lab.expect_seen("the token is right", found, {"is": wanted}, f"expected {wanted}, received {found}")


@pytest.mark.requirement("COM-23.a")
def test_query_has_the_six_parameters_in_their_order(
    lab: Lab, connection: LabConnection, devices: list[LabDevice]
) -> None:
    """LrnDevEui, LrnFPort, LrnInfos, AS_ID, Time, Token: once each, of this device, with the time of the post."""
    sent = [device.send() for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    expect_queries(lab, sent)
    for one, arrival in zip(
        sent, sorted(arrivals(lab), key=lambda e: [s.id for s in sent].index(e.ids[0])), strict=True
    ):
        pairs = query_of(arrival)
        lab.expect_seen("the six parameters come in their order", [name for name, _ in pairs], {"is": NAMES}, pairs)
        found = dict(pairs)
        lab.expect_seen("LrnDevEui is the device's", found["LrnDevEui"], {"is": one.dev_eui})
        lab.expect_seen("LrnFPort is the uplink's", found["LrnFPort"], {"is": "5"})
        lab.expect_seen("AS_ID is the connection's", found["AS_ID"], {"is": AS_ID})
        age_s = abs((datetime.now(UTC) - datetime.fromisoformat(found["Time"])).total_seconds())
        lab.expect_seen(
            "Time is that of the post, with an offset", age_s, {"below": 30}, f"{found['Time']}, {age_s:.0f} s away"
        )
        raw = str(arrival.facts["url"]).partition("?")[2]
        lab.expect(": and + are written as %3A and %2B", not {":", "+"} & set(raw), raw)


@pytest.mark.requirement("COM-23.b")
def test_token_is_right_for_document_query_and_key(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], tiak: str
) -> None:
    """A receiver that computes the token by the published samples finds the same, with the key letter for letter."""
    sent = [device.send() for _ in range(2) for device in devices]
    lab.await_delivery(sent, connection.route)

    lab.judge_delivery(sent, connection)
    expect_queries(lab, sent)
    expect_tokens(lab, sent, tiak)


@pytest.mark.requirement("COM-23.a", "COM-23.b")
def test_what_is_tried_again_is_signed_again(lab: Lab, faults: Faults, devices: list[LabDevice], tiak: str) -> None:
    """A refused uplink comes again with the six parameters once, and a token that is right for them."""
    presume_trying_again(lab)
    faults.plan(Fault("refused", FirstN(2), Status(503), only=PATH))
    body = http_body(PATH, lrcCompliance=True, downlinkAsId=AS_ID, tiak=tiak, blamePeriod=1)
    connection = lab.connect(body, Route("posthere", PATH), *devices)

    sent = [device.send() for device in devices]
    faults.happened(count=2, after_s=1)
    await_success(lab, sent, connection.route, after_s=2)

    names = [[name for name, _ in query_of(arrival)] for arrival in arrivals(lab)]
    wrong = [found for found in names if found != NAMES]
    lab.expect_seen("each attempt has the six parameters once", wrong, {"empty": True}, proves="COM-23.a")
    lab.expect_seen("each uplink came, two of them again", len(names), {"is": len(sent) + 2}, proves="COM-23.a")
    expect_tokens(lab, sent, tiak)


@pytest.mark.requirement("COM-23.c")
def test_query_of_the_destination_url_is_kept(
    lab: Lab, connection: LabConnection, device: LabDevice, tiak: str
) -> None:
    """A URL that has a query already keeps it; the parameters follow."""
    own = "/with-query"
    body = http_body(f"{own}?plant=7", lrcCompliance=True, downlinkAsId=AS_ID, tiak=tiak)
    other = lab.connect(body, Route("posthere", own), device)

    sent = [device.send()]
    lab.await_delivery(sent, other.route)

    lab.judge_delivery(sent, other)
    [url] = [
        str(e.facts["url"]) for e in lab.history.events if e.hop == "destination.arrived" and own in e.facts["url"]
    ]
    names = [part.partition("=")[0] for part in url.partition("?")[2].split("&")]
    lab.expect_seen("the own parameter is there, and the six follow", names, {"is": ["plant", *NAMES]})


@pytest.mark.requirement("COM-23.d")
def test_without_the_option_no_query_is_added(lab: Lab, device: LabDevice) -> None:
    """Without lrcCompliance the URL arrives exactly as it was configured."""
    plain = lab.connect(http_body("/plain?plant=7"), Route("posthere", "/plain"), device)

    sent = [device.send()]
    lab.await_delivery(sent, plain.route)

    lab.judge_delivery(sent, plain)
    urls = [e.facts["url"] for e in lab.history.events if e.hop == "destination.arrived" and plain.route.takes(e.facts)]
    lab.expect_seen("the URL is as configured", urls, {"is": ["/plain?plant=7"]})
