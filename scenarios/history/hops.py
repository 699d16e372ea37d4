"""The vocabulary of the history: who says what at each hop, in which types and units, and what the payload is.

HISTORY.md tells the same to people (`page.py`). Nothing is held against the vocabulary while a run says it: that is for
tests, and for whoever reads a stored history (`reader.py`).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from uplab.scenarios.history.fact import FORMAT, Fact, Hop

__all__ = ["FORMAT", "HOPS", "Fact", "Hop", "problem_of"]

_DEV_EUI = Fact("dev_eui", "text", "the device's DevEUI", "16 hexadecimal digits")
_SAID_DEV_EUI = Fact("dev_eui", "any JSON", "DevEUI as the document says it", may_be_null=True)
_SAID_F_CNT = Fact("f_cnt", "any JSON", "FCntUp as the document says it", may_be_null=True)
_PHY = Fact("phy_hex", "text", "the PHYPayload", "hexadecimal")
_LRR = Fact("lrr_id", "text", "the gateway")
_WINDOW = Fact("window", "text", "the receive window: RX1, RX2")
_ATTEMPT = Fact("attempt", "whole number", "number of the post; the answer has the same, a repetition another")
_FAKE = Fact("fake", "text", "name of the destination")
_EXCHANGE = Fact("exchange", "whole number", "number of the request or message; what answers it has the same")
_SESSION = Fact("session", "whole number", "number of the MQTT connection")
_METHOD = Fact("method", "text", "HTTP method")
_STATUS = Fact("status", "whole number", "HTTP status")
_CORRELATION = Fact("correlation_id", "text", "CorrelationID of the downlink", may_be_null=True)
_HEADERS = Fact("headers", "[name, value] pairs", "headers in the order of the wire")


def _later(fact: Fact, *, always: bool = True) -> Fact:
    """The fact, where histories without a number may lack it."""
    return Fact(fact.name, fact.type, fact.meaning, fact.unit, fact.may_be_null, always, FORMAT, fact.choices)


_AIR = (
    Hop(
        "device.sent",
        "simulator",
        "a device begins to transmit a frame",
        (
            _DEV_EUI,
            Fact("f_cnt", "whole number", "FCntUp; null for a join request", may_be_null=True),
            Fact("f_port", "whole number", "FPort; null for a join request", may_be_null=True),
            Fact("payload_hex", "text", "FRMPayload before it is encrypted", "hexadecimal"),
            _PHY,
            Fact("time", "text", "when", "ISO 8601 with its offset, simulated time"),
            Fact("m_type", "whole number", "MType, LoRaWAN 1.0.4 section 4.2.1"),
        ),
    ),
    Hop(
        "gateway.heard",
        "simulator",
        "a gateway demodulates the frame",
        (
            _LRR,
            _DEV_EUI,
            Fact("rssi_dbm", "number", "signal strength", "dBm"),
            Fact("snr_db", "number", "signal to noise", "dB"),
            Fact("esp_dbm", "number", "estimated signal power", "dBm"),
            _PHY,
        ),
    ),
    Hop(
        "gateway.sent",
        "simulator",
        "a gateway transmits a downlink frame",
        (_LRR, _DEV_EUI, _WINDOW, _PHY),
    ),
    Hop(
        "device.received",
        "simulator",
        "a device has taken a downlink",
        (
            _DEV_EUI,
            Fact("f_port", "whole number", "FPort; null where the frame has none", may_be_null=True),
            Fact("payload_hex", "text", "FRMPayload, decrypted", "hexadecimal"),
            Fact("f_cnt_down", "whole number", "FCntDown"),
            _WINDOW,
            Fact("confirmed", "true or false", "whether the network asks for an acknowledgement"),
        ),
    ),
)

_NETWORK = (
    Hop(
        "network.joined",
        "simulator",
        "the network server lets a device in",
        (_DEV_EUI, Fact("dev_addr", "text", "the DevAddr that it gave", "8 hexadecimal digits")),
    ),
    Hop(
        "network.refused",
        "simulator",
        "the network server refuses a frame",
        (Fact("reason", "text", "why: unknown_device, mic, replay, f_cnt_gap, dev_nonce, malformed"), _PHY),
    ),
    Hop(
        "network.document",
        "simulator, or the run for a document of its own making",
        "the network server makes a document",
        (
            Fact("root", "text", "the document's root: DevEUI_uplink, …"),
            _SAID_DEV_EUI,
            _SAID_F_CNT,
            Fact("time", "any JSON", "Time as the document says it", "ISO 8601", may_be_null=True),
            Fact("document", "object", "the document with its root"),
        ),
    ),
    Hop(
        "network.downlink",
        "simulator",
        "the network server queues a downlink, or rejects it",
        (
            Fact("dev_eui", "text", "DevEUI as it was asked for", "16 hexadecimal digits", may_be_null=True),
            Fact("f_port", "whole number", "FPort", may_be_null=True),
            Fact("payload_hex", "text", "payload as it was asked for", "hexadecimal", may_be_null=True),
            _CORRELATION,
            Fact("outcome", "text", "what became of it", choices=("queued", "rejected")),
            Fact("cause", "text", "why it was rejected; null where it was queued", may_be_null=True),
        ),
    ),
)

_TUNNEL = (
    Hop(
        "tunnel.sent",
        "simulator, or the run for a post of its own making",
        "a document is posted to the forwarder's ingress",
        (
            _ATTEMPT,
            _SAID_DEV_EUI,
            _SAID_F_CNT,
            Fact("url", "text", "the whole address, with its signed query"),
            _later(Fact("traceparent", "text", "the header of that name (W3C Trace Context)"), always=False),
        ),
        "the body of the request",
    ),
    Hop(
        "tunnel.answered",
        "simulator, or the run for a post of its own making",
        "the post is over",
        (
            _ATTEMPT,
            Fact(
                "outcome",
                "text",
                "accepted: a 2xx, fully read; refused: another status, or no connection; unclear: nobody can know",
                choices=("accepted", "refused", "unclear"),
            ),
            Fact("status", "whole number", "HTTP status; null where none came", may_be_null=True),
            Fact("reason", "text", "why it is no success, in words; may be empty"),
            _later(_HEADERS, always=False),
        ),
        "the beginning of the answer's body, as far as one came",
        raw_always=False,
    ),
)

_DESTINATION = (
    Hop(
        "destination.arrived",
        "fake",
        "a request has arrived at a destination, whole or cut off",
        (
            _FAKE,
            _EXCHANGE,
            _METHOD,
            Fact("url", "text", "path and query as they came, without the mark of the run's namespace"),
            Fact("host", "text", "the header Host"),
            _HEADERS,
            Fact("size", "whole number", "how much of the body came; raw may hold less", "bytes"),
            Fact("complete", "true or false", "whether the request was read to its end"),
            Fact("delivery", "true or false", "false for what is no delivery, such as reading the fake's pages"),
            Fact("malformed", "text", "what made it no HTTP; then method and url are empty", always=False),
        ),
        "the body of the request, as much as the fake keeps",
    ),
    Hop(
        "destination.answered",
        "fake",
        "the exchange is over",
        (
            _EXCHANGE,
            _FAKE,
            Fact("status", "whole number", "HTTP status; null where none was begun", may_be_null=True),
            Fact("written", "true or false", "whether the answer was written to its end"),
            Fact("headed", "true or false", "true where only its head was written whole", always=False),
            Fact(
                "returned",
                "true or false",
                "true where a handler has returned the answer, and nobody knows whether it was written",
                always=False,
            ),
        ),
        "the beginning of the answer's body, where the request was a delivery and the fake made one",
        raw_always=False,
    ),
    Hop(
        "destination.connected",
        "fake",
        "an MQTT CONNECT came, and was answered",
        (
            _FAKE,
            _SESSION,
            Fact("username", "text", "user name of the CONNECT", may_be_null=True),
            Fact("client_id", "text", "client identifier of the CONNECT"),
            _later(Fact("level", "whole number", "protocol level: 3, 4 is MQTT 3.1.1, 5 is MQTT 5")),
            Fact("code", "whole number", "return code, in MQTT 5 reason code, of the CONNACK"),
        ),
    ),
    Hop(
        "destination.published",
        "fake",
        "an MQTT PUBLISH came",
        (
            _FAKE,
            _SESSION,
            _EXCHANGE,
            Fact("topic", "text", "the topic"),
            _later(Fact("level", "whole number", "protocol level of its connection")),
            Fact("qos", "whole number", "quality of service, 0 to 2"),
            _later(Fact("retain", "true or false", "the flag RETAIN")),
            _later(Fact("duplicate", "true or false", "the flag DUP")),
            Fact("packet_id", "whole number", "packet identifier; 0 with QoS 0"),
            _later(Fact("properties", "[name, value] list", "properties of MQTT 5 in the order of the wire")),
            _later(
                Fact(
                    "members",
                    "[device, ts] list",
                    "what a batch of gateway telemetry tells of, one for each point; null where it is none",
                    "ts in ms since 1970",
                    may_be_null=True,
                )
            ),
        ),
        "the payload of the message alone; in histories without `level` the whole packet",
    ),
    Hop(
        "destination.acknowledged",
        "fake",
        "an acknowledgement was written",
        (
            _FAKE,
            _SESSION,
            _EXCHANGE,
            Fact("kind", "text", "PUBACK; with QoS 2 PUBREC"),
            _later(Fact("code", "whole number", "reason code of MQTT 5, from 128 on a refusal; else 0")),
        ),
    ),
    Hop(
        "destination.pushed",
        "fake",
        "a broker has handed a message to a client",
        (
            _FAKE,
            _SESSION,
            Fact("topic", "text", "the topic"),
            Fact("level", "whole number", "protocol level of its connection"),
            Fact("qos", "whole number", "quality of service, 0 to 2"),
            Fact("retain", "true or false", "the flag RETAIN"),
            Fact("duplicate", "true or false", "the flag DUP"),
        ),
        "the payload of the message alone",
    ),
    Hop(
        "destination.closed",
        "fake",
        "an MQTT connection has ended",
        (_FAKE, _SESSION, Fact("reason", "text", "why, in words")),
    ),
)

_OF_API: Final = (_METHOD, Fact("path", "text", "path below the API's address"))
_RUN = (
    Hop(
        "fault.planned",
        "run",
        "a fake is told to misbehave from now on",
        (_FAKE, Fact("faults", "objects", "the faults as data; none: it is well again")),
    ),
    Hop(
        "fault.delivered",
        "fake",
        "a planned fault has happened",
        (Fact("fault", "text", "id of the fault"), _EXCHANGE, Fact("action", "text", "what was done, in one line")),
    ),
    Hop(
        "downlink.posted",
        "run",
        "a DevEUI_downlink was posted to a connection, and answered",
        (
            _SAID_DEV_EUI,
            Fact("f_port", "any JSON", "FPort as it was posted", may_be_null=True),
            Fact("payload_hex", "any JSON", "payload as it was posted", may_be_null=True),
            Fact("correlation_id", "any JSON", "CorrelationID as it was posted", may_be_null=True),
            Fact("url", "text", "where it was posted to"),
            _STATUS,
            Fact("answer", "text", "beginning of the answer's body"),
            _later(_HEADERS),
        ),
        "the body of the answer",
        raw_since=FORMAT,
    ),
    Hop(
        "forwarder.ended",
        "run",
        "the run has ended the forwarder's process, to start it again",
        (Fact("how", "text", "with SIGTERM, or at once", choices=("stopped", "killed")),),
    ),
    Hop(
        "connection.given",
        "run",
        "the forwarder has a connection by another way than its API",
        (Fact("way", "text", "commands or static"), Fact("connection", "text", "its id")),
        "its body, as it was given",
    ),
    Hop(
        "scenario.saw",
        "run",
        "a scenario has looked at something that is judged next",
        (
            Fact("place", "text", "where: a destination, a page, a report, the forwarder"),
            Fact("what", "text", "what was promised of it"),
            Fact("told", "text", "what it was, in words"),
        ),
        "what it was, as JSON",
    ),
    Hop(
        "page.step",
        "run",
        "a user has taken a step on a page, or could not",
        (
            Fact("page", "text", "the page's path"),
            Fact("step", "text", "the step in words"),
            Fact("done", "true or false", "whether it could be taken"),
            Fact("cause", "text", "why not, and what the page said", may_be_null=True),
            Fact("picture", "text", "its picture, a file of the run's folder", may_be_null=True),
        ),
    ),
    Hop("api.asked", "run", "a request goes to the forwarder's API", _OF_API, "body of the request"),
    Hop("api.answered", "run", "the API has answered it", (*_OF_API, _STATUS, _later(_HEADERS)), "body of the answer"),
)

HOPS: Final[Mapping[str, Hop]] = MappingProxyType(
    {hop.name: hop for hop in (*_AIR, *_NETWORK, *_TUNNEL, *_DESTINATION, *_RUN)}
)
"""Every hop by its name, in the order of an uplink's way."""


def problem_of(hop: str, facts: Mapping[str, Any], *, raw: bool, format_: int = FORMAT) -> str | None:
    """What is wrong with a line, in one phrase that names the hop; None where nothing is."""
    known = HOPS.get(hop)
    if known is None:
        return f"there is no hop {hop!r:.60}"
    wrong = known.problem(facts, raw=raw, format_=format_)
    return f"{hop}: {wrong}" if wrong else None
