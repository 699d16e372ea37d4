from uplab.simulator.forwarder.store.metrics import DAY_MINUTES, HOUR_MINUTES, NAMES, Metrics

NOW = 1_767_225_600.0  # begins a minute


def test_last_hour_is_this_minute_and_the_59_before() -> None:
    metrics = Metrics()
    metrics.add(1, "uplinks", NOW)
    metrics.add(1, "uplinks", NOW + 59 * 60, 2)

    assert metrics.window(1, HOUR_MINUTES, NOW + 59 * 60 + 59.9)["uplinks"] == 3
    assert metrics.window(1, HOUR_MINUTES, NOW + 3600)["uplinks"] == 2
    assert metrics.window(1, DAY_MINUTES, NOW + 86_399)["uplinks"] == 3
    assert metrics.window(1, DAY_MINUTES, NOW + 86_400)["uplinks"] == 2


def test_device_is_active_in_the_window_of_its_last_uplink() -> None:
    metrics = Metrics()
    metrics.saw(1, "A", NOW)
    metrics.saw(1, "B", NOW)
    metrics.saw(1, "B", NOW + 4000)

    assert metrics.window(1, HOUR_MINUTES, NOW + 4000)["activeThings"] == 1
    assert metrics.window(1, DAY_MINUTES, NOW + 4000)["activeThings"] == 2
    assert metrics.window(1, DAY_MINUTES, NOW + 90_000)["activeThings"] == 1


def test_base_station_is_no_active_device() -> None:
    metrics = Metrics()
    metrics.saw(1, "", NOW)
    metrics.restore([], [(1, "", NOW)])

    assert metrics.window(1, HOUR_MINUTES, NOW)["activeThings"] == 0


def test_connections_are_counted_apart() -> None:
    metrics = Metrics()
    metrics.add(1, "uplinks", NOW)

    assert metrics.window(2, HOUR_MINUTES, NOW) == {"activeThings": 0} | dict.fromkeys(NAMES, 0)
    assert metrics.total(1)["uplinks"] == 1
    assert metrics.total(2)["uplinks"] == 0


def test_waiting_is_what_was_neither_delivered_nor_lost() -> None:
    metrics = Metrics()
    metrics.add(1, "uplinks", NOW, 5)
    metrics.add(1, "uplinksDelivered", NOW, 2)
    metrics.add(1, "uplinksLost", NOW)
    metrics.add(1, "uplinksFailed", NOW, 9)

    assert metrics.waiting(1) == 2


def test_stored_counters_are_taken_over() -> None:
    metrics = Metrics()
    metrics.restore([(1, "uplinks", -1, 10), (1, "uplinks", int(NOW // 60), 3)], [(1, "A", NOW)])
    metrics.add(1, "uplinks", NOW)

    assert metrics.total(1)["uplinks"] == 11
    assert metrics.window(1, HOUR_MINUTES, NOW) | {"uplinks": 4, "activeThings": 1} == metrics.window(
        1, HOUR_MINUTES, NOW
    )


def test_counters_of_a_deleted_connection_are_forgotten() -> None:
    metrics = Metrics()
    metrics.add(1, "uplinks", NOW)
    metrics.saw(1, "A", NOW)
    metrics.forget(1)

    assert metrics.total(1)["uplinks"] == 0
    assert metrics.window(1, DAY_MINUTES, NOW)["activeThings"] == 0


def test_minutes_older_than_a_day_are_thrown_away() -> None:
    metrics = Metrics()
    for minute in range(3 * DAY_MINUTES):
        metrics.add(1, "uplinks", NOW + minute * 60)

    assert len(metrics._minutes[1, "uplinks"]) == DAY_MINUTES
