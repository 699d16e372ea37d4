"""Known-bad fakes: rows that no forwarder can break, because what they say is said of the destination."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.codec import encode
from uplab.fakes.posthere import views
from uplab.fakes.relay import commands as c
from uplab.fakes.relay.conversation import Conversation
from uplab.fakes.thingsboard.rest import dashboards as rest_dashboards
from uplab.fakes.thingsboard.state.series import Series
from uplab.fakes.thingsboard.state.tenant import Thing
from uplab.fakes.widgelix import actions, fields, ingest, report_job
from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.documents import parse
from uplab.fakes.widgelix.errors import InvalidError
from uplab.fakes.widgelix.history import History
from uplab.fakes.widgelix.state import WidgelixState

__all__ = ["BAD"]

BAD = Catalogue("fake")
REPORT = "widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured"
SUBSCRIBED = "mqtt/test_did_it_work.py::test_subscriber_sees_exactly_the_uplinks_that_were_sent"


@BAD.bad(
    "widgelix-takes-any-token",
    "Widgelix takes an uplink whose token is nobody's",
    requirement="WGX-02.b",
    models="an ingest that looks for a token and not at it",
    scenario="widgelix/test_key.py::test_wrong_key_is_refused_and_shows_nothing",
    check="seen",
    hop="Widgelix",
)
def widgelix_takes_any_token(mark: Mark) -> None:
    """Takes any bearer for the only device that there is."""

    def make(holder_of: Any) -> Any:
        def anybody(self: WidgelixState, token: str) -> Any:
            found = holder_of(self, token)
            if found is None:
                mark()
                return next(iter(self._devices.values()), None)
            return found

        return anybody

    swap(WidgelixState, "holder_of", make)


@BAD.bad(
    "widgelix-report-as-text",
    "the report holds its numbers as text",
    requirement="WGX-15.c",
    models="an export that no chart can use",
    scenario="widgelix/test_did_it_work.py::test_report_of_temperature_holds_what_the_device_measured",
    check="seen",
    hop="report",
)
def widgelix_report_as_text(mark: Mark) -> None:
    """Writes each value as a string."""

    def make(rows: Any) -> Any:
        def as_text(job: Any) -> Iterator[list[Any]]:
            mark()
            for time_us, *values in rows(job):
                yield [time_us, *(value if value is None else str(value) for value in values)]

        return as_text

    swap(report_job, "rows", make)


@BAD.bad(
    "widgelix-last-seen-stands-still",
    "Last Seen stays at the first message",
    requirement="WGX-16.a",
    models="a field that is set when a device is made",
    scenario="widgelix/test_did_it_work.py::test_later_messages_appear_too",
    check="promise",
    hop="Widgelix",
)
def widgelix_last_seen_stands_still(mark: Mark) -> None:
    """Sets it once."""

    def make(seen: Any) -> Any:
        def once(self: Device, time: Any) -> None:
            if self.last_seen is None:
                seen(self, time)
            else:
                mark()

        return once

    swap(Device, "_seen", make)


@BAD.bad(
    "widgelix-refuses-the-url",
    "Connectivity refuses the URL that IoT Flow shows",
    requirement="WGX-18.b",
    models="an address check that knows the vendor's own host only",
    scenario="widgelix/test_downlink.py::test_downlink_from_widgelix_reaches_the_device",
    check="seen",
    hop="Widgelix",
)
def widgelix_refuses_the_url(mark: Mark) -> None:
    """Wants another path."""

    def make(check: Any) -> Any:
        def narrow(url: str) -> None:
            if "/iot-flow/" in url:
                mark()
                raise InvalidError("downlinkUrl", "expected an address of Actility's")
            check(url)

        return narrow

    swap(actions, "_check_url", make)


@BAD.bad(
    "thingsboard-forgets-the-domain",
    "a domain that was registered is not listed",
    requirement="TB-02.a",
    models="success reported before the thing is there (thingsboard-gateway#58)",
    scenario="thingsboard/test_ports.py::test_registered_domain_is_accepted_as_host_name",
    check="seen",
    hop="ThingsBoard",
    also=(
        Kill("TB-02.c", "pages/test_services.py::test_thingsboard_is_set_up_and_read_on_its_pages", "pages", "page"),
    ),
)
def thingsboard_forgets_the_domain(mark: Mark) -> None:
    """Lists everything else."""

    def make(listed: Any) -> Any:
        def without(call: Any, kind: str) -> list[Thing]:
            mark()
            return [] if kind == "DOMAIN" else listed(call, kind)

        return without

    swap(rest_dashboards, "_all", make)


@BAD.bad(
    "thingsboard-shows-the-first-value",
    "a widget goes on showing the first value of its device",
    requirement="TB-11.a",
    models="a last value that is overwritten by none",
    scenario="thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    check="seen",
    hop="ThingsBoard",
)
def thingsboard_shows_the_first_value(mark: Mark) -> None:
    """Gives the oldest point of a key."""

    def make(latest: Any) -> Any:
        def oldest(self: Series, key: str) -> Any:
            found = self.history(key, 0, 2**62, limit=1, newest_first=False)
            if not found:
                return latest(self, key)
            mark()
            return found[0]

        return oldest

    swap(Series, "latest", make)


@BAD.bad(
    "bin-forgets-headers",
    "the page of a bin shows the bodies and not the headers",
    requirement="HTTP-12.c",
    models="a viewer that hides what it was asked to show",
    scenario="http/test_did_it_work.py::test_page_of_the_bin_names_device_and_header",
    check="promise",
    hop="bin page",
)
def bin_forgets_headers(mark: Mark) -> None:
    """Takes them off the page."""

    def make(shown: Any) -> Any:
        def hiding(*arguments: Any) -> dict[str, Any]:
            mark()
            return {**shown(*arguments), "headers": []}

        return hiding

    swap(views, "_shown", make)


@BAD.bad(
    "broker-hands-on-nothing",
    "the broker acknowledges, and no subscriber gets anything",
    requirement="MQTT-03.c",
    models="a broker whose rights forbid what it acknowledges",
    scenario=SUBSCRIBED,
    check="promise",
)
def broker_hands_on_nothing(mark: Mark) -> None:
    """Acknowledges by itself."""

    def make(_: Any) -> Any:
        def kept(self: Conversation, _packet: bytes, publish: p.Publish, pending: Any) -> list[c.Command]:
            mark()
            said = self._tell.acknowledged(pending.exchange, "PUBACK", 0)
            return [c.Answer(encode(p.Puback(publish.packet_id)), (said,))]

        return kept

    swap(Conversation, "_pass_on", make)


@BAD.bad(
    "widgelix-takes-and-forgets",
    "Widgelix takes an uplink with the right token, moves Last Seen, and shows nothing of it",
    requirement="WGX-02.a",
    models="an ingest that answers before it stores",
    scenario=REPORT,
    check="seen",
    hop="Widgelix",
)
def widgelix_takes_and_forgets(mark: Mark) -> None:
    """Keeps no message."""

    def make(_: Any) -> Any:
        def forget(_self: History, _message: Any) -> None:
            mark()

        return forget

    swap(History, "add", make)


@BAD.bad(
    "widgelix-never-seen",
    "a device that sends is shown as never seen",
    requirement="WGX-15.a",
    models="a field of the list that nobody sets",
    scenario=REPORT,
    check="seen",
    hop="Widgelix",
)
def widgelix_never_seen(mark: Mark) -> None:
    """Sets it never."""

    def make(_: Any) -> Any:
        def blind(_self: Device, _time: Any) -> None:
            mark()

        return blind

    swap(Device, "_seen", make)


@BAD.bad(
    "widgelix-own-types-are-empty",
    "a device type that was made by hand finds nothing in the decoded payload",
    requirement="WGX-15.e",
    models="a path that is looked for at the root of the document",
    scenario="widgelix/test_did_it_work.py::test_device_type_made_by_hand_does_as_well",
    check="seen",
    hop="report",
)
def widgelix_own_types_are_empty(mark: Mark) -> None:
    """Finds no value by a path."""

    def make(_: Any) -> Any:
        def nothing(_path: str, _payload: Any) -> None:
            mark()

        return nothing

    swap(fields, "_found", make)


@BAD.bad(
    "widgelix-refuses-and-shows",
    "an uplink with a wrong token is answered with 401, and shown at its device",
    requirement="WGX-20.a",
    models="an answer that is made beside what is done",
    scenario="widgelix/test_key.py::test_wrong_key_is_refused_and_shows_nothing",
    check="seen",
    hop="Widgelix",
)
def widgelix_refuses_and_shows(mark: Mark) -> None:
    """Takes the document in, whatever the answer says."""

    def make(taken: Any) -> Any:
        def careless(state: WidgelixState, authorizations: Any, body: bytes) -> Any:
            answer = taken(state, authorizations, body)
            if answer[0] == 401:
                mark()
                document = parse(body)
                for device in list(state._devices.values()):
                    if device.dev_eui == document.dev_eui:
                        state.accept(device, document)
            return answer

        return careless

    swap(ingest, "ingest", make)
