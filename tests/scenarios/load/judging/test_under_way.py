from uplab.scenarios.load.judging.under_way import KEPT, Arrival, Device, Uplink, key_of


def uplink(number: int, kind: str = "u", outcome: str = "accepted") -> Uplink:
    return Uplink(number, kind, number, 1_000 * number, "d", 0, outcome)


def test_what_was_taken_is_known_so_far_back_and_older_may_be_forgotten() -> None:
    device = Device("A", 1)
    for number in range(1, 3 * KEPT):
        one = uplink(number)
        device.waiting[key_of(one.kind, one.f_cnt, one.time_ms)] = one
        device.retire(one)

    newest = 3 * KEPT - 1
    assert device.is_done(1_000 * newest)
    assert device.is_done(1_000 * (newest - KEPT + 10))
    assert not device.is_done(1_000)
    assert device.may_be_forgotten(1_000)
    assert not device.may_be_forgotten(1_000 * newest + 1)
    assert device.held <= KEPT + KEPT // 4


def test_late_ones_keep_the_taken_in_order() -> None:
    device = Device("A", 1)
    for number in (1, 5, 3, 4, 2):
        device.retire(uplink(number))

    assert list(device.done) == [1_000, 2_000, 3_000, 4_000, 5_000]


def test_other_documents_are_known_by_root_counter_and_time() -> None:
    device = Device("A", 1)
    device.retire(uplink(1, "DevEUI_location"))

    assert device.is_done(("DevEUI_location", 1, 1_000))
    assert not device.is_done(("DevEUI_location", 1, 2_000))
    assert list(device.done) == []


def test_those_that_are_not_owed_are_bounded() -> None:
    device = Device("A", 1)
    for number in range(1_000):
        device.set_apart(uplink(number, outcome="refused"))

    assert device.find("u", 999, 999_000) is not None
    assert device.find("u", 0, 0) is None
    assert device.forgotten == 1_000 - len(device.apart or ())


def test_one_resembles_by_its_counter_or_by_its_time() -> None:
    device = Device("A", 1)
    one = uplink(7)
    device.waiting[7_000] = one

    def arrival(f_cnt: int, time_ms: int) -> Arrival:
        return Arrival(0, "A", "u", f_cnt, time_ms, None, 0, 0, True)

    assert device.resembling(arrival(7, 1)) is one
    assert device.resembling(arrival(8, 7_000)) is one
    assert device.resembling(arrival(8, 1)) is None
