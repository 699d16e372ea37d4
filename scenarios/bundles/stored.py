"""A stored run, in its folder or packed into a bundle: what was said of each scenario, and its history.

It may come from a stranger. Nothing in it is believed beyond its types, no name in it leads out of it, and whatever is
broken in it is one StoredError.
"""

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from uplab.scenarios.history.event import Event
from uplab.scenarios.history.lines import between_file
from uplab.scenarios.history.reader import HistoryError, format_of, read_history
from uplab.scenarios.history.shared_ids import put_back

__all__ = ["StoredError", "StoredRun", "open_stored"]

_SMALL = 200_000_000  # bytes that a member of a bundle may have when it is unpacked
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a bound
_ENCRYPTED = 0x1


class StoredError(Exception):
    """A stored run cannot be read; the text names the file and what is wrong with it, in one line."""


class _Stored(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Verdict(_Stored):
    check: str
    outcome: str
    hop: str | None = None
    question: dict[str, Any] | None = None


class _Scenario(_Stored):
    id: str
    title: str = ""
    outcome: str = ""
    path: str | None = None
    worker: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "main"
    history: Annotated[str, Field(pattern=r"^history/[A-Za-z0-9_-]+\.jsonl$")] | None = None
    verdicts: list[_Verdict]


class _Record(_Stored):
    seed: int
    scenarios: list[_Scenario]


@dataclass(frozen=True, slots=True)
class StoredRun:
    """run.json as it was written, with the types that its readers rely on, and where the histories stand."""

    path: Path
    record: dict[str, Any]
    root: Traversable
    format: int

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        """The records of the scenarios."""
        found: list[dict[str, Any]] = self.record["scenarios"]
        return found

    def history(self, scenario: dict[str, Any]) -> list[Event]:
        """What happened in a scenario, none where it came to nothing; StoredError when its file is gone or broken."""
        name = scenario.get("history")
        return self._read(name) if name else []

    def between(self, worker: str) -> list[Event]:
        """What a worker told between its scenarios; none where that is not stored, as in a bundle."""
        name = between_file(worker)
        return self._read(name) if self.path.is_dir() and self.root.joinpath(*name.split("/")).is_file() else []

    def _read(self, name: str) -> list[Event]:
        file = self.root.joinpath(*name.split("/"))
        if isinstance(file, Path) and not file.resolve().is_relative_to(Path(str(self.root)).resolve()):
            raise StoredError(f"{self.path}: the history {name} lies outside of it")
        with _broken_is_said(self.path, f"the history {name}"):
            if not file.is_file():
                raise StoredError(f"{self.path}: the history {name} is missing")
            return list(read_history(file, self.format))


def open_stored(path: Path) -> StoredRun:
    """Opens a run's folder, or a bundle; StoredError when it is neither."""
    try:
        with _broken_is_said(path, "run.json"):
            root = path if path.is_dir() else _unpacked(path)
            record = orjson.loads(root.joinpath("run.json").read_bytes())
    except FileNotFoundError:
        missing = "there is no run.json in it" if path.exists() else "there is no such file or folder"
        raise StoredError(f"{path}: {missing}") from None
    if not isinstance(record, dict) or not isinstance(record.get("scenarios"), list):
        raise StoredError(f"{path}: run.json holds no run of uplab")
    try:
        number = format_of(record)  # of a newer one the rest may well mean something else
        record["scenarios"] = [put_back(one) if isinstance(one, dict) else one for one in record["scenarios"]]
        _Record.model_validate(record)
    except HistoryError as error:
        raise StoredError(f"{path}: run.json: {error}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise StoredError(f"{path}: run.json holds no run of uplab: {place}: {first['msg']}") from None
    except ValueError as error:
        raise StoredError(f"{path}: run.json holds no run of uplab: {error}") from None
    return StoredRun(path, record, root, number)


@contextmanager
def _broken_is_said(path: Path, what: str) -> Iterator[None]:
    try:
        yield
    except (StoredError, FileNotFoundError):
        raise
    except HistoryError as error:
        raise StoredError(f"{path}: history/{error}") from None
    except orjson.JSONDecodeError as error:
        raise StoredError(f"{path}: {what} is no JSON: {error}") from None
    except OSError as error:
        raise StoredError(f"{path}: {what} cannot be read: {error.strerror or error}") from None
    except Exception as error:  # noqa: BLE001 - zipfile and zlib have a dozen kinds for what is damaged
        raise StoredError(f"{path}: {what} is damaged: {' '.join(str(error).split())}") from None


def _unpacked(path: Path) -> Traversable:
    try:
        packed = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise StoredError(f"{path}: neither the folder of a run nor a bundle (*.repro.zip)") from None
    for one in packed.infolist():
        if one.file_size > _SMALL:
            raise StoredError(f"{path}: {one.filename!r} is larger than a bundle's files are")
        if one.compress_type not in _COMPRESSIONS or one.flag_bits & _ENCRYPTED:
            raise StoredError(f"{path}: {one.filename!r} is packed as no bundle's files are")
    if "run.json" not in packed.namelist():
        raise FileNotFoundError
    return zipfile.Path(packed)
