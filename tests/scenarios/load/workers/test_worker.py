import pytest

from uplab.scenarios.load.workers.worker import Worker, WorkerError

ECHO = """\
from collections.abc import Mapping
from typing import Any
from uplab.scenarios.load.workers.service import Say, serve

class Echo:
    def __init__(self, say: Say) -> None:
        self.say = say

    async def order(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == "die":
            raise SystemExit(7)
        if name == "fail":
            raise ValueError("no such thing")
        self.say({"seen": name})
        return {"same": given["value"]}

    async def stop(self) -> None:
        self.say({"last": True})

serve(Echo)
"""


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("echo")
    (folder / "load_echo.py").write_text(ECHO)
    return str(folder)


def echo(module: str, monkeypatch: pytest.MonkeyPatch) -> Worker:
    monkeypatch.setenv("PYTHONPATH", module)
    return Worker("the echo", "load_echo")


def test_a_part_answers_tells_and_ends_in_order(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = echo(module, monkeypatch)

    assert worker.ask("say", timeout_s=30, value=[1, "ü"])["same"] == [1, "ü"]
    with pytest.raises(WorkerError, match="the echo could not fail: ValueError: no such thing"):
        worker.ask("fail", timeout_s=30)
    worker.join(30)

    assert worker.is_over
    assert worker.told["seen"] == "say"
    assert worker.told["last"]
    assert worker.cpu_s > 0
    with pytest.raises(WorkerError, match="has ended"):
        worker.tell("say")
    worker.kill()


def test_a_part_that_dies_is_told_in_one_line(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with echo(module, monkeypatch) as worker, pytest.raises(WorkerError) as told:
        worker.ask("die", timeout_s=30)

    assert str(told.value).startswith("the echo ended before it could die: exit code")
    assert "\n" not in str(told.value)
