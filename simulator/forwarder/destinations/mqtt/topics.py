"""Topic patterns: the topic that an uplink goes to, and the filter by which the downlinks of all devices are heard."""

from collections.abc import Mapping
from typing import Any

from uplab.simulator.forwarder.patterns.pattern import Pattern, PatternError, UnresolvedError, compile_pattern

__all__ = ["TopicError", "compile_topic", "resolve_topic", "subscription"]

_WILDCARDS = "+#"
_MOST_BYTES = 65_535  # MQTT 3.1.1 §1.5.3


class TopicError(ValueError):
    """A pattern that is wrong in itself; the message goes on from the name of its parameter."""


def compile_topic(text: str) -> Pattern:
    """Read the pattern of the uplinks' topic; TopicError."""
    pattern = _compiled(text)
    for part in pattern.parts:
        if isinstance(part, str) and (wrong := _wrong(part)):
            raise TopicError(wrong)
    if text.startswith("$"):
        raise TopicError("must not begin with $, where the broker's own topics are")
    return pattern


def resolve_topic(pattern: Pattern, content: Mapping[str, Any], whole: Mapping[str, Any]) -> str:
    """Give the topic of one uplink; UnresolvedError where it would be none."""
    topic = pattern.resolve(content, whole)
    wrong = _wrong(topic)
    if not topic:
        wrong = "would be empty"
    elif topic.startswith("$"):
        wrong = "would begin with $, where the broker's own topics are"
    elif len(topic.encode(errors="replace")) > _MOST_BYTES:
        wrong = f"would be longer than {_MOST_BYTES:,} bytes"
    if wrong:
        raise UnresolvedError(f"the topic {topic!r:.200} {wrong}")
    return topic


def subscription(text: str) -> str:
    """Give the filter that stands for a pattern: each level in which an expression stands becomes `+`; TopicError."""
    told = "".join(part if isinstance(part, str) else _HELD for part in _compiled(text).parts)
    levels = ["+" if _HELD in level else level for level in told.split("/")]
    if "\0" in told.replace(_HELD, ""):
        raise TopicError("must not hold U+0000")
    for index, level in enumerate(levels):
        if len(level) > 1 and any(one in level for one in _WILDCARDS):
            raise TopicError("has a wildcard that does not fill its level")
        if level == "#" and index + 1 < len(levels):
            raise TopicError("has a # that is not its last level")
    return "/".join(levels)


_HELD = "\0{}"  # stands for an expression; in no topic


def _compiled(text: str) -> Pattern:
    try:
        return compile_pattern(text)
    except PatternError as error:
        raise TopicError(f"is no pattern: {error}") from None


def _wrong(text: str) -> str:
    if any(one in text for one in _WILDCARDS):
        return "holds a wildcard, + or #, which no topic of a message may hold"
    if "\0" in text:
        return "holds U+0000"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds what is no Unicode character"
    return ""
