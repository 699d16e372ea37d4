import re
from typing import Any

import pytest

from uplab.reports.fields import Fields, ReportError


def test_optional_fields_may_be_absent_or_null() -> None:
    fields = Fields("run.json", {"a": None})

    assert (fields.optional_text("a"), fields.optional_texts("b"), fields.optional_integer("b")) == (None, (), None)
    assert (fields.optional_plain("a"), list(fields.optional_objects("b"))) == (None, [])


@pytest.mark.parametrize(
    ("read", "value", "message"),
    [
        ("text", 1, "run.json: it must be text, not int"),
        ("integer", True, "run.json: it must be a whole number, not bool"),
        ("integer", 10**16, "run.json: it must be a number of at most 1,000,000,000,000,000"),
        ("number", -1e308, "run.json: it must be a number of at most 1,000,000,000,000,000"),
        ("texts", ["a", 1], "run.json: it must be a list of texts"),
        ("outcome", "fine", "run.json: outcome must be one of"),
        ("optional_plain", [], "run.json: it must be an object, not list"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(read: str, value: Any, message: str) -> None:
    name = "outcome" if read == "outcome" else "it"
    fields = Fields("run.json", {name: value})

    with pytest.raises(ReportError, match=message):
        getattr(fields, read)(*([] if read == "outcome" else [name]))


def test_name_that_leads_out_is_refused() -> None:
    with pytest.raises(ReportError, match="history must be a plain name"):
        Fields("run.json", {"history": "../secret"}).matching("history", re.compile(r"\w+"))


def test_missing_field_and_what_is_no_object_are_said() -> None:
    with pytest.raises(ReportError, match="it is missing"):
        Fields("run.json", {}).text("it")
    with pytest.raises(ReportError, match="an object was expected, not list"):
        Fields("run.json", [])
