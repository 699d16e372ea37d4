"""Topic filters, by the examples of the standard (MQTT 3.1.1 §4.7)."""

import pytest

from uplab.fakes.mqtt.topics import covers, is_filter, matches


@pytest.mark.parametrize(
    ("wanted", "topic", "takes"),
    [
        ("sport/tennis/player1/#", "sport/tennis/player1", True),
        ("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", True),
        ("sport/#", "sport", True),
        ("#", "sport/tennis", True),
        ("sport/tennis/+", "sport/tennis/player1", True),
        ("sport/tennis/+", "sport/tennis/player1/ranking", False),
        ("sport/+", "sport", False),
        ("sport/+", "sport/", True),
        ("+/+", "/finance", True),
        ("/+", "/finance", True),
        ("+", "/finance", False),
        ("#", "$SYS/uptime", False),
        ("+/uptime", "$SYS/uptime", False),
        ("$SYS/#", "$SYS/uptime", True),
        ("a/b", "a/B", False),
    ],
)
def test_filter_takes_in_what_the_standard_says(wanted: str, topic: str, takes: bool) -> None:
    assert matches(wanted, topic) is takes


@pytest.mark.parametrize(
    ("right", "wanted", "whole"),
    [
        ("a/#", "a/+/c", True),
        ("a/#", "a/#", True),
        ("a/+", "a/#", False),
        ("a/+/c", "a/+/c", True),
        ("a/b/c", "a/+/c", False),
        ("#", "+", True),
        ("+", "#", False),
        ("a/+", "a/b/c", False),
    ],
)
def test_right_covers_a_filter_when_it_takes_in_all_of_it(right: str, wanted: str, whole: bool) -> None:
    assert covers(right, wanted) is whole


@pytest.mark.parametrize("text", ["a", "a/+/b", "#", "a/#", "+", "/"])
def test_filters(text: str) -> None:
    assert is_filter(text)


@pytest.mark.parametrize("text", ["", "a#", "a/#/b", "a+/b", "a/b+", "a\0b", "##"])
def test_no_filters(text: str) -> None:
    assert not is_filter(text)
