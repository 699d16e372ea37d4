"""What is wrong with a body: from pydantic's findings to one sentence that names the field."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

__all__ = ["InvalidError", "explain", "known_names", "refuse_unknown", "require_object", "sentence"]

_SENTENCES = {
    "missing": "{field} is mandatory",
    "string_type": "{field} must be a string",
    "bool_type": "{field} must be true or false",
    "int_type": "{field} must be an integer",
    "int_parsing": "{field} must be an integer",
    "int_parsing_size": "{field} must be an integer",
    "dict_type": "{field} must be an object",
    "model_type": "{field} must be an object",
    "model_attributes_type": "{field} must be an object",
    "list_type": "{field} must be an array",
    "literal_error": "{field} must be {expected}",
    "greater_than_equal": "{field} must be {ge} or more",
    "less_than_equal": "{field} must be {le} or less",
    "string_too_long": "{field} may have {max_length} characters at most",
    "too_long": "{field} may have {max_length} entries at most",
    "too_short": "{field} must have at least {min_length} entry",
    "union_tag_invalid": "{field} must be one of {expected_tags}",
    "union_tag_not_found": "{field} is mandatory",
}


_TYPES = ("key", "thing")  # of matchers
_SHOWN = 80  # characters of a name in a message


class InvalidError(ValueError):
    """A body that is refused; `field` is the path of the field, its message one sentence that names it."""

    def __init__(self, field: str, message: str) -> None:
        """Keep the path apart from the message."""
        super().__init__(message)
        self.field = field


def require_object(raw: object, what: str) -> dict[str, Any]:
    """Give the object back, or refuse what is none."""
    if not isinstance(raw, dict):
        raise InvalidError("", f"{what} must be a JSON object")
    return raw


def refuse_unknown(given: Mapping[str, Any], names: Iterable[str], *, field: str = "") -> None:
    """Refuse a key that differs from a known one by its case only."""
    for key in given:
        if key not in names and (near := _near(key, names)):
            path = f"{field}.{key}" if field else key
            raise InvalidError(path, f"{path} is unknown; did you mean {near}?")


def explain(error: ValidationError, model: type[BaseModel], unimplemented: frozenset[str]) -> InvalidError:
    """Say the first thing that is wrong; a misspelt key goes before the one that is missing because of it."""
    findings = error.errors(include_url=False, include_input=False)
    findings.sort(key=lambda finding: finding["type"] != "extra_forbidden")
    finding = findings[0]
    field = ".".join(_location(finding["loc"])) or "the body"
    if finding["type"].startswith("union_tag"):
        field += ".type"
    if finding["type"] == "extra_forbidden":
        return InvalidError(field, _unknown(field, known_names(model), unimplemented))
    return InvalidError(field, sentence(finding, field))


def known_names(model: type[BaseModel], path: str = "") -> dict[str, str]:
    """Collect the JSON names of a model and of the models in it, each with the path of the object that holds it."""
    names: dict[str, str] = {}
    for name, info in model.model_fields.items():
        alias = info.alias or name
        names.setdefault(alias, path)
        for inner in _models_in(info):
            for deeper, place in known_names(inner, f"{path}.{alias}" if path else alias).items():
                names.setdefault(deeper, place)
    return names


def _location(parts: tuple[int | str, ...]) -> Iterator[str]:
    """Leave out what pydantic puts after the index of a matcher: its type, which is no member of the body."""
    before: int | str = ""
    for part in parts:
        if not (isinstance(before, int) and part in _TYPES):
            yield str(part)[:_SHOWN]
        before = part


def _models_in(info: FieldInfo) -> Iterable[type[BaseModel]]:
    candidates = [info.annotation, *get_args(info.annotation)]
    return [item for item in candidates if isinstance(item, type) and issubclass(item, BaseModel)]


def _unknown(field: str, names: Mapping[str, str], unimplemented: frozenset[str]) -> str:
    key = field.rpartition(".")[2]
    near = _near(key, unimplemented | names.keys())
    if near is None:
        return f"{field} is unknown"
    if near in unimplemented:
        return f"{field} is not implemented by this forwarder; remove it"
    if near == key:
        place = names[near]
        return f"{field} is unknown here; it belongs {f'in {place}' if place else 'at the top'}"
    return f"{field} is unknown; did you mean {near}?"


def _near(key: str, names: Iterable[str]) -> str | None:
    plain = {name.lower().replace("_", ""): name for name in names}
    return plain.get(key.lower().replace("_", "").replace("-", ""))


def sentence(finding: ErrorDetails, field: str) -> str:
    """Write one of pydantic's findings as a sentence that begins with the field."""
    known = _SENTENCES.get(finding["type"])
    if known is None:
        return f"{field} {finding['msg'][:1].lower()}{finding['msg'][1:]}"
    return known.format(field=field, **finding.get("ctx", {}))
