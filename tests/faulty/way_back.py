"""Bugs of ThingsBoard over REST and of the way back: accounts taken for hosts, silence about what cannot be done."""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import Any

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.destinations import mqtt_session
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer
from uplab.simulator.forwarder.destinations.thingsboard import connector, rest, telemetry
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink

__all__ = ["BAD"]

BAD = Catalogue()
PORTS = "thingsboard/test_ports.py::"


def _opening(mark: Mark, sink: type, change: Any) -> None:
    """Changes what a sink answers to its opening."""

    def make(opened: Any) -> Any:
        async def otherwise(self: Any) -> Answer:
            answer: Answer = await opened(self)
            changed: Answer = change(answer)
            if changed != answer:
                mark()
            return changed

        return otherwise

    swap(sink, "open", make)


@BAD.bad(
    "rest-refusal-is-no-host",
    "a login that ThingsBoard refuses over REST is shown as a host out of reach",
    requirement="TB-08.c",
    models="every status but 200 taken for an outage",
    scenario=f"{PORTS}test_wrong_password_over_rest_is_no_unreachable_host",
    check="awaited",
    also=(Kill("TB-18.e", f"{PORTS}test_disabled_account_over_rest_is_told_so", "awaited"),),
)
def rest_refusal_is_no_host(mark: Mark) -> None:
    """Forgets what a 401 means."""
    _opening(
        mark,
        ThingsBoardRestSink,
        lambda answer: replace(answer, kind="unreachable") if answer.kind == "authentication_failed" else answer,
    )


@BAD.bad(
    "no-word-of-no-way-back",
    "a connection over HTTPS takes no commands, and does not say so",
    requirement="TB-13.c",
    models="a bidirectional link that is one in the document only",
    scenario=f"{PORTS}test_command_over_rest_comes_or_its_absence_is_told",
    check="seen",
)
def no_word_of_no_way_back(mark: Mark) -> None:
    """Opens as if all were well."""
    _opening(mark, ThingsBoardRestSink, lambda answer: replace(answer, reason="") if answer.ok else answer)


@BAD.bad(
    "refused-subscription-is-silent",
    "a SUBACK that refuses is taken for one that grants",
    requirement="TB-13.d",
    models="return codes of SUBACK that nobody reads",
    scenario=f"{PORTS}test_refused_subscription_is_told",
    check="seen",
)
def refused_subscription_is_silent(mark: Mark) -> None:
    """Does not look at the codes."""
    _opening(mark, MqttSession, lambda answer: replace(answer, reason="") if answer.ok else answer)


@BAD.bad(
    "rest-tls-not-verified",
    "the certificate of port 443 is not verified for ThingsBoard",
    requirement="HTTP-18.d",
    models="verify=False in one of two clients",
    scenario=f"{PORTS}test_port_443_refuses_an_untrusted_certificate",
    check="seen",
)
def rest_tls_not_verified(mark: Mark) -> None:
    """Trusts anybody."""

    class Trusting:
        """The module, with a context of its own making."""

        def __getattr__(self, name: str) -> Any:
            return getattr(ssl, name)

        def create_default_context(self, **_: Any) -> ssl.SSLContext:
            mark()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context

    swap(rest, "ssl", lambda _: Trusting())


@BAD.bad(
    "devices-made-anyway",
    "createDevices false makes devices all the same",
    requirement="TB-14.c",
    models="an option that only one of two transports reads",
    scenario="thingsboard/test_did_it_work.py::test_unknown_device_is_skipped_without_create_devices",
    check="seen",
)
def devices_made_anyway(mark: Mark) -> None:
    """Reads the account without the option."""

    def make(read: Any) -> Any:
        def generous(configuration: Any, **options: Any) -> Any:
            account = read(configuration, **options)
            if not account.create_devices:
                mark()
            return replace(account, create_devices=True)

        return generous

    swap(connector, "read_account", make)


@BAD.bad(
    "locked-is-unreachable",
    "CONNACK 5, for an account that is disabled or locked, is shown as a host out of reach",
    requirement="TB-18.b",
    models="one return code of five understood",
    scenario="thingsboard/test_session.py::test_closed_account_is_authentication_failed",
    check="awaited",
)
def locked_is_unreachable(mark: Mark) -> None:
    """Knows code 4 alone."""

    class One(frozenset[int]):
        def __contains__(self, code: object) -> bool:
            mark()
            return code == 4

    swap(mqtt_session, "ACCOUNT_CODES", lambda _: One())


@BAD.bad(
    "metadata-left-out",
    "telemetry holds what the device measured, and nothing of what the network says",
    requirement="TB-15.c",
    models="metadata of an uplink thrown away with its envelope",
    scenario="thingsboard/test_did_it_work.py::test_every_uplink_stands_in_the_history_at_its_time",
    check="promise",
)
def metadata_left_out(mark: Mark) -> None:
    """Drops it."""

    def make(_: Any) -> Any:
        def none(_content: Any) -> dict[str, Any]:
            mark()
            return {}

        return none

    swap(telemetry, "_metadata", make)


@BAD.bad(
    "ended-session-stays-ended",
    "after a session that ThingsBoard ended no attempt to reconnect is made; after one that could not begin they are",
    requirement="COM-08.c",
    models="a strategy that begins at a refused connection only (TXIF-2642)",
    scenario="thingsboard/test_session.py::test_session_that_the_server_ends_is_renewed_without_loss",
    check="awaited",
)
def ended_session_stays_ended(mark: Mark) -> None:
    """Closes, and draws no attempt."""

    def make(_: Any) -> Any:
        def lost(self: Delivery, reason: str, _now: float) -> Any:
            if not self._delivering:
                return []
            mark()
            return self._begin_closing(reason)

        return lost

    swap(Delivery, "lost", make)
