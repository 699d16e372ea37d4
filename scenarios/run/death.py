"""The end of a forwarder under test that no scenario had asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx
import pytest

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test.absence import absence
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.process import DYING_S, ForwarderDeathError, ForwarderStartError

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["note_death"]

_told = pytest.StashKey[bool]()


def note_death(item: pytest.Item, report: pytest.TestReport, lab: Lab, error: BaseException | None) -> str | None:
    """Fails the scenario in which the forwarder ended by itself, and stops the run there; None while it lives."""
    died = _death_of_forwarder(lab, item.nodeid, error)
    if died is None or (report.passed and item.stash.get(_told, False)):
        return None
    item.stash[_told] = True
    item.session.shouldstop = "the forwarder ended"
    report.outcome, report.longrepr = "failed", redact_text(died)
    return redact_text(died)


def _death_of_forwarder(lab: Lab, scenario: str, error: BaseException | None = None) -> str | None:
    """Why no scenario after this one can be judged, in words for a reader; None while the forwarder lives.

    `error` ended the scenario. One that runs elsewhere cannot be watched: it is asked when a scenario did not end well.
    """
    if isinstance(error, (ForwarderDeathError, ForwarderStartError)):
        return str(error)
    if lab.options.command is None:
        if error is None or isinstance(error, pytest.skip.Exception):
            return None
        if lab.profile.features.api:
            return absence(
                lab.api.base, lab.belongings.ids("connections"), headers=lab.api.headers, access=lab.options.access
            )
        return absence(lab.endpoints.ingress, (), access=lab.options.access) if lab.endpoints.ingress else None
    silent = isinstance(error, (NoAnswerError, httpx.TransportError))
    died = lab.forwarder.death(patience_s=DYING_S if silent else 0.0)
    return lab.forwarder.tell_death(scenario) if died else None
