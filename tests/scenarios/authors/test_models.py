from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path

import pytest

from uplab.scenarios.authors import models
from uplab.scenarios.authors.models import GROUP, named_model

SOURCE = """
from uplab.scenarios import DeviceModel
door = DeviceModel("door", encode=lambda open_: bytes([open_]), f_port=7, measure=lambda n: {"open_": n % 2})
word = 7
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "modules", dict(sys.modules))
    (tmp_path / "halls_models.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize("name", ["halls_models:door", "halls_models.py:door", "./halls_models.py:door"])
def test_model_is_found_in_its_module(name: str) -> None:
    found = named_model(name)

    assert found is not None
    assert found.uplink(1, {}) == ({"open_": 1}, b"\x01")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("halls_models:gate", "halls_models has no DeviceModel called gate"),
        ("halls_models:word", "halls_models has no DeviceModel called word"),
        ("nobodys_models:door", "there is no module nobodys_models"),
    ],
)
def test_model_that_is_none_is_said(name: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        named_model(name)


def test_entry_point_of_a_package_is_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = importlib.metadata.EntryPoint("gate", "halls_models:door", GROUP)
    broken = importlib.metadata.EntryPoint("broken", "nobodys_models:door", GROUP)
    known = {"gate": [entry], "broken": [broken]}
    monkeypatch.setattr(models, "entry_points", lambda *, group, name: known.get(name, []) if group == GROUP else [])
    sys.path.append(str(Path.cwd()))

    assert named_model("gate") is not None
    assert named_model("toaster") is None
    with pytest.raises(ValueError, match=r"the entry point broken \(nobodys_models:door\) cannot be loaded"):
        named_model("broken")
