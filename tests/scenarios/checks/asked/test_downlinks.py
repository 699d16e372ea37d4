import pytest

from tests.scenarios.history_lines import DEV, OTHER, Story
from uplab.scenarios.checks.asked.downlinks import Downlinks, NoDownlink
from uplab.scenarios.checks.check import judged_alone


def received(story: Story, dev_eui: str, f_port: int, payload_hex: str) -> None:
    facts = {"dev_eui": dev_eui, "f_port": f_port, "payload_hex": payload_hex}
    story.tells("device.received", **facts)


@pytest.mark.parametrize(
    ("frames", "outcome"),
    [
        ([(DEV, 5, "01"), (DEV, 5, "02")], "passed"),
        ([(DEV, 5, "02"), (DEV, 5, "01")], "failed"),
        ([(DEV, 5, "01")], "failed"),
        ([(DEV, 5, "01"), (DEV, 5, "02"), (OTHER, 5, "02")], "failed"),
    ],
)
def test_each_device_receives_its_own_in_order(frames: list[tuple[str, int, str]], outcome: str) -> None:
    story = Story()
    for frame in frames:
        received(story, *frame)

    check = Downlinks([DEV, OTHER], {DEV: [(5, "01"), (5, "02")]})

    assert judged_alone(story.events, check).outcome == outcome


@pytest.mark.parametrize(
    ("queued", "reaches", "outcome"), [(False, False, "passed"), (True, False, "failed"), (False, True, "failed")]
)
def test_silence_at_network_and_device(queued: bool, reaches: bool, outcome: str) -> None:
    story = Story()
    facts = {"dev_eui": DEV, "f_port": 5, "payload_hex": "01", "correlation_id": None, "cause": None}
    story.tells("network.downlink", **{**facts, "outcome": "queued" if queued else "rejected"})
    if reaches:
        received(story, DEV, 5, "01")

    assert judged_alone(story.events, NoDownlink([DEV])).outcome == outcome
