"""Examples as the device repository of The Things Network has them: a YAML file beside the codec that it names.

Its `uplinkDecoder`, `downlinkEncoder` and `downlinkDecoder` each say the codec's `fileName` and list `examples` of
`input` and `output`. YAML is read by the core schema of version 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), in
which a date is a text and `on` is no number; anchors and aliases, which can make a small file large, are refused.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

__all__ = ["YamlTextError", "examples_in", "named_by", "read_yaml"]

_KINDS: Final = {"uplinkDecoder": "uplink", "downlinkEncoder": "downlink-encode", "downlinkDecoder": "downlink-decode"}
_DEEPEST: Final = 64


class YamlTextError(ValueError):
    """A text that is no YAML, or more than any example needs; it names line and column."""


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML says nothing of its types
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as PyYAML has it: those of its own are of version 1.1

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise _failed(self.peek_event().start_mark, "an alias, which no example needs")
        return super().compose_node(parent, index)


def _number(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node))
    return int(text, {"0x": 16, "0o": 8}.get(text[:2], 10))


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), None)
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), None)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^(?:[-+]?[0-9]{1,30}|0x[0-9a-fA-F]{1,30}|0o[0-7]{1,30})$"), None
)
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,4})?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
    ),
    None,
)
_Loader.add_constructor("tag:yaml.org,2002:int", _number)


def _failed(mark: yaml.Mark | None, why: str) -> YamlTextError:
    place = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
    return YamlTextError(f"{place}no YAML: {' '.join(why.split())[:120]}")


def read_yaml(text: str) -> Any:
    """The value of a YAML document; YamlTextError."""
    loader = None
    try:
        loader = _Loader(text)
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            opened = isinstance(event, yaml.CollectionStartEvent)
            depth += opened - isinstance(event, yaml.CollectionEndEvent)
            if opened and depth > _DEEPEST:
                raise _failed(event.start_mark, "it is nested too deeply")
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        raise _failed(error.problem_mark or error.context_mark, error.problem or "it cannot be read") from None
    except yaml.YAMLError as error:
        raise _failed(None, str(error)) from None
    except (RecursionError, ValueError) as error:
        raise error if isinstance(error, YamlTextError) else _failed(None, str(error)) from None
    finally:
        if loader is not None:
            loader.dispose()


def named_by(read: Any) -> str:
    """The file of the codec that such a file is about, below its own folder; empty where it names none."""
    parts = [part for name in _KINDS if isinstance(read, dict) and isinstance(part := read.get(name), dict)]
    return next((name for part in parts if isinstance(name := part.get("fileName"), str)), "")


def examples_in(read: Any, main: str) -> list[Any]:
    """The examples of one codec, each as examples.json would have it; none where the file is about another one."""
    found: list[Any] = []
    for name, kind in _KINDS.items():
        part = read.get(name) if isinstance(read, dict) else None
        if not isinstance(part, dict) or part.get("fileName") != main or not isinstance(part.get("examples"), list):
            continue
        found += [{"type": kind, **one} if isinstance(one, dict) else one for one in part["examples"]]
    return found
