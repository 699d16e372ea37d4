"""A part of a load as its parent sees it: started, asked, listened to, ended."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, Self

import orjson

__all__ = ["Worker", "WorkerError"]

_DIE_S = 5.0


class WorkerError(Exception):
    """A part of the lab's own did not do what it was asked, or has ended: one line."""


class Worker:
    """One process of a module that calls `serve`. `told` is the newest that it has said by itself."""

    def __init__(self, name: str, module: str, arguments: Sequence[str] = ()) -> None:
        self.name = name
        self.told: dict[str, Any] = {}
        self.cpu_s = 0.0
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the parent's affair: it has them end in order
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._listening = threading.Thread(target=self._listen, name=f"uplab {name}", daemon=True)
        self._listening.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.kill()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_over(self) -> bool:
        """Whether it has ended, for whatever reason."""
        return self._process.poll() is not None

    def ask(self, order: str, *, timeout_s: float, **given: Any) -> dict[str, Any]:
        """Have it do one thing; WorkerError where it cannot, or does not in time."""
        self.tell(order, **given)
        return self.answer(order, timeout_s=timeout_s)

    def tell(self, order: str, **given: Any) -> None:
        """Have it do one thing, whose answer is taken later."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(orjson.dumps({"order": order, **given}) + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            raise WorkerError(f"{self.name} has ended, and was asked to {order}") from None

    def answer(self, order: str, *, timeout_s: float) -> dict[str, Any]:
        """The answer to what was told before."""
        try:
            answer = self._answers.get(timeout=timeout_s)
        except queue.Empty:
            raise WorkerError(f"{self.name} did not {order} within {timeout_s:g} s") from None
        if answer is None:
            raise WorkerError(f"{self.name} ended before it could {order}: {self._ending()}")
        if "error" in answer:
            raise WorkerError(f"{self.name} could not {order}: {answer['error']}")
        return answer

    def end(self) -> None:
        """Have it finish; it may take a while, and says so when it is over."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError, OSError):
            self._process.stdin.close()

    def join(self, timeout_s: float) -> None:
        """Wait for its end, and force it after so long."""
        self.end()
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
        self._listening.join(_DIE_S)

    def kill(self) -> None:
        """End it at once."""
        self.end()
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(_DIE_S)
        self._listening.join(_DIE_S)
        if self._process.stdout is not None and not self._listening.is_alive():
            self._process.stdout.close()

    def _ending(self) -> str:
        deadline_s = time.monotonic() + _DIE_S
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline_s - time.monotonic()))
        code = self._process.returncode
        return f"exit code {code}" if code is None or code >= 0 else f"signal {-code}"

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with contextlib.suppress(orjson.JSONDecodeError):
                said: Mapping[str, Any] = orjson.loads(line)
                if "answer" in said:
                    self._answers.put(dict(said))
                else:
                    self.cpu_s = float(said.get("cpu_s", self.cpu_s))
                    self.told = {**self.told, **said}
        self._answers.put(None)
