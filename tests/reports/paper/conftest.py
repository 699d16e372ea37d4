"""Two made-up runs to be signed off."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.reports.sample import make_run

DEVIATION = {
    "kind": "clause",
    "id": "HTTP-05",
    "reason": "agreed",
    "ticket": "IOT-412",
    "owner": "connector team",
    "until": "2027-01-31",
    "state": "met",
    "scenarios": [],
}
DOCUMENT = {"document": "http.md", "title": "A title", "date": "2021-12-17", "sha256": "a2d2" * 16}

MakeRun = Callable[..., Path]


@pytest.fixture
def made(tmp_path: Path) -> MakeRun:
    """Makes a run under a name; `change` alters its record."""

    def make(name: str, change: Callable[[dict[str, Any]], None] | None = None) -> Path:
        def dressed(record: dict[str, Any]) -> None:
            record["documents"] = [DOCUMENT]
            record["machine"] = "lab-1, Linux 6.18 x86_64"
            if change is not None:
                change(record)

        return make_run(tmp_path / name, change=dressed)

    return make
