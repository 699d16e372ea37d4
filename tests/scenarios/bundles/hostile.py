"""Bundles of strangers, made from valid ones: their values, lines, files and bytes changed by chance.

`python -m tests.scenarios.bundles.hostile --minutes 30` makes and reads them as long as is said, and tells what became
of them. A bundle may be refused in one line, or be read; it may start nothing, open no connection and write nothing
outside the folder that is meant for it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.branches import Branches
from tests.scenarios.bundles.crafted import crafted
from tests.scenarios.bundles.evil import AT, EVIL, NAMES
from tests.scenarios.bundles.guard import Guard, HeldError
from tests.scenarios.bundles.valid_bundles import Files, valid
from uplab.reports.run import ReportError
from uplab.reports.writer import write
from uplab.scenarios.bundles import bundle as reader
from uplab.scenarios.bundles import recheck as judging
from uplab.scenarios.bundles import replay as meeting
from uplab.scenarios.bundles import stored as storing
from uplab.scenarios.bundles import verify as verifying
from uplab.scenarios.history import bounds, shared_ids
from uplab.scenarios.history import reader as lines_of

__all__ = ["READER", "WRITER", "fuzz", "mutant"]

READER = (reader, storing, verifying, lines_of, bounds, shared_ids)
"""What reads a bundle: its branches are counted."""
WRITER = ("share", "_places", "_texts")
"""What stands beside it and writes."""


_DECK: tuple[tuple[str, Any], ...] = tuple((name, value) for name, values in AT.items() for value in values)
_NESTED = json.loads("[" * 70 + "]" * 70)


def mutant(chance: random.Random, files: Files, dealt: tuple[str, Any] | None = None) -> bytes:
    """A bundle of which one thing or several are not as they were: what is `dealt`, or what chance brings."""
    if dealt is not None:
        return _packed(chance, _with(chance, files, *dealt))
    if chance.random() < 0.2:
        return crafted(chance, files)
    files = dict(files)
    for _ in range(chance.choice((1, 1, 1, 1, 2, 4))):
        kind = chance.random()
        if kind < 0.4:
            files["run.json"] = _record(chance, files.get("run.json", b"{}"))
        elif kind < 0.8:
            names = [name for name in files if name.endswith(".jsonl")]
            if names:
                name = chance.choice(names)
                files[name] = _lines(chance, files[name])
        else:
            _members(chance, files)
    packed = _packed(chance, files)
    return _bytes(chance, packed) if chance.random() < 0.1 else packed


def _record(chance: random.Random, raw: bytes) -> bytes:
    if chance.random() < 0.05:
        return chance.choice((b"", b"{", b"[]", b"null", b"[" * 5_000, b"\xff\xfe{}", raw[: len(raw) // 2], b'"a"'))
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    return json.dumps(_changed(chance, value)).encode()


def _with(chance: random.Random, files: Files, name: str, value: Any) -> Files:
    """The bundle with this value at one of the places that are called so; in a line where it is a line's."""
    found = [one for one in files if one.endswith((".json", ".jsonl")) and f'"{name}"'.encode() in files[one]]
    if not found:
        return files
    file = chance.choice(found)
    lines = files[file].splitlines() if file.endswith("l") else [files[file]]
    at = chance.choice([at for at, line in enumerate(lines) if f'"{name}"'.encode() in line])
    record = json.loads(lines[at])
    outer = chance.choice([one for one in _objects(record) if name in one])
    outer[name] = value
    lines[at] = json.dumps(record).encode()
    return {**files, file: b"\n".join(lines) + b"\n"}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """The objects within a value, itself included."""
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(inner)


def _lines(chance: random.Random, raw: bytes) -> bytes:
    lines = raw.splitlines(keepends=True) or [b"{}\n"]
    at = chance.choice((chance.randrange(len(lines)), len(lines) - 1))
    how = chance.random()
    if how < 0.8:
        with contextlib.suppress(ValueError, RecursionError):
            lines[at] = json.dumps(_changed(chance, json.loads(lines[at]))).encode() + b"\n"
    elif how < 0.88:
        lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    elif how < 0.95:
        lines.insert(at, chance.choice((b"\n", b"[]\n", b"\xff\n", lines[0])))
    else:
        chance.shuffle(lines)
    return b"".join(lines)


def _changed(chance: random.Random, value: Any) -> Any:
    """The value with something else at one of its places; which place, is drawn by its name first."""
    places: dict[str, list[tuple[Any, Any]]] = {}
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    while level:
        inner: list[Any] = []
        for outer in level:
            for key in outer if isinstance(outer, dict) else range(len(outer)):
                places.setdefault(str(key), []).append((outer, key))
                if isinstance(outer[key], dict | list):
                    inner.append(outer[key])
        level = inner
    if not places or chance.random() < 0.05:
        return chance.choice(EVIL)
    worst = [name for name in AT if name in places]
    name = chance.choice(worst if worst and chance.random() < 0.6 else list(places))
    outer, key = chance.choice(places[name])
    how = chance.random()
    if how < 0.15:
        del outer[key]
    elif how < 0.25 and isinstance(outer, dict):
        new = chance.choice(list(AT))
        outer[new] = chance.choice(AT[new])
    elif how < 0.28:
        outer[key] = _NESTED
    else:
        outer[key] = chance.choice(AT[name] if name in AT and chance.random() < 0.7 else EVIL)
    return value


def _members(chance: random.Random, files: Files) -> None:
    name = chance.choice(list(files)) if files else "run.json"
    how = chance.randrange(5)
    if how == 0:
        files.pop(name, None)
    elif how == 1:
        files[chance.choice(NAMES)] = b""
    elif how == 2:
        files |= dict.fromkeys((name, "extra/one", "extra/two"), bytes(chance.choice((3_000_000, 900_000))))
    elif how == 3:
        files |= {f"extra/{number}": b"" for number in range(chance.choice((3, 3, 2_001, 2_400)))}
    else:
        files[name] = files.get(name, b"") + b",[" * chance.choice((5, 10_000))


def _packed(chance: random.Random, files: Files) -> bytes:
    how = chance.choice((zipfile.ZIP_DEFLATED,) * 40 + (zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", how) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, how)
        if chance.random() < 0.03 and "run.json" in files:
            packed.filelist.append(packed.getinfo("run.json"))
        elif chance.random() < 0.03:
            one = chance.choice(packed.filelist)
            one.compress_size += 10_000_000  # more than the whole file has
    return into.getvalue()


def _bytes(chance: random.Random, packed: bytes) -> bytes:
    raw = bytearray(packed)
    how = chance.random()
    if how < 0.2:
        return bytes(raw[: chance.randrange(len(raw) + 1)])
    directory = raw.rfind(b"PK\x01\x02")
    for _ in range(chance.choice((1, 1, 8))):
        # The list of members is where a byte matters most, and it is short.
        at = chance.randrange(directory, len(raw)) if how < 0.7 and directory >= 0 else chance.randrange(len(raw))
        raw[at] = chance.choice((raw[at] ^ 1 << chance.randrange(8), 0, 0xFF))
    return bytes(raw)


def _attempt(bundle: Path, ran: Path, place: Path, how: str) -> str:
    """What becomes of a bundle that is judged, met again, or verified; HeldError where it is no line.

    In place of a run there is one that has ended already, `ran`; what replay writes goes to `place`.
    """
    use, name = {"judge": (_judge, "judged"), "meet": (_meet, "met again"), "verify": (_verify, "verified")}[how]
    try:
        use(bundle, ran, place)
    except storing.StoredError as error:
        refused = str(error)
        if "\n" in refused or len(refused) > 1_000 + len(str(bundle)):
            raise HeldError(f"more than a line: {refused[:300]!r}") from None
        return f"not {name}"
    return name


def _judge(bundle: Path, _ran: Path, _place: Path) -> None:
    for again in judging.recheck(storing.open_stored(bundle)):
        if again.now is None and again.outcome != "unknown":
            raise HeldError(f"{again} is believed")


def _verify(bundle: Path, _ran: Path, _place: Path) -> None:
    found = verifying.verify(bundle)
    if sum(len(found.of(now)) for now in ("borne out", "contradicted", "not shown")) < len(found.stated):
        raise HeldError(f"something else is believed: {found.stated}")


def _use(chance: random.Random, files: Files) -> str:
    """A sign-off is verified, and now and then taken for a run; of runs some are met again."""
    if "signoff.json" in files and chance.random() < 0.9:
        return "verify"
    return "verify" if chance.random() < 0.05 else "meet" if chance.random() < 0.4 else "judge"


def _meet(bundle: Path, ran: Path, place: Path) -> None:
    stored = storing.open_stored(bundle)
    with (
        patch.object(meeting, "_end_of", lambda _command: (1, "")),
        patch.object(meeting, "open_stored", lambda _folder: storing.open_stored(ran)),
    ):
        meeting.replay(stored, ["--forwarder-command", "none"], place=place)


def _unpack(raw: bytes, folder: Path, chance: random.Random) -> None:
    """Unpacks what can be; a file of it may have become a pipe, a device or a link."""
    # What the bundle's damage does to zipfile is not what is looked at.
    with contextlib.suppress(Exception), zipfile.ZipFile(io.BytesIO(raw)) as packed:
        packed.extractall(folder)
    for path in [*folder.rglob("*.json*")]:
        how = chance.randrange(12)
        if path.is_file() and how < 3:
            path.unlink()
            if how:
                path.symlink_to(("/dev/zero", "/etc/passwd")[how - 1])
            else:
                os.mkfifo(path)


def _render(folder: Path) -> None:
    """Renders it, as somebody does who looks into a bundle."""
    try:
        write(folder)
    except ReportError as error:
        if "\n" in str(error):
            raise HeldError(f"more than a line: {str(error)[:300]!r}") from None


# Less of everything than a bundle may have, so that too much of it is made soon.
_LITTLE: tuple[tuple[Any, str, Any], ...] = (
    (bounds, "_MOST_RECORD", 150_000),
    (bounds, "_MOST_RECORD_VALUES", 8_000),
    (reader, "_MOST_FILE", {True: 2_500_000, False: 2_500_000}),
    (reader, "_MOST_VALUES", {True: 8_000, False: 8_000}),
    (reader, "_MOST_UNPACKED", 2_000_000),
    (reader, "_MOST_DIRECTORY", 150_000),
    (reader, "_MOST_RATIO", 1_000),
    (storing, "_MOST_IDS", 60),
)


@contextlib.contextmanager
def _with_little() -> Iterator[None]:
    before = [(module, name, getattr(module, name)) for module, name, _ in _LITTLE]
    for module, name, value in _LITTLE:
        setattr(module, name, value)
    try:
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)


def fuzz(
    place: Path, seed: int, *, count: int | None = None, minutes: float | None = None, branches: Branches | None = None
) -> Counter[str]:
    """Makes and reads as many bundles as is said, and counts what became of them.

    One of four is read from its folder too, one of eight rendered there. Raises at the first that is not held.
    """
    deck = random.Random(seed).sample(_DECK, len(_DECK))
    seeds, counts, guard = valid(place), Counter[str](), Guard(place)
    ran, path = place / "ran.repro.zip", place / "one.repro.zip"
    ran.write_bytes(_packed(random.Random(1), seeds[2]))
    (place / "replays" / "new").mkdir(parents=True)
    until = time.monotonic() + 60 * (minutes or 1e9)
    while (count is None or counts["made"] < count) and time.monotonic() < until:
        number = counts["made"]
        chance = random.Random(f"{seed} {number}")
        files = seeds[number % len(seeds)]
        # Every second one has what is worst at its place, dealt in turn: chance alone would take hours for all.
        raw = mutant(chance, files, deck[number // 2 % len(deck)] if number % 2 else None)
        path.write_bytes(raw)
        if chance.random() < 0.01:
            path.unlink()  # a name that nothing has
        counts["made"] += 1
        try:
            # Each time anew: the interpreter lets go of a watch in which the depth of calls was exhausted.
            with _with_little(), guard.watching(), branches.watched() if branches else contextlib.nullcontext():
                counts[_attempt(path, ran, place / "replays", _use(chance, files))] += 1
            if chance.random() < 0.25:
                with tempfile.TemporaryDirectory(dir=place) as folder:
                    _unpack(raw, Path(folder), chance)
                    with guard.watching(), branches.watched() if branches else contextlib.nullcontext():
                        became = _attempt(Path(folder), ran, place / "replays", _use(chance, files))
                        counts[f"{became}, in a folder"] += 1
                    if chance.random() < 0.5:
                        with guard.watching():  # the reports' own reader: its branches are not counted
                            _render(Path(folder))
                        counts["rendered"] += 1
        except Exception:
            kept = place / f"held-{seed}-{number}.zip"
            kept.write_bytes(raw)
            print(f"kept as {kept}", file=sys.stderr)
            raise
    return counts


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--branches", action="store_true", help="count the reader's branches, which is slow")
    parser.add_argument("--count", type=int)
    wanted = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="hostile-"))
    branches = Branches(*READER, but=WRITER) if wanted.branches else None
    minutes = 1.0 if wanted.minutes is None and wanted.count is None else wanted.minutes
    print(dict(fuzz(place, wanted.seed, count=wanted.count, minutes=minutes, branches=branches)))
    if branches:
        taken, known = branches.counts()
        print(*branches.missing(), f"{taken} of {known} branches of the reader", sep="\n")


if __name__ == "__main__":
    main()
