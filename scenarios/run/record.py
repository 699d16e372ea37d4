"""The record of a run: what each scenario proved, written as run.json for the reports."""

import contextlib
import hashlib
import inspect
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from uplab.scenarios.checks.page import described
from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.documents.connector_document import known_documents
from uplab.scenarios.history import unwritten
from uplab.scenarios.history.history import Event, of_hop
from uplab.scenarios.history.hops import FORMAT
from uplab.scenarios.history.secrets import redact, redact_text
from uplab.scenarios.history.shared_ids import share
from uplab.scenarios.run.suites import SUITES, as_shipped
from uplab.scenarios.under_test.product import digest_of
from uplab.scenarios.under_test.target import RunOptions

__all__ = [
    "blank_record",
    "line_of",
    "make_run_folder",
    "point_latest",
    "promise_of",
    "run_record",
    "scenario_file",
    "shown_path",
    "steps_of",
    "suite_of",
    "take_selected",
    "title_of",
    "write_record",
    "write_selected",
]

SELECTED = "selected.json"


def make_run_folder(parent: Path, seed: int, now: datetime | None = None) -> Path:
    """Makes <date>-<seed>, and never one that is there already: two runs at once keep apart."""
    stamp = (now or datetime.now(UTC)).strftime("%Y%m%d-%H%M%S")
    parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(1, 1000):
        folder = parent / (f"{stamp}-{seed}" + (f"-{attempt}" if attempt > 1 else ""))
        try:
            folder.mkdir()
        except FileExistsError:
            continue
        return folder
    raise FileExistsError(f"no free run folder in {parent}")


def point_latest(folder: Path) -> None:
    """`latest` leads to the newest run that judged something; made aside and renamed: another may do the same now."""
    parent = folder.parent
    aside = parent / f".latest-{os.getpid()}"
    aside.unlink(missing_ok=True)
    try:
        aside.symlink_to(folder.name)
        aside.replace(parent / "latest")
    except OSError:  # a file system without links, or a folder of that name: the run itself needs no `latest`
        with contextlib.suppress(OSError):
            aside.unlink()


def scenario_file(node_id: str) -> str:
    """The name of a scenario's history: its node id with what a file name cannot hold taken out, secrets first."""
    clean = redact_text(node_id)
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", clean.replace(".py::", "-")).strip("-")
    if "[" in node_id or len(name) > 150:  # then two scenarios may differ only in what is taken out
        name = f"{name[:150]}-{hashlib.sha256(node_id.encode()).hexdigest()[:8]}"
    return f"history/{name}.jsonl"


def suite_of(node_id: str) -> str:
    """The folder in which a scenario stands."""
    parts = node_id.partition("::")[0].replace("\\", "/").split("/")
    return parts[-2] if len(parts) > 1 else "scenarios"


def shown_path(path: Path) -> str:
    """The file as a user of the command line names it: from the suites, else from where he is, else whole."""
    path = as_shipped(path)
    for base in (SUITES, Path.cwd()):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(path)


def write_selected(folder: Path, items: Iterable[tuple[str, list[str]]]) -> None:
    """Notes the scenarios of the run before the first begins, (id, requirements); every worker notes the same."""
    rows = [
        {"id": id_, "title": title_of(id_), "suite": suite_of(id_), "requirements": requirements}
        for id_, requirements in items
    ]
    _write(folder / SELECTED, redact(orjson.dumps(rows)))


def take_selected(folder: Path) -> list[dict[str, Any]]:
    """What was noted, and takes the note away; empty where the run did not come so far."""
    path = folder / SELECTED
    try:
        rows: list[dict[str, Any]] = orjson.loads(path.read_bytes())
        path.unlink()
    except (OSError, orjson.JSONDecodeError):
        return []
    return rows


def title_of(node_id: str) -> str:
    """The claim of a scenario in words."""
    return re.sub(r"^test_", "", node_id.partition("::")[2] or node_id).replace("_", " ")


def promise_of(item: pytest.Item) -> str | None:
    """What a scenario promises, in its own words."""
    return inspect.getdoc(getattr(item, "obj", None))


def line_of(item: pytest.Item) -> int | None:
    """Where the scenario begins in its file, from 1: at its name, not at its markers."""
    try:
        lines, first = inspect.getsourcelines(inspect.unwrap(getattr(item, "obj", None)))  # type: ignore[arg-type]
    except (OSError, TypeError):
        return item.location[1] + 1 if item.location[1] is not None else None
    return first + next((n for n, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def "))), 0)


def steps_of(events: Sequence[Event]) -> list[dict[str, Any]]:
    """A user's steps on pages of which there is a picture, or that could not be taken."""
    told = (event.facts for event in of_hop(events, "page.step"))
    return [
        {"step": facts["step"], "done": facts["done"], "picture": facts["picture"]}
        for facts in told
        if facts["picture"] or not facts["done"]
    ]


def blank_record(node_id: str, outcome: str, message: str | None = None) -> dict[str, Any]:
    """The record of a scenario of which nothing is known but its name and its outcome."""
    return {
        "id": node_id,
        "outcome": outcome,
        "suite": suite_of(node_id),
        "title": title_of(node_id),
        "promise": None,
        "path": None,
        "line": None,
        "requirements": [],
        "breaks": [],
        "worker": "main",
        "verdicts": [],
        "faults": 0,
        "history": None,
        "worlds": [],
        "doubts": [],
        "not_scored": [],
        "reason": (message or "").partition("\n")[0] or None,
        "message": message,
        "no_lab": None,
        "left": [],
        "steps": [],
        "again": None,
    }


def _commit() -> str | None:
    """The commit of uplab's own checkout; None where it is installed, be it within somebody else's checkout."""
    command = ["git", "-C", str(SUITES), "rev-parse", "--show-prefix", "--short", "HEAD"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    prefix, _, commit = found.stdout.strip().partition("\n")
    return commit if prefix == f"{SUITES.parent.name}/{SUITES.name}/" else None


def run_record(
    options: RunOptions,
    scenarios: Iterable[dict[str, Any]],
    *,
    version: str,
    started: datetime,
    exit_code: int,
    shuffled: bool,
    said: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Everything that the reports need, as plain data; `said` is what the forwarder told of its version and digest.

    The reference forwarder is of uplab's own version, and of its commit where it is a checkout.
    """
    commit = _commit()
    told = dict(said or {})
    if options.is_reference:
        told = {"version": f"{version} ({commit})" if commit else version}
    else:
        told.setdefault("digest", digest_of(options.command) or "")
    return {
        "format": FORMAT,
        "uplab": version,
        "seed": options.seed,
        "namespace": options.namespace,
        "started": started.isoformat(timespec="seconds"),
        "duration_s": round((datetime.now(UTC) - started).total_seconds(), 3),
        "commit": commit,
        "forwarder": {
            "name": options.forwarder_name,
            "command": options.command or f"{options.api} (runs elsewhere)",
            "version": options.version or told.get("version"),
            "digest": options.digest or told.get("digest") or None,
            "profile": options.profile.name,
            "choices": options.profile.model_dump(),
        },
        "machine": f"{platform.node()}, {platform.system()} {platform.release()} {platform.machine()}",
        "documents": [
            {"document": one.document, "title": one.title, "date": one.date, "sha256": one.sha256}
            for one in known_documents().values()
        ],
        "standing": options.standing,
        "repeat": options.repeat,
        "repeat_one": options.repeat,
        "exit_code": exit_code,
        "random_order": shuffled,
        "checks": described(),
        "requirements": [requirement.as_dict() for requirement in catalogue().values()],
        "scenarios": sorted((share(one) for one in scenarios), key=lambda scenario: scenario["id"]),
    }


def write_record(folder: Path, record: dict[str, Any]) -> None:
    """Writes run.json, redacted like everything that a run writes."""
    _write(folder / "run.json", redact(orjson.dumps(record, option=orjson.OPT_INDENT_2)))


def _write(path: Path, data: bytes) -> None:
    """Writes a file as a whole or not at all; that it could not is noted."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with unwritten.trouble(path):
        try:
            aside.write_bytes(data)
            aside.replace(path)
        except OSError:
            aside.unlink(missing_ok=True)
            raise
