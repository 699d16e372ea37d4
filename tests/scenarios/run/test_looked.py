from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from uplab.scenarios.look import first_look as looking
from uplab.scenarios.run.looked import look, take_looked
from uplab.scenarios.run.outcome import NoLabError


def given(*, wanted: bool = True) -> tuple[Any, Any, list[str]]:
    stopped: list[str] = []
    options = SimpleNamespace(look=wanted, thingsboard=None)
    lab = SimpleNamespace(options=options, worker="main", stop=lambda: stopped.append("stopped"))
    return lab, SimpleNamespace(stash=pytest.Stash()), stopped


def test_what_was_noticed_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "first_look", lambda *_: ["one"])
    lab, config, _ = given()

    look(lab, Path("x"), config)

    assert (take_looked(config), take_looked(config)) == (["one"], [])


def test_dead_leg_is_no_lab_and_leaves_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(*_: object) -> list[str]:
        raise looking.LookError("no uplink comes through")

    monkeypatch.setattr(looking, "first_look", dead)
    lab, config, stopped = given()

    with pytest.raises(NoLabError, match="no uplink"):
        look(lab, Path("x"), config)

    assert stopped == ["stopped"]


def test_no_look_is_taken_where_none_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "first_look", lambda *_: ["one"])
    lab, config, _ = given(wanted=False)

    look(lab, Path("x"), config)

    assert take_looked(config) == []
