"""A stored run, in its folder or packed into a bundle: what was said of each scenario, and its history."""

import zipfile
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import orjson

from scenarios.history import Event, read_history

__all__ = ["StoredError", "StoredRun", "open_stored"]

_SMALL = 200_000_000  # bytes that a member of a bundle may have when it is unpacked


class StoredError(Exception):
    """A stored run cannot be read; the text names the file and what is wrong with it, in one line."""


@dataclass(frozen=True, slots=True)
class StoredRun:
    """run.json as it was written, and where the histories stand."""

    path: Path
    record: dict[str, Any]
    root: Traversable

    @property
    def scenarios(self) -> list[dict[str, Any]]:
        """The records of the scenarios."""
        found: list[dict[str, Any]] = self.record["scenarios"]
        return found

    def history(self, scenario: dict[str, Any]) -> list[Event]:
        """What happened in a scenario, none where it came to nothing; StoredError when its file is gone or broken."""
        name = scenario.get("history")
        if not name:
            return []
        try:
            return list(read_history(self.root.joinpath(*name.split("/"))))
        except (OSError, KeyError):
            raise StoredError(f"{self.path}: the history {name} is missing") from None
        except ValueError as error:
            raise StoredError(f"{self.path}: {error}") from None


def open_stored(path: Path) -> StoredRun:
    """Opens a run's folder, or a bundle; StoredError when it is neither."""
    try:
        root = path if path.is_dir() else _unpacked(path)
        record = orjson.loads(root.joinpath("run.json").read_bytes())
    except FileNotFoundError:
        missing = "there is no run.json in it" if path.exists() else "there is no such file or folder"
        raise StoredError(f"{path}: {missing}") from None
    except orjson.JSONDecodeError as error:
        raise StoredError(f"{path}: run.json is no JSON: {error}") from None
    except OSError as error:
        raise StoredError(f"{path}: {error.strerror or error}") from None
    if not isinstance(record, dict) or not isinstance(record.get("scenarios"), list):
        raise StoredError(f"{path}: run.json holds no run of uplab")
    return StoredRun(path, record, root)


def _unpacked(path: Path) -> Traversable:
    try:
        packed = zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise StoredError(f"{path}: neither the folder of a run nor a bundle (*.repro.zip)") from None
    large = [one.filename for one in packed.infolist() if one.file_size > _SMALL]
    if large:
        raise StoredError(f"{path}: {large[0]} is larger than a bundle's files are")
    if "run.json" not in packed.namelist():
        raise FileNotFoundError
    return zipfile.Path(packed)
