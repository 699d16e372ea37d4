"""The process that runs one codec of the user's own: JavaScript without files or network, with little time and memory.

The first line on standard input is {"sources": {path: text}, "main": path}; each other one is a call, {"function",
"input", "time_ms"}. Each is answered by one line, {"value": ...} or {"error": text}. The time zone is that of TZ.
"""

import json
import resource
import sys
from importlib.resources import files
from typing import Any

import quickjs

__all__ = ["main"]

CALL_MS = 250
MEMORY_BYTES = 64 << 20
STACK_BYTES = 512 << 10
PROCESS_BYTES = 1 << 30
ANSWER_MAX = 250_000
DEPTH_MAX = 64
ERROR_MAX = 200


def main() -> None:
    """Answer until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_BYTES, PROCESS_BYTES))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    context = quickjs.Context()
    context.set_memory_limit(MEMORY_BYTES)
    context.set_max_stack_size(STACK_BYTES)
    context.set_time_limit(CALL_MS / 1000)
    ask = context.eval(files("uplab.simulator.forwarder.codecs").joinpath("surroundings.js").read_text("utf-8"))
    for number, line in enumerate(sys.stdin):
        try:
            request = json.loads(line)
            given: tuple[Any, ...]
            if number == 0:
                given = ("load", json.dumps(request["sources"]), request["main"])
            else:
                # As a float: of a whole number the engine takes 32 bits.
                given = ("call", request["function"], json.dumps(request["input"]), float(request["time_ms"]))
            answer: dict[str, Any] = {"value": _value(ask(*given))}
        except (quickjs.JSException, ValueError, TypeError, MemoryError, RecursionError) as error:
            answer = {"error": _said(error)}
        print(json.dumps(answer), flush=True)


def _value(text: object) -> Any:
    """Read the JSON of an answer; ValueError for one that nobody could use."""
    if not isinstance(text, str):
        raise ValueError("it answers with no JSON")
    if len(text) > ANSWER_MAX:
        raise ValueError(f"its answer has more than {ANSWER_MAX} characters")
    value = json.loads(text)
    if _depth(value) > DEPTH_MAX:
        raise ValueError(f"its answer is nested deeper than {DEPTH_MAX} levels")
    return value


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        held = [one for one in level if isinstance(one, dict | list)]
        level = [inner for one in held for inner in (one.values() if isinstance(one, dict) else one)]
    return depth


def _said(error: Exception) -> str:
    """What a codec threw, in one line."""
    if isinstance(error, RecursionError):
        return f"its answer is nested deeper than {DEPTH_MAX} levels"
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    if text.startswith("(Failed obtaining"):  # an object of which no text can be made
        return "it threw what cannot be told"
    if "interrupted" in text.lower():
        return f"it ran for more than {CALL_MS} ms"
    if text == "null" or "out of memory" in text:  # an engine without memory may have none for an error either
        return f"it needs more than {MEMORY_BYTES >> 20} MB"
    return text[:ERROR_MAX]


if __name__ == "__main__":
    main()
