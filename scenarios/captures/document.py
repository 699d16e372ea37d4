"""A ThingPark document of the user's own: whether it can be sent, and the bytes that then go out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

import orjson

from uplab.scenarios.captures.characters import CharactersError, characters
from uplab.scenarios.captures.foreign import foreign
from uplab.scenarios.captures.json_text import JsonTextError, Node, read_json_text, without
from uplab.simulator.thingpark.documents import ADDED, ROOTS, UPLINK, Root

__all__ = ["MOST_BYTES", "DocumentError", "Sendable", "sendable"]

MOST_BYTES: Final = 1_000_000
_DEV_EUI: Final = re.compile(r"[0-9A-Fa-f]{16}")
_EXAMPLE: Final = 'such as {"DevEUI_uplink": {...}}'
_URL: Final = "downlinkUrl"
_SHOWN: Final = 60


class DocumentError(Exception):
    """What was given is no document that can be sent; the text says why in one line, with place and value."""


@dataclass(frozen=True, slots=True)
class Sendable:
    """The bytes that go out, the same parsed, and the paths of what a forwarder had added and was taken off."""

    raw: bytes
    document: dict[str, Any]
    taken_off: tuple[str, ...] = ()


def sendable(raw: bytes, *, as_is: bool = False) -> Sendable:
    """Judge a document before anything leaves; DocumentError where it cannot be sent.

    Its bytes stay as they are. A document that has been through a forwarder, which its downlinkUrl tells, is sent again
    as the network server had made it: what the forwarder added is cut out, and not a character else. `as_is` leaves it
    in.
    """
    if len(raw) > MOST_BYTES:
        raise DocumentError(f"it has {len(raw)} bytes; a document has at most {MOST_BYTES}")
    try:
        text = raw.decode()
        tree = read_json_text(text)
    except UnicodeDecodeError as error:
        raise DocumentError(_no_text(raw, error)) from None
    except JsonTextError as error:
        raise DocumentError(str(error)) from None
    root, content = _root(tree)
    _check_device(root, content)
    taken_off: tuple[str, ...] = ()
    if not as_is:
        text, taken_off = _without_additions(text, tree, root, content)
    beside = [one.name for one in tree.members if one.name != root.name and (as_is or one.name != _URL)]
    if beside and not as_is:
        names = ", ".join([root.name, *beside])
        raise DocumentError(
            f"a document has exactly one root, {_EXAMPLE}; this one has {len(beside) + 1}: {names}"[:300]
        )
    sent = text.encode()
    return Sendable(sent, orjson.loads(sent), taken_off)


def _no_text(raw: bytes, error: UnicodeDecodeError) -> str:
    """Why bytes are no document's; one in another encoding would have to be written anew."""
    try:
        characters(raw)
    except CharactersError as what:
        return f"it {what}"
    return f"it is no text in UTF-8 (byte {error.start}) but in UTF-16: save it as UTF-8"


def _root(tree: Node) -> tuple[Root, Node]:
    """The root and what stands under it."""
    if tree.kind != "object":
        raise DocumentError(f"a document is one JSON object, {_EXAMPLE}, not {_kind(tree)}")
    known = [one for one in tree.members if one.name in ROOTS]
    if len(known) == 1:
        root, content = ROOTS[known[0].name], known[0].value
        if content.kind != "object":
            raise DocumentError(f"{root.name} holds an object, not {_kind(content)}")
        return root, content
    if len(known) > 1 or not tree.members:
        names = ", ".join(one.name for one in tree.members) or "none"
        count = len(tree.members)
        raise DocumentError(f"a document has exactly one root, {_EXAMPLE}; this one has {count}: {names}"[:300])
    if server := foreign([one.name for one in tree.members]):
        raise DocumentError(f"it is an event of {server}, and no document of ThingPark, {_EXAMPLE}")
    name = tree.members[0].name
    near = get_close_matches(name, ROOTS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(ROOTS)}"
    raise DocumentError(f"{name[:80]!r} is no root of a document; {hint}")


def _check_device(root: Root, content: Node) -> None:
    """A forwarder finds whom a document is about by its DevEUI; only a base station's alarm has none."""
    told = content.member("DevEUI")
    if told is None or (told.kind == "constant" and told.value is None):
        if root.device == "DevEUI":
            raise DocumentError(f"{root.name}.DevEUI is missing: nobody can know whose document it is")
        return
    if told.kind != "text" or not _DEV_EUI.fullmatch(str(told.value)):
        shown = _kind(told) if told.kind not in ("text", "number") else repr(str(told.value)[:_SHOWN])
        raise DocumentError(f"{root.name}.DevEUI is {shown}; it has 16 hexadecimal digits")


def _without_additions(text: str, tree: Node, root: Root, content: Node) -> tuple[str, tuple[str, ...]]:
    """The text without what a forwarder adds, and the paths of that."""
    delivered = tree.member(_URL) is not None or (root.name == UPLINK and content.member(_URL) is not None)
    if not delivered:
        return text, ()
    driver = content.member("DriverCfg")
    holders = [(tree, {_URL}, ""), (content, {*ADDED}, f"{root.name}.")]
    if driver is not None and driver.kind == "object":
        holders.append((driver, {"id"}, f"{root.name}.DriverCfg."))
    taken = [f"{path}{one.name}" for node, names, path in holders for one in node.members if one.name in names]
    # Each cut moves what stands behind it: the tree is read anew for the next one.
    text = without(text, tree, {_URL})
    content = _under(text, root)
    text = without(text, content, {*ADDED})
    driver = _under(text, root).member("DriverCfg")
    if driver is not None and driver.kind == "object":
        text = without(text, driver, {"id"})
    return text, tuple(taken)


def _under(text: str, root: Root) -> Node:
    content = read_json_text(text).member(root.name)
    assert content is not None
    return content


def _kind(node: Node) -> str:
    if node.kind == "constant":
        return "null" if node.value is None else "true or false"
    return {"array": "an array", "text": "a text", "number": "a number"}.get(node.kind, "an object")
