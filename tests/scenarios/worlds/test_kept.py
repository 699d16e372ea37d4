"""Folders of worlds, and their batches."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scenarios.worlds.small_world import small_world
from uplab.scenarios.under_test.profile import load_profile
from uplab.scenarios.worlds.kept import KEPT, MOST, batches, lacking_of, read_folder
from uplab.scenarios.worlds.plan import PlanError, write_plan


def put(folder: Path, name: str, text: str) -> None:
    (folder / f"{name}.json").write_text(text)


def test_folder_is_read_by_its_names(tmp_path: Path) -> None:
    for name in ("b", "a"):
        put(tmp_path, name, write_plan(small_world(name=name)))
    assert [plan.name for plan in read_folder(tmp_path)] == ["a", "b"]
    assert [plan.name for plan in read_folder(tmp_path / "b.json")] == ["b"]


def test_wrong_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="no such file"):
        read_folder(tmp_path / "nowhere")
    for name in ("a", "b"):
        put(tmp_path, name, write_plan(small_world(name="same")))
    with pytest.raises(PlanError, match=r"another world is called same, in a\.json"):
        read_folder(tmp_path)
    with pytest.raises(PlanError, match="uplab explore"):
        read_folder(tmp_path, most=1)


def test_worlds_that_restart_alike_are_together() -> None:
    plain, killed = small_world(), small_world({"do": "restart", "kill": True})
    failing = small_world({"do": "fault", "connection": "x", "kind": "503"})
    found = list(batches([plain, killed, failing, killed, plain, plain], 2))
    assert found == [[plain, plain], [plain], [failing], [killed, killed]]


def test_what_a_profile_does_not_declare_is_said() -> None:
    profile = load_profile(None)
    plan = small_world({"do": "restart"}, connections={"x": {"to": "widgelix"}, "y": {}})
    assert lacking_of(plan, profile) is None
    features = profile.features.model_copy(update={"widgelix": False, "durable": False})
    poorer = profile.model_copy(update={"features": features})
    assert "does not declare widgelix, durable" in str(lacking_of(plan, poorer))


def test_kept_worlds_can_be_read() -> None:
    assert 0 < len(read_folder(KEPT)) <= MOST
