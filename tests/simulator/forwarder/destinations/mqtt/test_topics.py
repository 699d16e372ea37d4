"""Topics: what a pattern gives for an uplink, and what no topic may be."""

from typing import Any

import pytest

from uplab.simulator.forwarder.destinations.mqtt.topics import TopicError, compile_topic, resolve_topic, subscription
from uplab.simulator.forwarder.patterns.pattern import UnresolvedError

CONTENT: dict[str, Any] = {
    "DevEUI": "20635F0108000E09",
    "FPort": 5,
    "CustomerData": {"name": "Halle 4/Süd", "tags": ["Paris:10e"], "wild": "a+b", "root": "$SYS", "zero": "a\0b"},
}


def topic(pattern: str) -> str:
    return resolve_topic(compile_topic(pattern), CONTENT, {"DevEUI_uplink": CONTENT})


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("mqtt/things/{DevEUI}/uplink", "mqtt/things/20635F0108000E09/uplink"),
        ("{FPort}/{$.CustomerData.tags[0]}", "5/Paris:10e"),
        ("x/{CustomerData.site|DevEUI|'none'}", "x/20635F0108000E09"),
        ("x/{CustomerData.site|'none'}", "x/none"),
        ("sites/{CustomerData.name}", "sites/Halle 4/Süd"),
        ("one/for/all", "one/for/all"),
    ],
)
def test_pattern_gives_the_topic(pattern: str, found: str) -> None:
    assert topic(pattern) == found


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("x/{CustomerData.wild}", "holds a wildcard"),
        ("x/{CustomerData.zero}", "holds U\\+0000"),
        ("{CustomerData.root}/x", "would begin with \\$"),
        ("{''}", "would be empty"),
        ("x/{CustomerData.site}", "finds nothing"),
    ],
)
def test_uplink_whose_topic_would_be_none_is_told(pattern: str, why: str) -> None:
    with pytest.raises(UnresolvedError, match=why):
        topic(pattern)


@pytest.mark.parametrize("pattern", ["a/#", "a/+/b", "a\0b", "$SYS/x", "a/{", "a/}"])
def test_pattern_that_can_give_no_topic_is_refused(pattern: str) -> None:
    with pytest.raises(TopicError):
        compile_topic(pattern)


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("mqtt/things/{DevEUI}/downlink", "mqtt/things/+/downlink"),
        ("mqtt/dev-{DevEUI}-x/downlink", "mqtt/+/downlink"),
        ("{CustomerData.name|DevEUI}/{FPort}", "+/+"),
        ("one/for/all", "one/for/all"),
        ("mqtt/+/downlink", "mqtt/+/downlink"),
        ("mqtt/#", "mqtt/#"),
    ],
)
def test_downlinks_of_all_devices_are_heard_by_one_filter(pattern: str, wanted: str) -> None:
    assert subscription(pattern) == wanted


@pytest.mark.parametrize("pattern", ["a/#/b", "a/b#", "a+/b", "a\0b", "a/{"])
def test_pattern_that_can_give_no_filter_is_refused(pattern: str) -> None:
    with pytest.raises(TopicError):
        subscription(pattern)
