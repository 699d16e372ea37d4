"""The one value of a window, for one device."""

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.thingsboard.ws.aggregates import aggregates

KEY = {"id": 1, "key": "t", "agg": "AVG"}


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    for ts, value in ((10, 2), (12, 4), (20, 100)):
        client.device("D1").save_telemetry(ts, {"t": value})
    return client


@pytest.mark.parametrize(
    ("agg", "point"),
    [
        ("MIN", {"ts": 15, "value": "2"}),
        ("MAX", {"ts": 15, "value": "4"}),
        ("SUM", {"ts": 15, "value": "6"}),
        ("AVG", {"ts": 15, "value": "3.0"}),
        ("COUNT", {"ts": 15, "value": "2"}),
        ("NONE", {"ts": 12, "value": "4"}),  # the latest point, as it is
    ],
)
def test_end_of_the_window_does_not_belong_to_it(rest: RestClient, agg: str, point: dict[str, object]) -> None:
    command = {"keys": [KEY | {"agg": agg}], "startTs": 10, "endTs": 20}

    assert aggregates(rest.device("D1"), command) == {"1": {"current": point}}


def test_previous_window_that_ends_before_it_begins_is_none(rest: RestClient) -> None:
    keys = [KEY | {"previousStartTs": 9, "previousEndTs": 3}, KEY | {"id": 2, "previousValueOnly": True}]

    found = aggregates(rest.device("D1"), {"keys": keys, "startTs": 10, "timeWindow": 10})

    assert found["1"] == {"current": {"ts": 15, "value": "3.0"}}
    assert found["2"] == {"current": {"ts": 0, "value": ""}, "previous": {"ts": 0, "value": ""}}
