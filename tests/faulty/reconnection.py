"""Bugs of links, accounts and schedules: not opened again, at the wrong instants, waited for without end."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import replace
from typing import Any

import aiohttp

from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery import decisions as delivery
from uplab.simulator.forwarder.delivery import reconnect
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.destinations.http.sink import HttpSink
from uplab.simulator.forwarder.destinations.mqtt_link import NamedContext
from uplab.simulator.forwarder.destinations.mqtt_session import MqttSession
from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing
from uplab.simulator.forwarder.destinations.thingsboard import command
from uplab.simulator.forwarder.destinations.thingsboard import connector as thingsboard_connector
from uplab.simulator.forwarder.destinations.thingsboard.mqtt import ThingsBoardSink
from uplab.simulator.forwarder.destinations.thingsboard.rest import ThingsBoardRestSink

__all__ = ["BAD"]

BAD = Catalogue()
INSTANTS = "thingsboard/test_reconnect.py::test_attempts_come_at_the_documented_instants_whatever_the_traffic"


@BAD.bad(
    "never-opened-again",
    "a connection that was closed by a failure stays closed",
    requirement="TB-18.d",
    models="a connection never restarts by its strategy (TXIF-2642)",
    scenario="thingsboard/test_session.py::test_server_that_is_not_ready_is_tried_again",
    check="none lost",
    also=(
        Kill(
            "TB-16.a",
            "thingsboard/test_session.py::test_session_that_the_server_ends_is_renewed_without_loss",
            "none lost",
        ),
    ),
)
def never_opened_again(mark: Mark) -> None:
    """Draws no further attempt."""

    def make(_: Any) -> Any:
        def never(*_arguments: Any) -> None:
            mark()

        return never

    swap(delivery, "dispersed", make)


@BAD.bad(
    "attempts-twice-as-far-apart",
    "the attempts of a strategy are twice as far apart as documented",
    requirement="HTTP-16.g",
    models="wrong date for the next restart (TXIF-2085)",
    scenario="faults/test_strict.py::test_closed_connection_leaves_its_destination_alone",
    check="timing",
    arguments=("--failure-generation", "strict-close"),
    choices={"failure_generation": "strict-close"},
)
def attempts_twice_as_far_apart(mark: Mark) -> None:
    """Doubles each interval."""

    def make(attempt_after_s: Any) -> Any:
        def doubled(strategy: str, attempt: int) -> float | None:
            mark()
            after_s: float | None = attempt_after_s(strategy, attempt)
            return None if after_s is None else 2 * after_s

        return doubled

    swap(reconnect, "attempt_after_s", make)


@BAD.bad(
    "all-at-once",
    "the attempts of all connections come at the same instants, without their random part",
    requirement="COM-08.b",
    models="connections that all restart in the same second (what TXIF-2091 ended)",
    scenario=INSTANTS,
    check="seen",
)
def all_at_once(mark: Mark) -> None:
    """Leaves the random part out."""

    def make(_: Any) -> Any:
        def alike(strategy: str, attempt: int, _random: Any) -> float | None:
            mark()
            return reconnect.attempt_after_s(strategy, attempt)

        return alike

    swap(delivery, "dispersed", make)


@BAD.bad(
    "timer-moved-by-traffic",
    "each uplink puts the next attempt off, so a busy connection is never opened again",
    requirement="COM-08.a",
    models="timer reset at each processed message (TXIF-2568)",
    scenario=INSTANTS,
    check="timing",
)
def timer_moved_by_traffic(mark: Mark) -> None:
    """Begins to count anew."""

    def make(accept: Any) -> Any:
        def busy(self: Delivery, uplinks: Any, now: float) -> Any:
            if self._attempt_at is not None:
                mark()
                self._attempt_at = now + (reconnect.attempt_after_s(self.policy.strategy, 1) or 0.0)
            return accept(self, uplinks, now)

        return busy

    swap(Delivery, "accept", make)


@BAD.bad(
    "resent-at-once",
    "strictMode sends a refused uplink again without a pause",
    requirement="HTTP-16.f",
    models="dead endpoints hammered (lorawan-stack#4526)",
    scenario="faults/test_strict.py::test_refused_uplink_is_sent_again_after_two_seconds",
    check="timing",
    arguments=("--failure-generation", "strict-resend"),
    choices={"failure_generation": "strict-resend"},
)
def resent_at_once(mark: Mark) -> None:
    """Takes the pause away."""

    def make(resend: Any) -> Any:
        def hasty(self: Delivery, uplink: Any) -> Any:
            mark()
            return resend(self, uplink)

        return hasty

    swap(delivery, "RESEND_AFTER_S", lambda _: 0.0)
    swap(Delivery, "_resend", make)


@BAD.bad(
    "waited-for-without-end",
    "a destination that does not answer is waited for without end",
    requirement="HTTP-19.a",
    models="REST without a timeout hangs (TXIF-2268, 2063)",
    scenario="faults/test_isolation.py::test_answer_that_never_comes_is_given_up",
    check="none lost",
    arguments=("--stop-s", "0.1"),
)
def waited_for_without_end(mark: Mark) -> None:
    """Takes the timeout away."""

    def make(post: Any) -> Any:
        def patient(self: Any, url: Any, **options: Any) -> Any:
            mark()
            return post(self, url, **{**options, "timeout": aiohttp.ClientTimeout(total=None)})

        return patient

    swap(aiohttp.ClientSession, "post", make)


@BAD.bad(
    "unauthorised-is-delivered",
    "an uplink that the destination answers with 401 counts as delivered",
    requirement="WGX-20.b",
    models="a client that raises no error for a status, and a caller that asks for none",
    scenario="widgelix/test_key.py::test_refused_delivery_is_visible_on_the_connection",
    check="seen",
)
def unauthorised_is_delivered(mark: Mark) -> None:
    """Takes 401 for success."""

    def make(deliver: Any) -> Any:
        async def content(self: HttpSink, outgoing: Outgoing) -> Answer:
            answer: Answer = await deliver(self, outgoing)
            if answer.status == 401:
                mark()
                return Answer("delivered", answer.status)
            return answer

        return content

    swap(HttpSink, "deliver", make)


@BAD.bad(
    "account-called-unreachable",
    "a refused login is shown as a host out of reach, and tried again",
    requirement="TB-18.a",
    models="OPENING stuck when the login fails (TXIF-2161)",
    scenario="thingsboard/test_session.py::test_unknown_account_is_authentication_failed",
    check="awaited",
)
def account_called_unreachable(mark: Mark) -> None:
    """Makes no difference between the two."""

    def make(opened: Any) -> Any:
        async def blurred(self: MqttSession) -> Answer:
            answer: Answer = await opened(self)
            if answer.kind == "authentication_failed":
                mark()
                return Answer("unreachable", reason="no connection")
            return answer

        return blurred

    swap(MqttSession, "open", make)


@BAD.bad(
    "link-for-each-uplink",
    "each uplink opens a link of its own to ThingsBoard",
    requirement="TB-12.a",
    models="a publisher that connects, publishes and closes for each message",
    scenario="thingsboard/test_did_it_work.py::test_each_device_shows_the_values_of_its_last_uplink",
    check="seen",
)
def link_for_each_uplink(mark: Mark) -> None:
    """Opens anew before each message, one after the other."""
    one_at_a_time = asyncio.Lock()

    def make(deliver: Any) -> Any:
        async def anew(self: ThingsBoardSink, outgoing: Outgoing) -> Answer:
            async with one_at_a_time:
                mark()
                await self.open()
                answer: Answer = await deliver(self, outgoing)
            return answer

        return anew

    swap(ThingsBoardSink, "deliver", make)


@BAD.bad(
    "command-to-the-first",
    "every ThingsBoard command goes to the first device of the link",
    requirement="TB-12.c",
    models="one downlink topic for all devices (TXIF-1331)",
    scenario="thingsboard/test_downlink.py::test_rpc_for_a_device_reaches_that_device",
    check="seen",
)
def command_to_the_first(mark: Mark) -> None:
    """Remembers who sent first."""
    first: list[str] = []

    def make_deliver(deliver: Any) -> Any:
        async def noting(self: ThingsBoardSink, outgoing: Outgoing) -> Answer:
            first.append(outgoing.dev_eui)
            answer: Answer = await deliver(self, outgoing)
            return answer

        return noting

    def make_command(carry_out: Any) -> Any:
        async def misled(back: Any, _dev_eui: str, *arguments: Any) -> Any:
            mark()
            return await carry_out(back, first[-3], *arguments)

        return misled

    swap(ThingsBoardSink, "deliver", make_deliver)
    swap(command, "carry_out", make_command)


def _account(mark: Mark, transports: dict[str, str]) -> None:
    """Reaches ThingsBoard by another transport than its port stands for."""

    def make(read_account: Any) -> Any:
        def misled(configuration: Any, **options: Any) -> Any:
            account = read_account(configuration, **options)
            if account.transport not in transports:
                return account
            mark()
            return replace(account, transport=transports[account.transport])

        return misled

    swap(thingsboard_connector, "read_account", make)


@BAD.bad(
    "port-8883-in-the-clear",
    "port 8883 is spoken to without TLS",
    requirement="TB-07.a",
    models="a port that is taken for a number only",
    scenario="thingsboard/test_ports.py::test_port_8883_is_mqtt_over_tls",
    check="awaited",
)
def port_8883_in_the_clear(mark: Mark) -> None:
    """Takes it for 1883."""
    _account(mark, {"mqtts": "mqtt"})


@BAD.bad(
    "port-443-is-mqtt",
    "port 443 is spoken to in MQTT",
    requirement="TB-07.b",
    models="a port that is taken for a number only",
    scenario="thingsboard/test_ports.py::test_port_443_is_rest",
    check="awaited",
)
def port_443_is_mqtt(mark: Mark) -> None:
    """Takes it for 8883."""
    _account(mark, {"https": "mqtts"})


@BAD.bad(
    "mqtt-tls-not-verified",
    "the certificate of port 8883 is not verified",
    requirement="HTTP-18.c",
    models="verification switched off to make it work (Cumulocity ccd0838aa, thingpark-cli)",
    scenario="thingsboard/test_ports.py::test_port_8883_refuses_an_untrusted_certificate",
    check="seen",
)
def mqtt_tls_not_verified(mark: Mark) -> None:
    """Takes every certificate."""

    def make(trusting: Any) -> Any:
        def anybody(cls: type[NamedContext], *arguments: Any, **options: Any) -> NamedContext:
            mark()
            context: NamedContext = trusting.__func__(cls, *arguments, **options)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            return context

        return classmethod(anybody)

    swap(NamedContext, "trusting", make)


@BAD.bad(
    "expired-session-loses",
    "an uplink that meets an expired session is lost",
    requirement="TB-16.c",
    models="ThingsBoard 401 at login (TXIF-1969)",
    scenario="thingsboard/test_ports.py::test_expired_rest_session_is_renewed_without_loss",
    check="seen",
    also=(Kill("TB-16.d", "thingsboard/test_ports.py::test_connection_outlives_the_life_of_a_token", "seen"),),
)
def expired_session_loses(mark: Mark) -> None:
    """Renews nothing."""

    def make(_: Any) -> Any:
        async def once(self: ThingsBoardRestSink, method: str, path: str, body: bytes | None = None) -> Any:
            mark()
            return await self._request(method, path, body, self._token)

        return once

    swap(ThingsBoardRestSink, "_call", make)


@BAD.bad(
    "unreachable-called-login",
    "a host out of reach is shown as a refused login",
    requirement="TB-18.c",
    models="any failure to open taken for the account's",
    scenario="thingsboard/test_session.py::test_unreachable_host_is_no_failed_login",
    check="seen",
)
def unreachable_called_login(mark: Mark) -> None:
    """Blames the account."""

    def make(opened: Any) -> Any:
        async def blaming(self: MqttSession) -> Answer:
            answer: Answer = await opened(self)
            if answer.kind == "unreachable":
                mark()
                return Answer("authentication_failed", reason="the login failed")
            return answer

        return blaming

    swap(MqttSession, "open", make)
