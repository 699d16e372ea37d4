import tracemalloc
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from uplab.fakes.behaviour import Behaviour, delivered
from uplab.fakes.faults import (
    ANY,
    Always,
    EveryNth,
    Fault,
    FirstN,
    Hang,
    JsonPointer,
    Nth,
    RefuseConnect,
    Share,
    Status,
    Trigger,
    WithholdPuback,
)

REFUSAL = Status(503)


def request(body: object = None, url: str = "/bin") -> dict[str, Any]:
    return {"kind": "request", "method": "POST", "url": url, "raw": b"" if body is None else orjson.dumps(body)}


def met(trigger: Trigger, count: int) -> list[int]:
    behaviour = Behaviour([Fault("f", trigger, REFUSAL)])
    return [n for n in range(1, count + 1) if behaviour.choose(request()) is not None]


def test_without_faults_nothing_is_chosen() -> None:
    behaviour = Behaviour()

    assert behaviour.choose(request()) is None
    assert not behaviour.watches("request")


@pytest.mark.parametrize(
    ("trigger", "expected"),
    [
        (Always(), [1, 2, 3, 4, 5, 6, 7]),
        (Nth(3), [3]),
        (FirstN(2), [1, 2]),
        (EveryNth(3), [3, 6]),
        (Share(0.0, 7), []),
        (Share(1.0, 7), [1, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_trigger_meets_exactly_its_occasions(trigger: Trigger, expected: list[int]) -> None:
    assert met(trigger, 7) == expected


@given(p=st.floats(0, 1), seed=st.integers())
def test_same_seed_chooses_the_same_occasions(p: float, seed: int) -> None:
    assert met(Share(p, seed), 50) == met(Share(p, seed), 50)


def test_share_is_kept_over_many_occasions_and_differs_by_seed() -> None:
    assert 2800 < len(met(Share(0.3, 7), 10_000)) < 3200
    assert met(Share(0.3, 7), 100) != met(Share(0.3, 8), 100)


def test_first_fault_wins_and_the_others_count_all_the_same() -> None:
    first, second = Fault("a", Nth(1), REFUSAL), Fault("b", FirstN(2), Hang())
    behaviour = Behaviour([first, second])

    assert behaviour.choose(request()) == (first, REFUSAL)
    assert behaviour.choose(request()) == (second, Hang())
    assert behaviour.choose(request()) is None
    assert behaviour.chosen == {"a": 1, "b": 1}


def test_each_kind_of_occasion_is_counted_by_itself() -> None:
    refuse, withhold = Fault("c", Nth(1), RefuseConnect(5)), Fault("p", Nth(2), WithholdPuback())
    behaviour = Behaviour([refuse, withhold])
    publish = {"kind": "publish", "topic": "v1/gateway/telemetry", "raw": b"{}"}

    assert behaviour.choose(publish) is None
    assert behaviour.choose({"kind": "connect", "username": "u"}) == (refuse, RefuseConnect(5))
    assert behaviour.choose(publish) == (withhold, WithholdPuback())
    assert [behaviour.watches(kind) for kind in ("head", "request", "connect", "publish")] == [False, False, True, True]


def test_only_the_named_place_is_counted_and_touched() -> None:
    behaviour = Behaviour([Fault("login", Nth(2), REFUSAL, only="/api/auth/login")])

    chosen = [
        behaviour.choose(request(url=url)) is not None for url in ("/api/auth/login", "/api/x", "/api/auth/login")
    ]

    assert chosen == [False, False, True]


@pytest.mark.parametrize(
    ("pointer", "value", "document", "expected"),
    [
        ("/DevEUI_uplink/FCntUp", 5, {"DevEUI_uplink": {"FCntUp": 5}}, True),
        ("/DevEUI_uplink/FCntUp", 5, {"DevEUI_uplink": {"FCntUp": 6}}, False),
        ("/DevEUI_uplink/FCntUp", "5", {"DevEUI_uplink": {"FCntUp": 5}}, False),
        ("/a/1/b", 2, {"a": [0, {"b": 2}]}, True),
        ("/a/9", 2, {"a": [2]}, False),
        ("/a", 1, {"a": True}, False),
        ("/a", None, {"a": None}, True),
        ("/a", None, {}, False),
        ("/x~1y/~0z", "v", {"x/y": {"~z": "v"}}, True),
        ("", "whole", "whole", True),
        ("/a", ANY, {"a": {"b": 1}}, True),
    ],
)
def test_pointer_finds_its_value_and_no_other(pointer: str, value: Any, document: object, expected: bool) -> None:
    behaviour = Behaviour([Fault("f", JsonPointer(pointer, value), REFUSAL)])

    assert (behaviour.choose(request(document)) is not None) == expected


def test_body_that_is_not_json_meets_no_pointer() -> None:
    behaviour = Behaviour([Fault("f", JsonPointer("", ANY), REFUSAL)])

    assert behaviour.choose({"kind": "request", "url": "/", "raw": b"{not json"}) is None


def test_pointer_meets_the_named_attempt_of_a_value() -> None:
    behaviour = Behaviour([Fault("f", JsonPointer("/n", 5, attempt=2), REFUSAL)])

    chosen = [behaviour.choose(request({"n": n})) is not None for n in (5, 4, 5, 5)]

    assert chosen == [False, False, True, False]


def test_any_value_has_an_attempt_count_of_its_own() -> None:
    behaviour = Behaviour([Fault("f", JsonPointer("/n", ANY, attempt=1), REFUSAL)])

    chosen = [behaviour.choose(request({"n": n})) is not None for n in (1, 2, 1, 2, 3)]

    assert chosen == [True, True, False, False, True]


def test_pointer_without_an_attempt_meets_all_of_them() -> None:
    behaviour = Behaviour([Fault("f", JsonPointer("/n", 1, attempt=None), REFUSAL)])

    assert all(behaviour.choose(request({"n": 1})) for _ in range(3))


def test_attempts_of_many_values_take_bounded_memory() -> None:
    behaviour = Behaviour([Fault("f", JsonPointer("/n", ANY), REFUSAL)])
    for n in range(10_000):
        behaviour.choose(request({"n": n}))
    tracemalloc.start()
    try:
        for n in range(10_000, 20_000):
            behaviour.choose(request({"n": n}))
        grown, _ = tracemalloc.get_traced_memory()
        others = tracemalloc.take_snapshot().statistics("filename")
    finally:
        tracemalloc.stop()

    assert len(behaviour._counts[0].attempts) == 10_000
    assert grown < 4_000_000, others[:3]


def test_two_faults_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="fault ids must differ"):
        Behaviour([Fault("f", Always(), Hang()), Fault("f", Nth(1), REFUSAL)])


def test_delivery_is_reported_as_plain_data() -> None:
    hop, facts = delivered(Fault("f", Nth(1), Status(429, retry_after="2")), exchange=7)

    assert hop == "fault.delivered"
    assert facts == {"fault": "f", "exchange": 7, "action": "Status(code=429, retry_after='2')"}
