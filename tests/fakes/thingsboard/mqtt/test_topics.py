import pytest

from uplab.fakes.thingsboard.mqtt import topics


@pytest.mark.parametrize(
    ("topic_filter", "topic"),
    [
        ("v1/devices/me/attributes", "v1/devices/me/attributes"),
        ("v1/devices/me/rpc/request/+", "v1/devices/me/rpc/request/17"),
        ("v2/fw/response/+/chunk/+", "v2/fw/response/1/chunk/2"),
    ],
)
def test_filter_covers_its_topics(topic_filter: str, topic: str) -> None:
    assert topics.matches(topic_filter, topic)


@pytest.mark.parametrize(
    "topic", ["v1/devices/me/rpc/request", "v1/devices/me/rpc/request/1/2", "v1/devices/me/rpc/response/1"]
)
def test_filter_covers_nothing_else(topic: str) -> None:
    assert not topics.matches("v1/devices/me/rpc/request/+", topic)


@pytest.mark.parametrize(
    "wanted", ["#", "v1/#", "v1/devices/me/telemetry", "v1/gateway/+", "v2/fw/response/+", "$share/a/v1/gateway/rpc"]
)
def test_other_filters_are_not_granted(wanted: str) -> None:
    assert wanted not in topics.FILTERS


def test_every_push_has_a_filter() -> None:
    assert set(topics.RPC_FILTERS) | set(topics.ATTRIBUTE_FILTERS) < topics.FILTERS
