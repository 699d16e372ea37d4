"""What a run could not write down, as on a full disk: noted where it happens, and asked for where the run decides.

Who tells something must not fail by it: a fake that broke off its answer would look like a forwarder's fault.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

__all__ = ["forget", "noted", "said", "trouble"]

_first: str | None = None


def noted(path: Path, error: OSError) -> None:
    """Notes that a file could not be written; the first one is told."""
    global _first
    _first = _first or f"{path}: {error.strerror or error}"


@contextlib.contextmanager
def trouble(path: Path) -> Iterator[None]:
    """Whatever the disk refuses within is noted, and no error."""
    try:
        yield
    except OSError as error:
        noted(path, error)


def said(folder: Path | None = None) -> str | None:
    """The file that could not be written first, and why; None where all could.

    Of a folder it is asked too whether there is room left in it: its forwarder may have met the full disk first.
    """
    if folder is not None and _first is None:
        with contextlib.suppress(OSError):
            room = os.statvfs(folder)
            if room.f_blocks and room.f_bavail * room.f_frsize < 4096:
                noted(folder, OSError("No space left on device"))
    return _first


def forget() -> None:
    """As if all had been written."""
    global _first
    _first = None
