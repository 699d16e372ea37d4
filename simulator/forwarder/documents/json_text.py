"""JSON from outside: what is wrong with it as text, before anybody looks at what it means."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import orjson

from uplab.simulator.forwarder.invalid import InvalidError

__all__ = ["read_json"]


def read_json(body: bytes) -> object:
    """Read JSON; InvalidError, also for a member that is given twice, since one of the two would be lost in silence."""
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidError("", f"the body is no JSON: {error.msg} at character {error.pos}") from None
    try:
        field = next(_repeated(json.loads(body, object_pairs_hook=_object)), None)
    except RecursionError:
        raise InvalidError("", "the body is nested too deeply") from None
    if field is not None:
        raise InvalidError(field, f"{field} is given twice; give it once")
    return parsed


class _Repeated(str):
    """What stands in the place of an object: the name of a member that it has twice."""

    __slots__ = ()


def _object(pairs: list[tuple[str, Any]]) -> Any:
    members = dict(pairs)
    if len(members) == len(pairs):
        # What holds no object and no array can hold no repetition.
        return {name: value for name, value in members.items() if isinstance(value, (dict, list, _Repeated))}
    return _Repeated(Counter(name for name, _ in pairs).most_common(1)[0][0])


def _repeated(value: Any) -> Iterator[str]:
    """Give the paths of the members that are there twice."""
    if isinstance(value, _Repeated):
        yield value[:80]
    elif isinstance(value, (dict, list)):
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            for path in _repeated(inner):
                yield f"{str(name)[:80]}.{path}"
