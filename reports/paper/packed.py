"""A sign-off in its folder: page and workbook, and where it is asked for one file with the runs' histories too."""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import orjson

from uplab.reports.bundle import compression_of
from uplab.reports.paper.page import page
from uplab.reports.paper.sheet import write_sheet
from uplab.reports.paper.signoff import SignOff, as_data, sign_off
from uplab.reports.run import ReportError, Run, read_run
from uplab.scenarios.history.bounds import open_regular

__all__ = ["DATA", "RUNS", "write_sign_off"]

DATA = "signoff.json"
RUNS = "runs"
_PACKED = "signoff.zip"
_DATE = (1980, 1, 1, 0, 0, 0)  # the same runs make the same package
_CHUNK = 1 << 20


def write_sign_off(folders: Sequence[Path], place: Path, *, made: str, with_histories: bool) -> tuple[Path, ...]:
    """Writes signoff.html and signoff.xlsx, and signoff.zip with all of it and the runs where histories are wanted.

    `made` is now, in ISO 8601. ReportError with one line where a run cannot be read or a file not written.
    """
    runs = [read_run(folder.resolve()) for folder in folders]
    names = [run.folder.name for run in runs]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ReportError(f"two runs are called {twice}: a run is signed off once, and each by its folder's name")
    one = sign_off(runs)
    try:
        place.mkdir(parents=True, exist_ok=True)
        written = [place / "signoff.html", place / "signoff.xlsx"]
        links = {} if with_histories else {run.folder.name: _link(run, place) for run in runs}
        text = page(one, made=made, links=links, carries=with_histories)
        written[0].write_text(text, encoding="utf-8")
        write_sheet(one, written[1], made=made)
        if with_histories:
            written.append(_pack(one, runs, place, made))
    except OSError as error:
        raise ReportError(f"{place}: the sign-off cannot be written: {error.strerror or error}") from None
    return tuple(written)


def _link(run: Run, place: Path) -> str:
    """The run's report as the page finds it."""
    return Path(os.path.relpath(run.folder / "report.html", place.resolve())).as_posix()


def _pack(one: SignOff, runs: Sequence[Run], place: Path, made: str) -> Path:
    """All of it in one file; its own page leads to the reports that are packed with it."""
    path = place / _PACKED
    unfinished = path.with_name(f".{_PACKED}.{os.getpid()}")
    digests: dict[str, str] = {}
    links = {run.folder.name: f"{RUNS}/{run.folder.name}/report.html" for run in runs}
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as package:
            _put(package, "signoff.html", page(one, made=made, links=links, carries=True).encode(), digests)
            _put(package, "signoff.xlsx", (place / "signoff.xlsx").read_bytes(), digests)
            for run in runs:
                for name in _files(run):
                    _copy(package, f"{RUNS}/{run.folder.name}/{name}", run.folder / name, digests)
            _put(package, DATA, orjson.dumps({**as_data(one), "made": made, "files": digests}, option=2), {})
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return path


def _files(run: Run) -> Iterator[str]:
    """What is judged again, and the report that the page leads to."""
    yield "run.json"
    if (run.folder / "report.html").is_file():
        yield "report.html"
    place = run.folder / "history"
    named = {scenario.history for scenario in run.scenarios if scenario.history}
    for path in sorted(place.glob("*.jsonl")) if place.is_dir() else ():
        if path.name.startswith("between") or f"history/{path.name}" in named:
            yield f"history/{path.name}"


def _put(package: zipfile.ZipFile, name: str, content: bytes, digests: dict[str, str]) -> None:
    digests[name] = hashlib.sha256(content).hexdigest()
    package.writestr(zipfile.ZipInfo(name, _DATE), content, zipfile.ZIP_DEFLATED)


def _copy(package: zipfile.ZipFile, name: str, path: Path, digests: dict[str, str]) -> None:
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name, _DATE)
    with open_regular(path) as source:
        info.compress_type = compression_of(iter(lambda: source.read(_CHUNK), b""))
    with open_regular(path) as source, package.open(info, "w") as member:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            member.write(chunk)
    digests[name] = digest.hexdigest()
