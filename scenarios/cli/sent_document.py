"""A ThingPark document of the user's own, as `uplab send --document` reads it."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from uplab.scenarios.history.identity import ROOTS

__all__ = ["DocumentError", "check_document", "read_document"]

_EXAMPLE = 'such as {"DevEUI_uplink": {...}}'


class DocumentError(Exception):
    """What was given is no document; the text says why in one line."""


def read_document(path: Path) -> bytes:
    """The bytes of the file, as they are; DocumentError names the file, and the place where it is no document."""
    try:
        raw = path.read_bytes()
        check_document(json.loads(raw))
    except OSError as error:
        raise DocumentError(f"--document {path}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise DocumentError(f"--document {path}: it is no text in UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise DocumentError(
            f"--document {path}, line {error.lineno}, column {error.colno}: no JSON: {error.msg}"
        ) from None
    except RecursionError:
        raise DocumentError(f"--document {path}: it is nested too deeply") from None
    except DocumentError as error:
        raise DocumentError(f"--document {path}: {error}") from None
    return raw


def check_document(document: Any) -> None:
    """DocumentError where it is not one object with one root that the network server knows."""
    if not isinstance(document, dict):
        raise DocumentError(f"a document is one JSON object, {_EXAMPLE}, not {_kind(document)}")
    if len(document) != 1:
        names = ", ".join(map(str, document)) or "none"
        raise DocumentError(f"a document has exactly one root, {_EXAMPLE}; this one has {len(document)}: {names}"[:300])
    ((root, report),) = document.items()
    if root not in ROOTS:
        near = get_close_matches(root, ROOTS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(ROOTS)}"
        raise DocumentError(f"{root[:80]!r} is no root of a document; {hint}")
    if not isinstance(report, dict):
        raise DocumentError(f"{root} holds an object, not {_kind(report)}")


def _kind(value: Any) -> str:
    kinds = {list: "an array", str: "a text", bool: "true or false", int: "a number", float: "a number"}
    return "null" if value is None else kinds.get(type(value), "an object")
