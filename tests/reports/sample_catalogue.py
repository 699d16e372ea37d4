"""The made-up run's requirements and scenarios, as tables."""

from typing import Any

__all__ = ["NASTY", "REQUIREMENTS", "SCENARIOS"]

NASTY = "<script>alert('x')</script> & \"quoted\" ]]> 🛰️👩‍🔬 \x1b[31mred\x00 \u202egnp.exe"

_ROWS = """
WGX-01|D|forwarder|A connection has an Application Name and a Widgelix Key; both are mandatory; both can be
  changed later
WGX-02|D|fake|The Widgelix Key is an access token, made by Widgelix on the connectivity of a device; an uplink
  carrying it is accepted (O: another token is refused with 401)
WGX-03|D|page|UI: Applications, Create, View More Applications Type, Widgelix, fill in, Create; fields marked *
  are mandatory and an empty one is refused at the field
WGX-06|D|forwarder|API: POST /connections with the document's example body (own destination and token) creates
  the connection
WGX-07|D|forwarder|API: PUT replaces: the whole configuration must be given again. A missing mandatory key: 400
  and the old configuration intact; a missing optional key: its default (O)
WGX-14|D|forwarder|The access token is given raw or as "Bearer token" (the document shows both); exactly one
  "Bearer" reaches Widgelix
WGX-15|D|fake|Did it work: a device type exists, the device is in Devices, its Settings tab has a Report
  section, and the Excel report of a chosen field holds the data that the device sent
WGX-20|O|forwarder|A wrong or revoked key: Widgelix answers 401, the failure is visible on the connection
  (counter, event), nothing is shown as delivered
HTTP-01|D|forwarder|API: POST /connections with the document's example body creates the connection
HTTP-02|D|forwarder|API: PUT replaces the whole configuration (as WGX-07)
HTTP-05|D|forwarder|All configured headers reach the destination with exactly the configured values, after
  substitution of patterns
HTTP-06|D|forwarder|`{DevEUI}` in a header value becomes the DevEUI of the uplink's device, for each uplink
HTTP-07|D|forwarder|destinationURL must begin with http:// or https://; anything else is refused with a reason
HTTP-08|D|forwarder|blamePeriod is an integer number of seconds, 30 when absent: after a failed delivery at t
  none is tried before t + blamePeriod, then they go out in order; "30", 1.5 and -1 are refused with 400
HTTP-09|D|page|UI: Applications, Create, View More Applications Type, HTTP, fill in, Create, notification,
  details page; * marks mandatory
HTTP-12|D|forwarder|Did it work: the configured bin shows exactly the uplinks that were sent, correct in method,
  body, headers and answer, and every other bin is empty
HTTP-13|D|forwarder|Events and commands of many devices are multiplexed over one connection without mixing
HTTP-15|P|forwarder|One POST for each uplink, application/json, the DevEUI_uplink document unaltered
HTTP-18|O|forwarder|TLS certificates are verified: unknown authority, wrong host and expired are refused, with a
  clear event
TB-01|D|forwarder|Domain Name (host:port), Username (e-mail) and Password are mandatory
TB-07|D|forwarder|hostName names host and port; the documents show 1883, 8883 and 443; without a port, or with a
  scheme, it is refused with 400
TB-11|D|fake|Did it work: log in to ThingsBoard, customise a dashboard: a widget bound to device X shows the
  values of X, never those of Y
TB-14|P|forwarder|Unknown devices are created once, whatever the letter case of the DevEUI; with createDevices
  false they are skipped with an error event
TB-16|P|forwarder|An expired session is renewed without losing uplinks
COM-01|P|forwarder|active: false stops the connection within a minute, true starts it; default true
COM-08|P|forwarder|reconnectStrategy CALM, NORMAL, AGGRESSIVE: attempts at the documented instants, within a
  minute of dispersion, whatever the traffic
COM-12|P|forwarder|Metrics for an hour and a day: active devices; uplinks delivered, failed, lost; downlinks,
  failed: exact
COM-18|O|forwarder|What was accepted leaves the queue only by delivery or by a documented drop with its event
  and count, also when the forwarder is killed and started again
COM-20|O|forwarder|Wrong input to the API: a 4xx with a code and a message that names the field; nothing
  half-done
COM-21|O|forwarder|No secret in logs, events, API answers, error texts or reports
DL-01|P|forwarder|Every connection has one downlink URL, …/iot-flow/downlinkMessages/{uuid}, unique, stable
  across PUT and restart, gone with DELETE
DL-04|P|forwarder|POST of a DevEUI_downlink document with FPort and payload_hex reaches the device unchanged, in
  its next receive window
DL-08|P|forwarder|Confirmed 1: the device acknowledges, and DevEUI_downlink_Sent reaches the destination with
  the same CorrelationID
DL-11|P|forwarder|A rejected downlink comes back as DevEUI_downlink_Rejected with its cause
DL-13|O|forwarder|Unknown or deleted URL: 404; broken JSON, wrong types, huge bodies: 4xx; nothing reaches any
  device
"""
_DOCUMENTS = {
    "WGX": "widgelix.md",
    "HTTP": "http.md",
    "TB": "thingsboard.md",
    "COM": "ThingPark X IoT Flow",
    "DL": "ThingPark X IoT Flow",
}


def _requirement(row: str) -> dict[str, str]:
    id_, source, subject, text = row.split("|", 3)
    return {
        "id": id_,
        "document": _DOCUMENTS[id_.partition("-")[0]],
        "source": source,
        "text": text,
        "subject": subject,
    }


REQUIREMENTS: list[dict[str, str]] = [_requirement(row) for row in _ROWS.replace("\n  ", " ").strip().splitlines()]


def _of(suite: str, file: str, title: str, *requirements: str, **fields: Any) -> dict[str, Any]:
    return {"suite": suite, "file": file, "title": title, "requirements": list(requirements), **fields}


SCENARIOS: list[dict[str, Any]] = [
    _of("http", "did_it_work", "bin shows exactly the uplinks that were sent", "HTTP-12", "HTTP-15"),
    _of(
        "http",
        "headers",
        "configured headers arrive with exactly their values",
        "HTTP-05",
        "HTTP-06",
        outcome="failed",
        verdicts=[
            {"check": "none lost"},
            {
                "check": "right headers",
                "outcome": "failed",
                "requirement": "HTTP-05",
                "hop": "forwarder",
                "ids": ["u2"],
                "happened": "Authorization of u2 was missing, expected 'Bearer SECRET-7c2f01d4-cf6a'",
                "advice": "is the header configured on this connection, and its pattern resolved for this uplink?",
                "question": {"check": "right headers", "until": 57, "ids": ["u2"], "to": {"fake": "posthere"}},
            },
        ],
    ),
    _of("http", "api", "example body of the document creates the connection", "HTTP-01"),
    _of("http", "api", "PUT replaces the whole configuration", "HTTP-02"),
    _of("http", "api", "destination without http or https is refused", "HTTP-07", "COM-20"),
    _of(
        "http",
        "once",
        "each uplink arrives once",
        "HTTP-12",
        outcome="failed",
        kind="twice",
        verdicts=[
            {
                "check": "none twice",
                "outcome": "failed",
                "requirement": "HTTP-12",
                "hop": "forwarder",
                "ids": ["u2"],
                "happened": "1 arrived again at posthere /4b19-48f6-94cc although it had been delivered: u2",
                "advice": "is the queue entry removed before the next attempt?",
            },
        ],
    ),
    _of(
        "http",
        "tls",
        "certificate of an unknown authority is refused",
        "HTTP-18",
        outcome="unknown",
        kind="lost",
        reason="the planned fault 'unknown authority' was never delivered",
        verdicts=[
            {
                "check": "none lost",
                "outcome": "unknown",
                "examined": 0,
                "hop": "destination",
                "ids": ["u2"],
                "happened": "none of the 3 uplinks reached the TLS port",
            }
        ],
    ),
    _of("http", "many_devices", "many devices share one connection without mixing", "HTTP-13"),
    _of("http", "pages", "a connection is created on the page as the document walks through it", "HTTP-09"),
    _of("widgelix", "did_it_work", "report of a field holds what the device sent", "WGX-15"),
    _of("widgelix", "key", "key is accepted raw and as bearer, one Bearer arrives", "WGX-14", "WGX-02"),
    _of("widgelix", "api", "example body of the document creates the connection", "WGX-06", "WGX-01"),
    _of("widgelix", "api", "missing mandatory key leaves the old configuration", "WGX-07", "COM-20"),
    _of("widgelix", "key", "revoked key is visible on the connection", "WGX-20"),
    _of(
        "thingsboard", "did_it_work", "widget of a device shows its values and no other's", "TB-11", kind="thingsboard"
    ),
    _of("thingsboard", "devices", "unknown device is created once in either letter case", "TB-14", kind="thingsboard"),
    _of(
        "thingsboard",
        "session",
        "expired session is renewed without losing uplinks",
        "TB-16",
        outcome="not applicable",
        reason="the profile declares no feature 'thingsboard_rest': the forwarder speaks MQTT only",
    ),
    _of("thingsboard", "api", "host name without a port is refused", "TB-07", "TB-01"),
    _of(
        "common",
        "restart",
        "accepted uplinks survive kill and restart",
        "COM-18",
        outcome="failed",
        kind="lost",
        verdicts=[
            {
                "check": "none lost",
                "outcome": "failed",
                "requirement": "COM-18",
                "hop": "forwarder",
                "ids": ["u2"],
                "happened": "1 of 3 accepted uplinks lost: u2 never arrived at posthere /4b19-48f6-94cc",
                "advice": "read the forwarder's log; is the queue flushed to disk before the 2xx?",
            },
            {"check": "in order", "happened": "2 deliveries in order", "examined": 2},
        ],
    ),
    _of("common", "active", "inactive connection delivers nothing", "COM-01"),
    _of(
        "common",
        "reconnect",
        "reconnect attempts follow the calm table",
        "COM-08",
        outcome="not applicable",
        reason="the forwarder runs elsewhere: its time cannot be scaled",
    ),
    _of("common", "secrets", "no secret appears in the log", "COM-21"),
    _of("downlink", "delivery", "downlink reaches the device unchanged", "DL-04", "DL-01", kind="downlink"),
    _of("downlink", "delivery", "rejected downlink comes back with its cause", "DL-11", kind="downlink"),
    _of(
        "downlink",
        "delivery",
        "confirmed downlink is reported as sent",
        "DL-08",
        outcome="unknown",
        kind="downlink",
        reason="the report did not come within the profile's settle time; the lab's loop lagged by 0.41 s",
        verdicts=[
            {
                "check": "sent report",
                "outcome": "unknown",
                "examined": 1,
                "hop": "network.downlink",
                "ids": ["d1"],
                "promised": "the same CorrelationID comes back in DevEUI_downlink_Sent",
                "happened": "no report was seen in 2 s, but the lab itself was late by 0.41 s",
                "advice": "run again on a quieter machine",
            }
        ],
    ),
    _of("downlink", "input", "broken downlink document is refused", "DL-13"),
    _of(
        "faults",
        "nasty",
        f"hostile text {NASTY}",
        "COM-20",
        name="hostile_text",
        outcome="failed",
        kind="nasty",
        message=f"the forwarder echoed {NASTY}\n" + "0123456789" * 1200,
        verdicts=[
            {
                "check": "unaltered",
                "outcome": "failed",
                "requirement": "HTTP-15",
                "hop": "tunnel",
                "ids": ["u2"],
                "promised": f"unaltered: {NASTY}",
                "happened": f"u2 was altered at /DevEUI_uplink/Comment: expected {NASTY}, received nothing",
                "advice": "escape what you show",
            }
        ],
    ),
    _of("faults", "retry", "refused delivery is retried after the blame period", "HTTP-08", kind="retried"),
    _of("faults", "retry", "redirect is no delivery", "HTTP-99"),
    _of("load", "steady", "a thousand uplinks a second lose none", "COM-18", "HTTP-12"),
]
