"""A world on a stage without a lab: what it has sent is put there by a test."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.scenarios.history_lines import Story
from uplab.scenarios.history.identity import epoch_ms
from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.plan import Plan
from uplab.scenarios.worlds.playing.stage import Document, Stage

__all__ = ["fake_stage", "put"]


def fake_stage(plan: Plan, *, story: Story | None = None, **lab: Any) -> Stage:
    """The world with the tag w1; `lab` are further attributes of its lab."""
    own: dict[str, Any] = {
        "history": (story or Story()).history,
        "profile": load_profile(None),
        "options": SimpleNamespace(as_id="uplab.AS", thingsboard_login={"username": "u", "password": "p"}),
        "secrets": Secrets(1),
        "heartbeat": SimpleNamespace(excused=lambda verdict: verdict),
        "deadlines": SimpleNamespace(shown_s=0.0, answer_s=1.0, attempt_s=2.0),
        "endpoints": SimpleNamespace(downlink_base="http://d"),
    }
    stage = Stage(SimpleNamespace(**{**own, **lab}), plan, "w1")  # type: ignore[arg-type]
    for name in plan.devices:
        stage.devices[name] = SimpleNamespace(dev_eui=f"20635F010600000{1 + ord(name) - ord('a')}")  # type: ignore[assignment]
    for name in plan.connections:
        resource = {"id": name, "connectorId": "c", "downlinkUrl": f"http://d/{name}"}
        stage.connections[name] = SimpleNamespace(id=name, resource=resource)  # type: ignore[assignment]
    return stage


def put(stage: Stage, id_: str, step: int, document: dict[str, Any], *, age_ms: int = 0) -> None:
    """A document was sent in a step, and accepted."""
    [report] = document.values()
    stage.sent.append(Document(id_, document, "accepted", 200, step, epoch_ms(report["Time"]) + age_ms))
