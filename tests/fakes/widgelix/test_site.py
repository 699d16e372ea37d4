"""The pages, as HTML: what they show, what their forms do, and that nothing gets out of its text."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from tests.fakes.widgelix.client import Client
from tests.fakes.widgelix.make import EUI, join, sent, uplink
from uplab.fakes.messages import Answer
from uplab.fakes.widgelix.actions import MakeReport
from uplab.fakes.widgelix.routing import Posting

TABS = ["dashboard", "history", "downlinks", "events", "analyze", "settings"]
HOSTILE = "<script>alert(1)</script>\"'&{{ 7*7 }}"


class _Words(HTMLParser):
    """Collects what a reader sees, the links, and the tags."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "formaction")]

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(" ".join(data.split()))


def read(html: str) -> _Words:
    parser = _Words()
    parser.feed(html)
    return parser


def answered(reply: Any) -> Answer:
    assert isinstance(reply, Answer)
    return reply


def location(reply: Any) -> str:
    assert answered(reply).status == 303
    return dict(answered(reply).headers)["Location"]


def test_stranger_is_sent_to_the_login() -> None:
    client = Client()

    for path in ("/", "/devices", "/device-types", "/devices/1/settings"):
        assert location(client.reply("GET", path)) == "/login"
    assert "Log in" in read(answered(client.reply("GET", "/login")).body.decode()).words


def test_login_form_opens_a_session() -> None:
    client = Client()

    reply = answered(client.page("POST", "/login", email="demo@widgelix.example", password="demo"))

    assert location(reply) == "/devices"
    assert dict(reply.headers)["Set-Cookie"] == "widgelix_session=key-2; Path=/; HttpOnly; SameSite=Lax"


def test_wrong_password_says_so_and_keeps_the_address() -> None:
    reply = answered(Client().page("POST", "/login", email="demo@widgelix.example", password="wrong"))

    assert reply.status == 401
    assert "The e-mail address or the password is wrong." in read(reply.body.decode()).words
    assert b'value="demo@widgelix.example"' in reply.body


def test_unreadable_login_form_is_a_wrong_one() -> None:
    assert answered(Client().reply("POST", "/login", b"\xff\xfe")).status == 401


def test_log_out_ends_the_session() -> None:
    client = Client()

    assert location(client.page("POST", "/logout")) == "/login"
    assert location(client.page("GET", "/devices")) == "/login"


def test_devices_page_lists_and_searches() -> None:
    client = Client()
    client.device(EUI, "Elsys-ERS-CO2")
    client.device("20635F01610001E8", "MicroTracker")

    assert {"Elsys-ERS-CO2", EUI, "MicroTracker", "20635F01610001E8"} <= set(read(client.text("/devices")).words)
    found = read(client.text("/devices?search=micro")).words
    assert "MicroTracker" in found
    assert "Elsys-ERS-CO2" not in found
    assert "Elsys-ERS-CO2" in read(client.text("/devices?search=a81758fffe")).words


def test_forms_make_type_and_device() -> None:
    client = Client()

    assert location(client.page("POST", "/device-types/load", name="ELSYS-ERS")) == "/device-types"
    type_id = client.api("GET", "/api/device-types")[1][0]["id"]
    reply = client.page("POST", "/devices", name="Room", deviceId=EUI.lower(), deviceTypeId=type_id)

    assert location(reply) == "/devices"
    assert client.api("GET", "/api/devices")[1][0]["deviceId"] == EUI


def test_type_form_takes_one_field_a_line() -> None:
    client = Client()

    client.page("POST", "/device-types", name="Tank", fields="temperature\r\n\r\nlevel = $.a[?@.b == 1].level\r\n")

    assert client.api("GET", "/api/device-types")[1][0]["fields"] == [
        {"name": "temperature", "source": "codec"},
        {"name": "level", "source": "$.a[?@.b == 1].level"},
    ]


@pytest.mark.parametrize(
    ("path", "form", "reason"),
    [
        ("/devices", {"name": "Room", "deviceId": "A8", "deviceTypeId": "1"}, "deviceId: expected 16 hexadecimal"),
        ("/devices", {"name": "Twin", "deviceId": EUI, "deviceTypeId": "1"}, f"there is a device {EUI} already"),
        ("/device-types", {"name": "Tank", "fields": "a = $.["}, "fields[0].source: is no JSON path"),
        ("/device-types", {"name": "Tank", "fields": ""}, "fields: expected 1 to 50 fields, not 0"),
        ("/device-types/load", {"name": "ELSYS-ERS"}, "there is a device type 'ELSYS-ERS' already"),
        ("/devices/2/connectivity", {"downlinkUrl": "x", "downlinkPort": "5"}, "downlinkUrl: expected an address"),
        ("/devices/2/connectivity", {"downlinkUrl": "", "downlinkPort": "0"}, "downlinkPort: expected a whole number"),
        ("/devices/2/downlinks", {"payload_hex": "0"}, "expected bytes as pairs of hexadecimal digits"),
        ("/devices/2/downlinks", {"payload_hex": "00"}, "the device's connectivity has no downlink URL"),
    ],
)
def test_refused_form_says_why_and_keeps_what_was_typed(path: str, form: dict[str, str], reason: str) -> None:
    client = Client()
    assert client.device() == "2"

    reply = answered(client.page("POST", path, **form))

    assert reply.status == 400
    html = reply.body.decode()
    assert any(words.startswith(reason) for words in read(html).words)


def test_device_page_shows_last_seen_and_last_events() -> None:
    client = Client()
    device = client.device()
    key = client.key(device)
    assert "No Events" in read(client.text(f"/devices/{device}/dashboard")).words

    client.deliver(key, join())
    client.deliver(key, uplink(Time="2026-01-01T23:59:00Z"))

    words = read(client.text(f"/devices/{device}/dashboard")).words
    assert words[words.index("Last Seen:") + 1] == "a minute ago"
    assert words[words.index("Last Events:") + 1] == "join"
    assert "22.6" in words


def test_history_tab_shows_repeats_and_what_was_dropped() -> None:
    client = Client(history_limit=2)
    device = client.device()
    key = client.key(device)

    for _ in range(3):
        client.deliver(key, uplink())

    words = read(client.text(f"/devices/{device}/history")).words
    assert words.count("22.6") == 2
    assert "1 older messages are no longer kept: a device keeps 2." in words


def test_history_tab_shows_what_could_not_be_decoded() -> None:
    client = Client()
    device = client.device()
    client.deliver(client.key(device), uplink(payload_hex="9f"))

    assert "elsys: byte 0: type 0x9f is unknown" in read(client.text(f"/devices/{device}/history")).words


def test_settings_tab_shows_connectivity_and_report() -> None:
    client = Client()
    device = client.device()
    client.page("POST", f"/devices/{device}/token")
    client.page("POST", f"/devices/{device}/connectivity", downlinkUrl="http://example/x", downlinkPort="5")

    html = client.text(f"/devices/{device}/settings")

    token = client.api("GET", f"/api/devices/{device}")[1]["connectivity"]["accessToken"]
    for value in (token, "https://app.widgelix.com/v1/input-node/actility", "http://example/x", "5"):
        assert f'value="{value}"' in html
    words = read(html).words
    assert [word for word in ("Connectivity", "Debug Data", "Report", "Get Report") if word not in words] == []


def test_enter_in_the_connectivity_form_never_revokes_the_token() -> None:
    client = Client()

    html = client.text(f"/devices/{client.device()}/settings")

    # The button that Enter presses is the first one that belongs to the form.
    form = html[html.index('id="connectivity"') :]
    owned = [button for button in form.split("<button")[1:] if 'form="token"' not in button.partition(">")[0]]
    assert owned[0].startswith(' class="primary">Save')


def test_debug_data_is_loaded_on_demand() -> None:
    client = Client()
    device = client.device()
    client.deliver(client.key(device), uplink())

    assert "0100e202290400270506" not in client.text(f"/devices/{device}/settings")
    assert "0100e202290400270506" in client.text(f"/devices/{device}/settings?debug=1")


def test_report_form_asks_for_the_report() -> None:
    client = Client()
    device = client.device()

    job = client.page("GET", f"/devices/{device}/report?fields=temperature&fields=motion&range=week&from=&to=")

    assert isinstance(job, MakeReport)
    assert job.fields == ("temperature", "motion")


def test_report_without_a_field_says_so() -> None:
    client = Client()

    html = client.text(f"/devices/{client.device()}/report?range=week", status=400)

    assert any(word.startswith("fields: choose one or more") for word in read(html).words)


def test_downlink_form_posts_and_shows_the_status() -> None:
    client = Client()
    device = client.device()
    client.page("POST", f"/devices/{device}/connectivity", downlinkUrl="http://example/x", downlinkPort="5")

    reply = client.page("POST", f"/devices/{device}/downlinks", payload_hex="00ff")

    assert isinstance(reply, Posting)
    assert location(reply.answer) == f"/devices/{device}/downlinks"
    reply.post.device.end_downlink(reply.post.downlink.id, "refused", 404, "no such connection")
    words = read(client.text(f"/devices/{device}/downlinks")).words
    assert "refused" in words
    assert "404 no such connection" in words


def test_events_tab_shows_the_facts() -> None:
    client = Client()
    device = client.device()
    client.deliver(client.key(device), sent("00000000000000AB"))

    assert "00000000000000AB" in read(client.text(f"/devices/{device}/events")).words


@pytest.mark.parametrize("path", ["/devices/99/settings", "/devices/2/nothing", "/nothing", "/devices/2/settings/x"])
def test_missing_page_says_so(path: str) -> None:
    client = Client()
    client.device()

    assert "To the devices" in read(client.text(path, status=404)).words


def test_hostile_text_stays_text() -> None:
    client = Client()
    fields = [{"name": "text", "source": "$.text"}]
    type_id = client.api("POST", "/api/device-types", {"name": HOSTILE, "description": HOSTILE, "fields": fields})[1][
        "id"
    ]
    members = {"name": HOSTILE, "deviceId": EUI, "deviceTypeId": type_id}
    device = client.api("POST", "/api/devices", members)[1]["id"]
    key = client.key(device)
    client.deliver(key, uplink(payload={"text": HOSTILE}, payloadDecodedError={"code": HOSTILE}))
    client.deliver(key, sent(HOSTILE))

    for path in ("/devices", "/device-types", *(f"/devices/{device}/{tab}" for tab in TABS)):
        html = client.text(path)
        assert "script" not in read(html).tags
        assert "49" not in read(html).words
    assert HOSTILE in read(client.text(f"/devices/{device}/history")).words


@pytest.mark.parametrize("path", ["/login", "/devices", "/device-types", *(f"/devices/2/{tab}" for tab in TABS)])
def test_page_needs_nothing_from_elsewhere(path: str) -> None:
    client = Client()
    client.device()

    reply = answered(client.page("GET", path))

    assert all(link.startswith("/") for link in read(reply.body.decode()).links)
    assert dict(reply.headers)["Content-Security-Policy"].startswith("default-src 'none'")


def test_style_sheet_is_served_to_anybody() -> None:
    reply = answered(Client().reply("GET", "/assets/style.css"))

    assert dict(reply.headers)["Content-Type"] == "text/css; charset=utf-8"
    assert b"http" not in reply.body


def linked(html: str) -> dict[str, str]:
    """The links between the pages of a list, by their names."""
    found = re.search(r'<nav class="pages".*?</nav>', html, re.DOTALL)
    links = re.findall(r'<a rel="\w+" href="([^"]+)">(\w+)</a>', found[0]) if found else []
    return {name: query.replace("&amp;", "&") for query, name in links}


def test_every_device_can_be_reached_and_the_search_is_kept() -> None:
    client = Client()
    names = [f"room {number:03}" for number in range(229)]
    for number, name in enumerate([*names, "cellar"]):
        client.device(f"A81758FFFE{number:06X}", name)

    html, seen = client.text("/devices?search=ROOM"), []
    while True:
        seen += [word for word in read(html).words if word.startswith("room ")]
        if "Next" not in linked(html):
            break
        html = client.text(f"/devices{linked(html)['Next']}")

    assert seen == names
    assert "201-229 of 229" in read(html).words
    assert linked(html)["First"] == "?search=ROOM"
    for asked in ("0", "x", "-1"):
        assert "room 000" in read(client.text(f"/devices?page={asked}")).words
    assert "cellar" in read(client.text("/devices?page=99")).words
    assert "show all" in read(client.text("/devices?search=attic")).words


def test_every_message_event_and_downlink_that_is_kept_can_be_read() -> None:
    client = Client(history_limit=150)
    device = client.device()
    key = client.key(device)
    client.page("POST", f"/devices/{device}/connectivity", downlinkUrl="http://example/x", downlinkPort="5")
    for number in range(160):
        client.deliver(key, uplink(FCntUp=10_000 + number))
        client.deliver(key, sent(f"{number:016X}"))
        client.page("POST", f"/devices/{device}/downlinks", payload_hex=f"{number:08x}")

    for tab, total, oldest in (("history", 150, "10010"), ("events", 160, f"{0:016X}"), ("downlinks", 160, f"{0:08x}")):
        first, second = client.text(f"/devices/{device}/{tab}"), client.text(f"/devices/{device}/{tab}?page=2")
        assert f"101-{total} of {total}" in read(second).words
        assert oldest not in read(first).words
        assert oldest in read(second).words
    assert "The newest 20 of 150; all of them are in" in read(client.text(f"/devices/{device}/settings?debug=1")).words
    assert "No Events" not in read(client.text(f"/devices/{device}/events?page=2")).words


def test_long_list_of_types_has_pages() -> None:
    client = Client()
    for number in range(101):
        client.page("POST", "/device-types", name=f"type {number:03}", fields="level = $.level")

    assert "type 100" not in read(client.text("/device-types")).words
    assert "type 100" in read(client.text("/device-types?page=2")).words
