"""`uplab init`: a project of one's own, which passes at once."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

import typer

from uplab.scenarios.cli.app import app, fail
from uplab.scenarios.run.exit_codes import WRONG_USAGE

__all__ = ["PROJECT", "init"]

PROJECT: Final = {
    "test_hall.py": "test_hall.py",
    "conftest.py": "conftest.py",
    "catalogue.toml": "catalogue.toml",
    "profile.toml": "profile.toml",
    "pytest.toml": "pytest.toml",
    ".github/workflows/uplab.yml": "workflow.yml",
}
"""Each file of a project, and the one in examples/project of which it is made."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; it is made. Nothing that is there is changed.")],
) -> None:
    """Write a project of your own: scenarios, a conftest, a catalogue, a profile, a CI file.

    It passes at once against the reference forwarder. `pytest` runs it, and so
    does `uplab run`, with the options of your own forwarder.
    """
    there = [name for name in PROJECT if (folder / name).exists()]
    if there:
        fail(f"{folder} has {', '.join(there)} already: name another folder", WRONG_USAGE)
    source = files("uplab.scenarios") / "examples" / "project"
    try:
        for name, made_of in PROJECT.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes((source / made_of).read_bytes())
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror}", WRONG_USAGE)
    print(f"{folder} has {', '.join(PROJECT)}\n\nRun it:\n  cd {folder}")
    print("  uplab run test_hall.py --catalogue catalogue.toml --forwarder-profile profile.toml")
    print("Your own forwarder: add --forwarder-command 'node my_forwarder.js'")
