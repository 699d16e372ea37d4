import pytest
from pydantic import ValidationError

from uplab.scenarios.under_test.access.sign_in import PAGES_PASSWORD, PAGES_USER, PagesLogin, Step, credentials_in


def test_steps_that_nobody_names_are_those_of_the_contract() -> None:
    assert [step.field or step.button for step in PagesLogin().steps] == ["Username", "Password", "Log in"]


@pytest.mark.parametrize("step", [{}, {"field": "E-mail"}, {"value": "user"}, {"button": "Next", "field": "E-mail"}])
def test_step_that_is_none_is_refused(step: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="a step is"):
        Step.model_validate(step)


def test_credentials_are_whole_or_none() -> None:
    assert credentials_in({PAGES_USER: "me"}) is None
    assert credentials_in({PAGES_USER: "me", PAGES_PASSWORD: "hush"}) == ("me", "hush")
