import pytest

from uplab.simulator.payloads.recorded import Recorded, RecordedUplink

UPLINKS = tuple(RecordedUplink(f"example {n}", n, bytes([n])) for n in (1, 2, 3))
MODEL = Recorded("mine", ("acme", "level", "1"), UPLINKS)


def test_uplinks_come_in_turn_or_by_number() -> None:
    assert [MODEL.uplink(count, {}).f_port for count in range(5)] == [1, 2, 3, 1, 2]
    assert MODEL.uplink(0, {"example": 3}) is UPLINKS[2]


@pytest.mark.parametrize(
    "readings", [{"example": 0}, {"example": 4}, {"example": True}, {"example": "1"}, {"level": 1}]
)
def test_example_that_there_is_not_is_named(readings: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"1 to 3"):
        MODEL.uplink(0, readings)
