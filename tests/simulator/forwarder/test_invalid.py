from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uplab.simulator.forwarder.invalid import InvalidError, explain, known_names, refuse_unknown, require_object


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    count: Annotated[int, Field(ge=1, le=9)] = 1


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    name: Annotated[str, Field(max_length=3)]
    inner: Inner | None = None


def explained(body: object) -> InvalidError:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(body)
    return explain(caught.value, Outer, frozenset({"proxy"}))


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        ({}, "name", "name is mandatory"),
        ({"name": 1}, "name", "name must be a string"),
        ({"name": "long"}, "name", "name may have 3 characters at most"),
        ({"name": "x", "inner": {"count": 0}}, "inner.count", "inner.count must be 1 or more"),
        ({"name": "x", "inner": {"count": 10}}, "inner.count", "inner.count must be 9 or less"),
        ({"name": "x", "inner": {"count": "1"}}, "inner.count", "inner.count must be an integer"),
        ({"name": "x", "inner": 1}, "inner", "inner must be an object"),
        ({"Name": "x"}, "Name", "Name is unknown; did you mean name?"),
        ({"name": "x", "COUNT": 1}, "COUNT", "COUNT is unknown; did you mean count?"),
        ({"name": "x", "proxy": 1}, "proxy", "proxy is not implemented by this forwarder; remove it"),
        ({"name": "x", "other": 1}, "other", "other is unknown"),
        ([], "the body", "the body must be an object"),
    ],
)
def test_first_finding_becomes_one_sentence_with_its_field(body: object, field: str, message: str) -> None:
    error = explained(body)

    assert (error.field, str(error)) == (field, message)


def test_names_of_inner_models_are_known_too() -> None:
    assert known_names(Outer) == {"name": "", "inner": "", "count": "inner"}


def test_what_is_no_object_is_refused() -> None:
    with pytest.raises(InvalidError, match="must be a JSON object"):
        require_object([], "the body")


def test_key_of_the_wrong_case_is_refused_with_its_path() -> None:
    refuse_unknown({"FPort": 1, "other": 1}, ("FPort",))
    with pytest.raises(InvalidError, match=r"^root\.fport is unknown; did you mean FPort\?$"):
        refuse_unknown({"fport": 1}, ("FPort",), field="root")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"name": "x", "count": 1}, "count is unknown here; it belongs in inner"),
        ({"name": "x", "inner": {"name": "y"}}, "inner.name is unknown here; it belongs at the top"),
    ],
)
def test_known_name_at_the_wrong_level_is_told_its_place(body: object, message: str) -> None:
    assert str(explained(body)) == message


def test_very_long_name_is_cut() -> None:
    error = explained({"name": "x", "k" * 100_000: 1})

    assert len(error.field) < 100
    assert len(str(error)) < 200
