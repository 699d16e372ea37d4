"""Runs a codec of somebody else's, JavaScript, in a process of its own: no files, no network, little time and memory.

The first line on standard input is {"files": {path: source}, "main": path}; each other one is a call, {"function",
"input", "dates", "now_ms"}, where `dates` are the members of the input that the codec gets as Date. Each line is
answered by one: {"value": ...} or {"error": text}. The time zone is that of the environment (TZ).
"""

import json
import resource
import sys
from importlib.resources import files
from typing import Any, Final

import quickjs

__all__ = ["CALL_MS", "MEMORY_BYTES", "main"]

MEMORY_BYTES: Final = 64 * 1024 * 1024
CALL_MS: Final = 1000
_STACK_BYTES: Final = 512 * 1024
_PROCESS_BYTES: Final = 1024 * 1024 * 1024
_CPU_S: Final = 120
_ANSWER_CHARS: Final = 1_000_000
_ANSWER_DEPTH: Final = 64
_ERROR_CHARS: Final = 300


def _bounded() -> None:
    """What the engine's own limits should hold already."""
    resource.setrlimit(resource.RLIMIT_AS, (_PROCESS_BYTES, _PROCESS_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _said(error: Exception) -> str:
    """The first line of what the codec threw, without where in it."""
    if isinstance(error, RecursionError):
        return f"its answer is nested deeper than {_ANSWER_DEPTH} levels"
    text = str(error).strip().split("\n")[0] or type(error).__name__
    if text == "null":  # without memory left there is none for an error either
        text = "it threw null, as engines do that are out of memory"
    if text.startswith("(Failed obtaining"):  # it threw an object of which no text can be made
        text = "it threw what cannot be told"
    if "interrupted" in text.lower():
        text = f"it ran for more than {CALL_MS} ms"
    return text[:_ERROR_CHARS]


class _Engine:
    def __init__(self, given: dict[str, Any]) -> None:
        self._context = context = quickjs.Context()
        context.set_memory_limit(MEMORY_BYTES)
        context.set_max_stack_size(_STACK_BYTES)
        context.set_time_limit(CALL_MS / 1000)
        context.eval(files("uplab.simulator.thingpark").joinpath("codec_prelude.js").read_text("utf-8"))
        add, load, *asking = (context.get(name) for name in ("__addFile", "__load", "__setNow", "__call"))
        self._set_now, self._call = asking  # held, since a codec can put others in their place
        for path, source in given["files"].items():
            add(path, source)
        self.functions = json.loads(load(given["main"]))

    def call(self, request: dict[str, Any]) -> Any:
        self._set_now(float(request.get("now_ms", 0)))  # of a whole number the engine takes 32 bits
        given, dates = json.dumps(request["input"]), json.dumps(request.get("dates", []))
        answer = self._call(request["function"], given, dates)
        if len(answer) > _ANSWER_CHARS:
            raise ValueError(f"its answer has more than {_ANSWER_CHARS} characters")
        value = json.loads(answer)
        if _deeper(value, _ANSWER_DEPTH):
            raise ValueError(f"its answer is nested deeper than {_ANSWER_DEPTH} levels")
        return value


def _deeper(value: Any, most: int) -> bool:
    """Whether a value has more levels than these; without recursion, since that is what such a value is after."""
    level, depth = [value], 0
    while level and depth <= most:
        held = [one for one in level if isinstance(one, dict | list)]
        level = [inner for one in held for inner in (one.values() if isinstance(one, dict) else one)]
        depth += bool(held)
    return depth > most


def main() -> None:
    """Answers line by line until standard input ends."""
    _bounded()
    engine: _Engine | None = None
    for line in sys.stdin:
        answer: dict[str, Any]
        try:
            request = json.loads(line)
            if engine is None:
                engine = _Engine(request)
                answer = {"value": engine.functions}
            else:
                answer = {"value": engine.call(request)}
        except (quickjs.JSException, ValueError, KeyError, MemoryError, RecursionError, TypeError) as error:
            answer = {"error": _said(error)}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
