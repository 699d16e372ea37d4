"""Reads what was stored, by uplab or by a stranger: a folder, or the same packed, with a record of a known kind in it.

Every bound holds before what it bounds is read: how many files a bundle has and how they are packed, how large they
are and how many values they hold, how deep these nest. Nothing is unpacked to disk, no name in it leads out of it, and
whatever is broken is one StoredError of one line.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Generic, Literal, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from uplab.scenarios.history.bounds import bounded, open_regular, read_record
from uplab.scenarios.history.reader import HistoryError, format_of

__all__ = ["Bundle", "Kind", "Member", "StoredError", "open_bundle", "opened_as", "shown"]

_MOST_MEMBERS: Final = 2_000
_MOST_DIRECTORY: Final = 1_000_000  # bytes of the list of members, all of which is read when a bundle is opened
_MOST_UNPACKED: Final = 512_000_000  # bytes of all members
_MOST_RATIO: Final = 250  # unpacked to packed bytes; histories have 10 to 30, and Deflate at most 1,032
_SMALL: Final = 1_000_000  # bytes for which the ratio says nothing
_MOST_FILE: Final = {
    True: 256_000_000,
    False: 4_000_000_000,
}  # bytes of a file beside the record, by whether it is packed
_MOST_VALUES: Final = {True: 8_000_000, False: 40_000_000}
_COMPRESSIONS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without a bound
_ENCRYPTED: Final = 0x1
_NAME: Final = re.compile(r"[\w. -]+(?:/[\w. -]+)*/?")
_MOST_NAME: Final = 255  # characters
_MOST_SAID: Final = 200  # characters of another library's words, which may quote half a file


class StoredError(Exception):
    """What was stored cannot be read; the text names the file and what is wrong with it, in one line."""


Record = TypeVar("Record", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Record]):
    """One kind of thing that is stored: what people call it, its record's file, its newest format, what that holds."""

    called: str
    file: str
    newest: int
    record: type[Record]


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a bundle, to be opened as often as one likes; its bytes and values are bounded."""

    place: str
    bundle: "Bundle"

    @property
    def name(self) -> str:
        """Its name without the folders that it is in."""
        return self.place.rpartition("/")[2]

    def open(self, _mode: Literal["rb"] = "rb") -> IO[bytes]:
        """Its bytes, unpacked as they are read; TooMuchError where there are more than may be."""
        packed = self.bundle.archive is not None
        return bounded(self.bundle.raw(self.place), _MOST_FILE[packed], _MOST_VALUES[packed])


class Bundle:
    """A folder, or a packed one. Its members are those that it lists, by their names with `/`.

    `within` is the folder of it that this bundle is, with a `/` at its end, and empty where it is the whole.
    """

    within = ""

    def __init__(self, path: Path) -> None:
        """Opens it; StoredError where it is none or packed as none is, FileNotFoundError where there is nothing."""
        self.path = path
        self.archive: zipfile.ZipFile | None = None
        with self.broken_is_said("it"):
            if not path.is_dir():
                self.archive = _opened(path)
        self._names = {one.filename for one in self.archive.infolist()} if self.archive else None

    def part(self, folder: str) -> "Bundle":
        """What stands in a folder of it, as a bundle of its own."""
        one = copy(self)
        one.path = self.path / folder
        one.within = f"{self.within}{folder}/"
        return one

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return self.within + name in self._names if self._names is not None else self._within(name).exists()

    def raw(self, name: str) -> IO[bytes]:
        """The file's bytes, whatever their number."""
        return self.archive.open(self.within + name) if self.archive is not None else open_regular(self._within(name))

    def _within(self, name: str) -> Path:
        path = self.path.joinpath(*name.split("/"))
        if not path.resolve().is_relative_to(self.path.resolve()):
            raise StoredError(f"{self.path}: {name} lies outside of it")
        return path

    @contextmanager
    def broken_is_said(self, what: str) -> Iterator[None]:
        """Whatever goes wrong while a part of it is read becomes a StoredError that says what it was."""
        try:
            yield
        except (StoredError, FileNotFoundError):
            raise
        except HistoryError as error:
            raise StoredError(f"{self.path}: history/{error}") from None
        except orjson.JSONDecodeError as error:
            raise StoredError(f"{self.path}: {what} is no JSON: {error}") from None
        except OSError as error:
            raise StoredError(f"{self.path}: {what} cannot be read: {error.strerror or error}") from None
        except Exception as error:  # noqa: BLE001 - zipfile and zlib have a dozen kinds for what is damaged
            raise StoredError(f"{self.path}: {what} is damaged: {' '.join(str(error).split())[:_MOST_SAID]}") from None


def open_bundle(path: Path, kind: Kind[Record]) -> tuple[Bundle, dict[str, Any], int]:
    """Opens what is stored at a path: the bundle, its record with the types of its kind, and its format.

    StoredError when it is of another kind, or of a format that this version does not know.
    """
    try:
        return opened_as(Bundle(path), kind)
    except FileNotFoundError:
        raise StoredError(f"{path}: there is no such file or folder") from None


def opened_as(bundle: Bundle, kind: Kind[Record]) -> tuple[Bundle, dict[str, Any], int]:
    """The same of a bundle that is open already."""
    path = bundle.path
    try:
        with bundle.broken_is_said(kind.file):
            if not bundle.has(kind.file):
                raise FileNotFoundError
            record = read_record(bundle.raw(kind.file))
    except FileNotFoundError:
        there = path.exists() or bundle.archive is not None
        missing = f"there is no {kind.file} in it" if there else "there is no such file or folder"
        raise StoredError(f"{path}: {missing}") from None
    if not isinstance(record, dict):
        raise StoredError(f"{path}: {kind.file} holds no {kind.called}")
    try:
        number = format_of(record, kind.newest)  # of a newer one the rest may well mean something else
        kind.record.model_validate(record)
    except HistoryError as error:
        raise StoredError(f"{path}: {kind.file}: {error}") from None
    except ValidationError as error:
        raise StoredError(f"{path}: {kind.file} holds no {kind.called}: {shown(error)}") from None
    return bundle, record, number


def shown(error: ValidationError) -> str:
    """The first thing that is wrong with a record: its place, and what; nothing of its value."""
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(map(str, first['loc']))[:200]}: {first['msg'][:200]}"


class _Guarded(io.FileIO):
    """A file that a zip archive is read from. What it is opened by is read at once, so that is bounded."""

    def __init__(self, path: Path) -> None:
        with open_regular(path):
            super().__init__(path)
        self.most: int | None = _MOST_DIRECTORY
        self.size = self.seek(0, io.SEEK_END)
        self.seek(0)

    def __del__(self) -> None:
        self.close()  # the archive does not, and lives as long as the bundle

    def read(self, size: int = -1, /) -> bytes | None:  # type: ignore[override]
        left = max(0, self.size - self.tell())
        wanted = left if size < 0 else min(size, left)
        if self.most is not None and wanted > self.most:
            raise zipfile.BadZipFile("its list of files is longer than a bundle's is")
        return super().read(wanted)


def _opened(path: Path) -> zipfile.ZipFile:
    """The archive, when all that it says of its members is as a bundle's; none is read."""
    file = _Guarded(path)
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        file.close()
        if "list of files" in str(error):
            raise
        raise StoredError(f"{path}: neither the folder of a run nor a bundle (*.repro.zip)") from None
    file.most = None
    members = archive.infolist()
    if wrong := _wrong(members, file.size):
        archive.close()
        file.close()
        raise StoredError(f"{path}: {wrong}")
    return archive


def _wrong(members: list[zipfile.ZipInfo], size: int) -> str | None:
    """What no bundle has, in a phrase; None where all of it is as it should be."""
    if len(members) > _MOST_MEMBERS:
        return f"it has {len(members):,} files, and a bundle has at most {_MOST_MEMBERS:,}"
    seen = set()
    for one in members:
        name = one.orig_filename
        if len(name) > _MOST_NAME or not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
            return f"{name[:60]!r} is no name of a bundle's file"
        if name in seen:
            return f"{name!r} is in it twice"
        seen.add(name)
        if one.compress_type not in _COMPRESSIONS or one.flag_bits & _ENCRYPTED:
            return f"{name!r} is packed as no bundle's files are"
        if one.file_size > max(_SMALL, one.compress_size * _MOST_RATIO):
            return f"{name!r} is packed {one.file_size // max(1, one.compress_size):,} times smaller than it is"
    if sum(one.file_size for one in members) > _MOST_UNPACKED:
        return f"its files are larger than {_MOST_UNPACKED:,} bytes"
    if sum(one.compress_size for one in members) > size:
        return "its files lie within each other"
    return None
