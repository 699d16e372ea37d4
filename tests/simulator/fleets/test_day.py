import hashlib
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
import pytest

from uplab.simulator.chance import Chance
from uplab.simulator.devices.fleet import Fleet
from uplab.simulator.fleets.day import Day, devices_of
from uplab.simulator.fleets.plan import Outage, Plan, Storm, groups_of
from uplab.simulator.payloads import MODELS

PLAN = Plan(groups=groups_of("elsys_ers:2,abeeway_position:1", 30, every_s=300.0), hours=2.0, seed="7")


def uplinks(day: Day) -> list[dict[str, Any]]:
    found = [document["DevEUI_uplink"] for _, document in day.run() if "DevEUI_uplink" in document]
    return [content for content in found if "rawJoinRequest" not in content]


def digest(plan: Plan) -> str:
    whole = hashlib.sha256()
    for _, document in Day(plan).run():
        whole.update(orjson.dumps(document))
    return whole.hexdigest()


def test_same_plan_gives_the_same_bytes_and_another_seed_others() -> None:
    assert digest(PLAN) == digest(PLAN)
    assert digest(PLAN) != digest(replace(PLAN, seed="8"))


def test_documents_come_in_the_order_of_their_times_within_the_hours() -> None:
    day = Day(PLAN)

    at = [published.at_s for published in day.run()]

    assert at == sorted(at)
    assert PLAN.start_s <= at[0]
    assert at[-1] < day.ends_s


def test_every_device_sends_at_its_rate_and_counts_on() -> None:
    day = Day(PLAN)
    by_device: dict[str, list[int]] = {}
    for content in uplinks(day):
        by_device.setdefault(content["DevEUI"], []).append(content["FCntUp"])

    assert len(by_device) == 30
    for counters in by_device.values():
        assert counters == list(range(len(counters)))
        assert len(counters) == pytest.approx(24, abs=3)
    assert day.ledger.total()["unheard"] == 0
    assert list(day.ledger.sent) == [len(by_device[dev_eui]) for dev_eui in day.ledger.number]


def test_all_models_can_be_had() -> None:
    plan = Plan(groups=groups_of(",".join(MODELS), len(MODELS)), hours=1.0)

    assert {content["DevEUI"] for content in uplinks(Day(plan))} == set(Day(plan).ledger.number)


def test_day_that_is_stopped_leaves_a_ledger_of_what_was_until_then() -> None:
    day = Day(PLAN)

    taken = list(islice(day.run(), 100))

    assert sum(day.ledger.roots.values()) == len(taken) == 100


def test_cut_gateway_sends_late_what_nobody_else_heard() -> None:
    plan = replace(PLAN, gateways=1, outages=(Outage(gateway=1, from_h=1.0, minutes=30.0),))
    day = Day(plan)

    late = [content for content in uplinks(day) if content["Late"]]

    cut_s, mended_s = plan.start_s + 3600, plan.start_s + 5400
    assert len(late) == pytest.approx(30 * 6, abs=30)
    assert all(cut_s <= datetime.fromisoformat(content["Time"]).timestamp() < mended_s for content in late)
    assert sum(day.ledger.late) == len(late)
    assert day.ledger.total()["unheard"] == 0


def test_outage_that_lasts_to_the_end_leaves_its_uplinks_unheard() -> None:
    day = Day(replace(PLAN, gateways=1, outages=(Outage(gateway=1, from_h=1.0, minutes=600.0),)))

    assert all(not content["Late"] for content in uplinks(day))
    assert day.ledger.total()["unheard"] == pytest.approx(30 * 12, abs=40)


def test_storm_has_its_share_join_anew_and_counters_begin_anew() -> None:
    day = Day(replace(PLAN, storms=(Storm(at_h=1.0, share=0.5, within_s=60.0),)))

    counters: dict[str, list[int]] = {}
    for content in uplinks(day):
        counters.setdefault(content["DevEUI"], []).append(content["FCntUp"])

    anew = [dev_eui for dev_eui, found in counters.items() if 0 in found[1:]]
    assert len(anew) == 15
    assert sum(day.ledger.joins) == 45


def test_what_is_lost_on_the_air_is_counted_as_unheard() -> None:
    day = Day(replace(PLAN, gateways=1, loss=0.3))

    heard = len(uplinks(day))
    total = day.ledger.total()

    assert total["documents"] == heard
    assert total["unheard"] == pytest.approx(0.3 * total["sent"], rel=0.25)
    assert total["join_tries"] > total["joins"] >= 30


def test_ramp_and_joins_are_spread() -> None:
    day = Day(replace(PLAN, ramp_h=1.0, join_within_s=600.0))

    joined = [
        datetime.fromisoformat(document["DevEUI_uplink"]["Time"]).timestamp() - PLAN.start_s
        for _, document in day.run()
        if "rawJoinRequest" in document.get("DevEUI_uplink", {})
    ]

    assert min(joined) < 600
    assert 3000 < max(joined) < 4200
    assert len({int(at // 300) for at in joined}) > 8


def test_share_of_confirmed_uplinks_asks_for_it() -> None:
    groups = groups_of("elsys_ers", 10, every_s=60.0, confirmed=0.25)

    asked = [content["MType"] for content in uplinks(Day(Plan(groups=groups, hours=2.0)))]

    assert asked.count(4) == pytest.approx(0.25 * len(asked), rel=0.2)


def test_devices_of_ones_own_take_the_place_of_the_plans() -> None:
    own = list(devices_of(PLAN, Fleet(Chance("mine"))))[:3]
    day = Day(Plan(groups=(), hours=1.0), own)

    assert {content["DevEUI"] for content in uplinks(day)} == {str(device.dev_eui) for device, _ in own}
