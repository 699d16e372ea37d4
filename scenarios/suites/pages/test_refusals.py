"""What cannot be: an empty or wrong field is refused at the field, nothing is made, and what was typed stays."""

from collections.abc import Callable

import pytest

from uplab.scenarios import Lab, Route, example_body
from uplab.scenarios.suites.pages.visitor import Visitor

pytestmark = pytest.mark.needs("pages", "api")

# Type -> its fields with right values.
FORMS = {
    "HTTP": {"Application Name": "refused", "Destination URL": "https://posthere.io/4b19-48f6-94cc"},
    "Widgelix": {"Application Name": "refused", "Widgelix Key": "3c6f1d4e-0000-4000-8000-000000000000"},
    "ThingsBoard": {
        "Application Name": "refused",
        "Domain Name": "thingsboard.cloud:1883",
        "Username": "tenant@thingsboard.org",
        "Password": "tenant",
    },
}


# Type -> the values that are refused, each at its field. No field is wrong twice in a row: its old mark would be taken
# for a new one.
WRONG = {
    "HTTP": [("Destination URL", ""), ("Application Name", ""), ("Destination URL", "posthere.io/4b19-48f6-94cc")],
    "Widgelix": [("Application Name", ""), ("Widgelix Key", "")],
    "ThingsBoard": [("Domain Name", ""), ("Username", ""), ("Domain Name", "thingsboard.cloud"), ("Password", "")],
}
SECRET = ("Password", "Widgelix Key")  # a page need not give these back


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        pytest.param(
            "HTTP", "HTTP-09.d", id="HTTP", marks=[pytest.mark.requirement("HTTP-09.d"), pytest.mark.needs("http")]
        ),
        pytest.param(
            "Widgelix",
            "WGX-03.c",
            id="Widgelix",
            marks=[pytest.mark.requirement("WGX-03.c"), pytest.mark.needs("widgelix")],
        ),
        pytest.param(
            "ThingsBoard",
            "TB-01.b",
            id="TB",
            marks=[pytest.mark.requirement("TB-01.b"), pytest.mark.needs("thingsboard")],
        ),
    ],
)
def test_wrong_field_is_refused_there_and_nothing_is_made(
    lab: Lab, visitor: Visitor, names: Callable[[], list[str]], kind: str, row: str
) -> None:
    """The field says what is wrong, the others keep what was typed, and no application was made."""
    before = names()
    visitor.go("Applications", "Create", "View More Applications Type", kind)

    for label, value in WRONG[kind]:
        typed = FORMS[kind] | {label: value}
        for name, text in typed.items():
            visitor.fill(name, text)
        visitor.submit("Create")

        visitor.expect_refused_at(label, proves=row)
        kept = {name: visitor.value(name) for name in typed if name not in SECRET}
        wanted = {name: typed[name] for name in kept}
        lab.expect_seen("what was typed stays", kept, {"is": wanted}, f"{label}: {kept}", hop="page", proves=row)
        lab.expect_seen(
            "no application was made", names(), {"is": before}, f"{label}: {names()}", hop="page", proves=row
        )


@pytest.mark.needs("http")
@pytest.mark.requirement("HTTP-10.c")
def test_wrong_new_value_is_refused_and_the_old_one_stays(lab: Lab, visitor: Visitor) -> None:
    """A wrong value is refused at the field also when it is edited."""
    body = example_body("http.md") | {"name": "refused"}
    connection = lab.connect(body, Route("posthere", "/4b19-48f6-94cc"))
    visitor.go("Applications")
    visitor.find("refused")

    visitor.press("Edit Destination URL")
    visitor.fill("Destination URL", "nowhere")
    visitor.confirm()
    visitor.proceed_if_asked()
    visitor.expect_refused_at("Destination URL", proves="HTTP-10.c")

    stored = connection.read()["configuration"]["destinationURL"]
    lab.expect_seen("the old value stays", stored, {"is": body["configuration"]["destinationURL"]})
