from uplab.simulator.forwarder.store.event import Event


def test_event_is_shown_with_time_connection_device_and_cause() -> None:
    event = Event(
        1_767_225_600.123,
        "UPLINK_LOST",
        "error",
        8,
        "My connection",
        "actility-http-iot",
        "dropped: HTTP 503",
        "20635F0108000496",
        7,
        {"cause": "refused"},
    )

    assert event.shown() == {
        "time": "2026-01-01T00:00:00.123+00:00",
        "type": "UPLINK_LOST",
        "severity": "error",
        "connectionId": "8",
        "connectionName": "My connection",
        "connectorId": "actility-http-iot",
        "devEUI": "20635F0108000496",
        "fCntUp": 7,
        "message": "dropped: HTTP 503",
        "cause": "refused",
    }
