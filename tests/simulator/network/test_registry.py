from __future__ import annotations

import pytest

from uplab.simulator.chance import Chance
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.ids import DevEUI, JoinEUI, Key
from uplab.simulator.lorawan.join import JoinRequest, decode_join_accept, encode_join_request
from uplab.simulator.lorawan.region import EU868
from uplab.simulator.network.documents import Account, Context
from uplab.simulator.network.registry import Joined, Registry
from uplab.simulator.network.windows import Windows

DEV_EUI, JOIN_EUI = DevEUI("0018B20000000B20"), JoinEUI("0018B24441524632")
APP_KEY = Key(bytes(range(16)))


@pytest.fixture
def registry() -> Registry:
    registry = Registry(chance=Chance(7), region=EU868, windows=Windows(EU868), net_id=2)
    registry.register(DEV_EUI, JOIN_EUI, APP_KEY, Context(str(DEV_EUI), "000000CB", Account(), {}))
    return registry


def request(nonce: int = 1, *, dev_eui: DevEUI = DEV_EUI, join_eui: JoinEUI = JOIN_EUI, key: Key = APP_KEY) -> bytes:
    return encode_join_request(JoinRequest(join_eui, dev_eui, nonce), key)


def joined(registry: Registry, nonce: int = 1) -> Joined:
    answer = registry.join(request(nonce))
    assert isinstance(answer, Joined)
    return answer


def test_a_known_device_is_let_in(registry: Registry) -> None:
    session, phy = joined(registry)

    accept = decode_join_accept(phy, APP_KEY)
    assert accept.dev_addr == session.dev_addr
    assert accept.cf_list == EU868.cf_list()
    assert registry.sessions.get(session.dev_addr.wire()) is session
    assert registry.session(DEV_EUI.lower()) is session


def test_addresses_belong_to_the_network(registry: Registry) -> None:
    assert joined(registry).session.dev_addr[:2] in ("04", "05")


@pytest.mark.parametrize(
    ("phy", "reason"),
    [
        (request(dev_eui=DevEUI("0018B20000000B21")), "unknown_device"),
        (request(join_eui=JoinEUI("0018B24441524633")), "unknown_device"),
        (request(key=Key(bytes(16))), "mic"),
        (request()[:-1], "malformed"),
    ],
)
def test_others_are_refused_with_the_reason(registry: Registry, phy: bytes, reason: str) -> None:
    assert registry.join(phy) == reason
    with pytest.raises(SimulatorError, match="has not joined"):
        registry.session(DEV_EUI)


def test_a_nonce_serves_once(registry: Registry) -> None:
    joined(registry, 5)
    joined(registry, 6)

    assert registry.join(request(5)) == "dev_nonce"


def test_a_refused_request_does_not_spend_its_nonce(registry: Registry) -> None:
    registry.join(request(5, key=Key(bytes(16))))

    assert isinstance(registry.join(request(5)), Joined)


def test_the_old_session_ends_when_the_new_one_is_used(registry: Registry) -> None:
    old = joined(registry, 1).session
    registry.settle(old)
    new = joined(registry, 2).session

    assert registry.sessions.get(old.dev_addr.wire()) is old
    registry.settle(new)
    assert registry.sessions.get(old.dev_addr.wire()) is None
    assert registry.sessions.get(new.dev_addr.wire()) is new


def test_joins_that_are_never_used_leave_nothing_behind(registry: Registry) -> None:
    sessions = [joined(registry, nonce).session for nonce in range(50)]

    known = [registry.sessions.get(session.dev_addr.wire()) for session in sessions]
    assert known == [None] * 49 + [sessions[-1]]


def test_a_device_is_registered_once(registry: Registry) -> None:
    with pytest.raises(SimulatorError, match=r"^dev_eui: 0018B20000000B20 is registered already$"):
        registry.register(DEV_EUI, JOIN_EUI, APP_KEY, Context(str(DEV_EUI), "000000CB", Account(), {}))
