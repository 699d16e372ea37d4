from uplab.simulator.forwarder.destinations.sink import Answer, Outgoing


def test_only_delivered_is_ok() -> None:
    assert Answer("delivered", 200).ok
    assert not Answer("unclear").ok


def test_outgoing_has_neither_headers_nor_query_by_itself() -> None:
    outgoing = Outgoing("20635F0108000496", 7, "2026-01-01T00:00:00.123+00:00", {}, b"{}")

    assert not outgoing.headers
    assert outgoing.query == ""
