from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from uplab.scenarios.run.workers import counted_workers, silence


def test_workers_are_counted() -> None:
    assert [counted_workers(n) for n in (1, 2)] == ["1 worker", "2 workers"]


@pytest.mark.parametrize(("verbose", "silent"), [(-2, True), (0, False)])
def test_quiet_run_hears_nothing_of_its_workers(verbose: int, silent: bool) -> None:
    gone: list[str] = []
    dsession = SimpleNamespace(trdist="talks")
    manager = SimpleNamespace(get_plugin=lambda _name: dsession, unregister=lambda *, name: gone.append(name))
    config: Any = SimpleNamespace(pluginmanager=manager, option=SimpleNamespace(verbose=verbose))

    silence(cast(pytest.Config, config))

    assert (dsession.trdist != "talks", gone == ["terminaldistreporter"]) == (silent, silent)
    if silent:
        cast(Any, dsession.trdist).setstatus("node", "status", tests_collected=3)
        cast(Any, dsession.trdist).ensure_show_status()
