"""A codec of the user's own, as a package or a single file of JavaScript: its sources, its form and its examples.

Two public forms are told apart by `driver.type` in package.json, in the public device catalogue by `signature` in
driver.yaml: ThingPark's ("thingpark-x-js": decodeUplink returns the decoded object and throws) and the LoRa Alliance's
(TS013: decodeUplink returns {data, warnings, errors}), which is taken where nothing is said. A codec of The Things
Network's device repository has its examples in a YAML file that names it (`yaml_examples.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from uplab.scenarios.codecs.yaml_examples import YamlTextError, examples_in, named_by, read_yaml

__all__ = ["Codec", "CodecError", "Example", "Form", "read_codec"]

Form = Literal["thingpark", "alliance"]

MOST_BYTES: Final = 8_000_000
MOST_FILES: Final = 500
MOST_EXAMPLES: Final = 5_000
_TYPES: Final[dict[str, Form]] = {
    "thingpark-x-js": "thingpark",
    "actility": "thingpark",
    "lora-alliance": "alliance",
    "ts013": "alliance",
}
_SIGNATURE: Final = re.compile(r"^signature:[ \t]*([\w-]+)", re.MULTILINE)
_PROTOCOL: Final = re.compile(r"^protocolId:[ \t]*([\w.-]+):([\w.-]+):([\w.-]+)", re.MULTILINE)
_BRACKETS: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\]]', re.DOTALL)
_DEEPEST: Final = 64
_KINDS: Final = {"uplink": "decodeUplink", "downlink-encode": "encodeDownlink", "downlink-decode": "decodeDownlink"}


class CodecError(Exception):
    """A codec, or an example of it, that cannot be read; the text names the place in one line."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example: the function that it asks, with what, and what is right; `error` where a failure is."""

    place: str
    function: str
    given: dict[str, Any]
    right: Any
    points: Any = None


@dataclass(frozen=True, slots=True)
class Codec:
    """The sources by their path within the package, the file that is called, and the examples beside it."""

    files: dict[str, str]
    main: str
    form: Form = "alliance"
    examples: tuple[Example, ...] = field(default=())
    application: tuple[str, str, str] | None = None
    """Producer, module and version of the application that it reads, where package.json or driver.yaml says so."""


def read_codec(path: Path) -> Codec:
    """Reads a folder with package.json, a package.json, or one file of JavaScript with its examples beside it."""
    try:
        if path.is_dir():
            return _package(path)
        if path.name == "package.json":
            return _package(path.parent)
        if path.suffix in (".yaml", ".yml"):
            return _by_yaml(path)
        if path.suffix not in (".js", ".cjs"):
            raise CodecError(f"{path}: a codec is a file of JavaScript (.js), or the folder of its package.json")
        files = {path.name: _text(path)}
        folder = path.parent
        described = _described(folder)
        form, application = _form(folder, described), _application(folder, described)
        return Codec(files, path.name, form, _listed(folder, described, path.name), application)
    except OSError as error:
        raise CodecError(f"{path}: {error.strerror}") from None


def _package(folder: Path) -> Codec:
    described = _described(folder)
    main = str(described.get("main") or "index.js").removeprefix("./")
    main = next((name for name in (main, "index.js", "main.js") if (folder / name).is_file()), main)
    if not (folder / main).is_file():
        raise CodecError(f"{folder}: there is no {main:.80}, which would be the codec")
    sources = dict(_sources(folder))
    if main not in sources:
        raise CodecError(f"{folder}: {main:.80} is no file of the package, and would be the codec")
    listed = _listed(folder, described, main)
    return Codec(sources, main, _form(folder, described), listed, _application(folder, described))


def _described(folder: Path) -> dict[str, Any]:
    """What its package.json says; nothing where there is none."""
    path = folder / "package.json"
    if not path.is_file():
        return {}
    described = _json(path)
    if not isinstance(described, dict):
        raise CodecError(f"{path}: it is no JSON object")
    return described


def _driver(described: dict[str, Any]) -> dict[str, Any]:
    driver = described.get("driver")
    return driver if isinstance(driver, dict) else {}


def _form(folder: Path, described: dict[str, Any]) -> Form:
    kind = _driver(described).get("type")
    if kind is None and (folder / "driver.yaml").is_file():
        said = _SIGNATURE.search(_text(folder / "driver.yaml"))
        kind = said[1] if said else None
    return _TYPES.get(str(kind).lower(), "alliance")


def _application(folder: Path, described: dict[str, Any]) -> tuple[str, str, str] | None:
    told = _driver(described).get("application")
    told = told if isinstance(told, dict) else {}
    if not told.get("producerId") or not told.get("moduleId"):
        said = _PROTOCOL.search(_text(folder / "driver.yaml")) if (folder / "driver.yaml").is_file() else None
        return (said[1], said[2], said[3]) if said else None
    return str(told["producerId"]), str(told["moduleId"]), str(told.get("version", "1"))


def _listed(folder: Path, described: dict[str, Any], main: str) -> tuple[Example, ...]:
    """The examples; their points in ThingPark's packages only, since the device catalogue makes its own elsewhere."""
    found = tuple(_examples(folder, main))
    if _driver(described).get("type") == "thingpark-x-js":
        return found
    return tuple(replace(example, points=None) for example in found)


def _by_yaml(path: Path) -> Codec:
    """The codec that a YAML file of examples is about, with the examples of that file alone."""
    read = _yaml(path)
    main = named_by(read)
    if not main or main.startswith("/") or ".." in Path(main).parts or not main.endswith((".js", ".cjs")):
        raise CodecError(f"{path}: it names no file of a codec below its folder (uplinkDecoder.fileName)")
    listed = [_example(one, f"{path.name}, example {n}") for n, one in enumerate(examples_in(read, main), 1)]
    if len(listed) > MOST_EXAMPLES:
        raise CodecError(f"{path}: more than {MOST_EXAMPLES} examples")
    return Codec({main: _text(path.parent / main)}, main, "alliance", tuple(listed))


def _yaml(path: Path) -> Any:
    try:
        return read_yaml(_text(path))
    except YamlTextError as error:
        raise CodecError(f"{path}, {error}") from None


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    size = count = 0
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.suffix not in (".js", ".cjs", ".json") or not path.is_file() or path.is_symlink():
            continue
        if {"node_modules", "test", "tests", "examples"} & set(inside) or inside[-1] == "package-lock.json":
            continue
        size, count = size + path.stat().st_size, count + 1
        if size > MOST_BYTES or count > MOST_FILES:
            raise CodecError(f"{folder}: more than {MOST_FILES} files or {MOST_BYTES} bytes; name the codec's own file")
        yield "/".join(inside), _text(path)


def _text(path: Path) -> str:
    if not path.is_file():
        raise CodecError(f"{path}: {'it is no file' if path.exists() else 'No such file or directory'}")
    if path.stat().st_size > MOST_BYTES:
        raise CodecError(f"{path}: it has more than {MOST_BYTES} bytes")
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CodecError(f"{path}: it is no text in UTF-8 (byte {error.start})") from None


def _json(path: Path) -> Any:
    text = _text(path)
    if _nested(text):
        raise CodecError(f"{path}: it is nested too deeply")
    try:
        return json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise CodecError(f"{path}, line {error.lineno}, column {error.colno}: no JSON: {error.msg}") from None


def _no_number(word: str) -> None:
    raise json.JSONDecodeError(f"{word} is no number", word, 0)


def _nested(text: str) -> bool:
    """Whether JSON has more levels than any example needs; brackets within its texts count for nothing."""
    depth = 0
    for bracket in _BRACKETS.finditer(text):
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(bracket[0], 0)
        if depth > _DEEPEST:
            return True
    return False


def _examples(folder: Path, main: str) -> Iterator[Example]:
    """Those of `examples.json` and of `*.examples.json`, here and in the folders example and examples; and of YAML."""
    places = [folder, folder / "example", folder / "examples"]
    lists = [(path, _json(path)) for place in places if place.is_dir() for path in sorted(place.glob("*examples.json"))]
    beside = (path for path in sorted(folder.glob("*.yaml")) if _speaks_of(path, main))
    count = 0
    for path, listed in (*lists, *((path, examples_in(_yaml(path), main)) for path in beside)):
        if not isinstance(listed, list):
            raise CodecError(f"{path}: examples are a JSON array")
        for number, one in enumerate(listed, 1):
            count += 1
            if count > MOST_EXAMPLES:
                raise CodecError(f"{path}: more than {MOST_EXAMPLES} examples")
            yield _example(one, f"{path.name}, example {number}")


def _speaks_of(path: Path, main: str) -> bool:
    """Whether a file of YAML holds examples of a codec; a folder of a repository has many that do not."""
    if path.name == "driver.yaml" or not path.is_file():
        return False
    text = _text(path)
    named = re.compile(rf"fileName:[ \t]*['\"]?{re.escape(main)}['\"]?[ \t]*\r?$", re.MULTILINE)
    return "examples:" in text and named.search(text) is not None


def _example(one: Any, place: str) -> Example:
    if not isinstance(one, dict):
        raise CodecError(f"{place}: it is no JSON object")
    kind, nested = str(one.get("type", "uplink")), isinstance(one.get("input"), dict)
    if kind == "downlink":  # which of the two it is, its input tells
        kind = "downlink-decode" if "bytes" in (one["input"] if nested else {}) else "downlink-encode"
    function = _KINDS.get(kind)
    if function is None:
        raise CodecError(f"{place}: {kind!r:.40} is no type of an example; there are {', '.join(_KINDS)}, downlink")
    given = dict(one["input"]) if nested else {key: one[key] for key in ("bytes", "fPort", "time") if key in one}
    right = one.get("output") if nested else one.get("data")
    if function == "encodeDownlink":
        if not nested:
            right = {key: one[key] for key in ("bytes", "fPort") if key in one}
            given = {"data": one.get("data")}
        return Example(place, function, given, right)
    given["bytes"] = _bytes(given.get("bytes"), place)
    return Example(place, function, given, right, one.get("points"))


def _bytes(value: Any, place: str) -> list[int]:
    """Bytes as hexadecimal text, with blanks or without, or as numbers."""
    if isinstance(value, str):
        try:
            return list(bytes.fromhex(value))
        except ValueError:
            raise CodecError(f"{place}: bytes are no hexadecimal digits: {value[:40]!r}") from None
    if isinstance(value, list) and all(isinstance(one, int) and 0 <= one <= 255 for one in value):
        return list(value)
    raise CodecError(f"{place}: bytes are {value!r:.40}; they are hexadecimal digits, or numbers from 0 to 255")
