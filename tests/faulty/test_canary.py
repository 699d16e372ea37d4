"""The canary fails seldom, and always alike."""

from tests.faulty.canary import EVERY, is_lost


def test_one_device_of_two_hundred_is_lost() -> None:
    euis = [f"{number:016X}" for number in range(20_000)]
    lost = [eui for eui in euis if is_lost(eui)]
    assert 70 < len(lost) < 130, EVERY
    assert all(is_lost(eui.lower()) for eui in lost)
