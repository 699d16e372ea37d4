from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up, start
from uplab.scenarios.documents.connector_document import example_body


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A lab that is up, with the HTTP connection of the document's own example."""
    folder = tmp_path_factory.mktemp("up")
    with start(folder, "--json", "--seed", "7") as process:
        try:
            assert process.stdout is not None
            lab = Up(json.loads(process.stdout.readline()), folder)
            made = httpx.post(f"{lab.at['api']}/connections", json=example_body("http.md"), trust_env=False)
            assert made.status_code == 201, made.text
            yield lab
        finally:
            process.terminate()
            process.communicate(timeout=20)
