"""What holds for all tests: every line said while one runs is held against the vocabulary of the history."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from hypothesis import settings

from tests.held import hold_all, said_wrong

collect_ignore = ["kept_project"]  # scenarios of somebody's, which test_docs.py runs as he would
hold_all()
# How long an example takes says something about the machine, not about the code.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, object, object]:
    """Each test begins with nothing said."""
    said_wrong.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """A test in which a wrong line was said fails; a fixture may have said it."""
    result = yield
    assert not said_wrong, "no line of the history: " + "; ".join(said_wrong)
    return result
