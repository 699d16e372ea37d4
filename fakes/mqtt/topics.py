"""Topic names and topic filters (MQTT 3.1.1 §4.7): which names a filter takes in, and which filters a right covers."""

from typing import Final

__all__ = ["covers", "is_filter", "matches"]

_REST: Final = "#"
_ONE: Final = "+"


def is_filter(text: str) -> bool:
    """Whether it is a topic filter: wildcards fill a level each, and `#` only the last one."""
    levels = text.split("/")
    return (
        bool(text)
        and "\0" not in text
        and all(_ONE not in level or level == _ONE for level in levels)
        and all(_REST not in level for level in levels[:-1])
        and (_REST not in levels[-1] or levels[-1] == _REST)
    )


def matches(wanted: str, topic: str) -> bool:
    """Whether a filter takes in a topic name; a wildcard in the first place takes in no `$` topic (§4.7.2)."""
    return not (topic.startswith("$") and wanted[:1] in (_REST, _ONE)) and covers(wanted, topic)


def covers(right: str, wanted: str) -> bool:
    """Whether all that one filter takes in, another one does too."""
    allowed, asked = right.split("/"), wanted.split("/")
    for index, level in enumerate(allowed):
        if level == _REST:
            return True
        if index >= len(asked) or asked[index] == _REST or level not in (_ONE, asked[index]):
            return False
    return len(allowed) == len(asked)
