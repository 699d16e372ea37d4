"""Bundles that somebody made with care: archives that lie about themselves, and JSON at the ends of what it can say."""

from __future__ import annotations

import io
import json
import random
import stat
import struct
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

from tests.scenarios.bundles.valid_bundles import Files

__all__ = ["CRAFTED", "crafted"]

_LOCAL, _ENTRY, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
# Where a field stands in an entry of the list of members, and how it is packed (APPNOTE 4.3.12).
_FLAGS, _METHOD, _CRC, _PACKED, _SIZE, _DISK, _OFFSET = (
    (8, "<H"),
    (10, "<H"),
    (16, "<I"),
    (20, "<I"),
    (24, "<I"),
    (34, "<H"),
    (42, "<I"),
)
_LEADING_AWAY = (
    "../run.json",
    "/run.json",
    "C:/run.json",
    "history/..",
    "history/./one.jsonl",
    "\\\\host\\run.json",
    "run.json\n",
    "run\t.json",
    "\x1b[2Jrun.json",
    "\u202enosj.nur",
    "\u2066run.json\u2069",
    "run.json\u200b",
    "run.json:stream",
    "~/run.json",
    "x" * 256,
    "a/" * 120,
    "con",
    "run.json ",
    "",
)


def _zip(files: Files, *, how: int = zipfile.ZIP_DEFLATED) -> bytearray:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", how) as packed:
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content, how)
    return bytearray(into.getvalue())


def _entries(raw: bytes | bytearray) -> list[int]:
    """Where the entries of the list of members begin."""
    end = raw.rfind(_END)
    at, found = struct.unpack_from("<I", raw, end + 16)[0], []
    while raw[at : at + 4] == _ENTRY:
        found.append(at)
        at += 46 + sum(struct.unpack_from("<HHH", raw, at + 28))
    return found


def _lies(field: tuple[int, str], *values: int) -> Callable[[random.Random, Files], bytes]:
    """One entry of the list says something else in a field."""

    def make(chance: random.Random, files: Files) -> bytes:
        raw = _zip(files)
        at, form = chance.choice(_entries(raw)) + field[0], field[1]
        value = chance.choice((*values, struct.unpack_from(form, raw, at)[0] ^ 1))
        struct.pack_into(form, raw, at, value)
        return bytes(raw)

    return make


def _end_lies(chance: random.Random, files: Files) -> bytes:
    """The end of the list says something else: numbers of disks and members, its size and place, a comment."""
    raw = _zip(files)
    offset, form = chance.choice(((4, "<H"), (6, "<H"), (8, "<H"), (10, "<H"), (12, "<I"), (16, "<I"), (20, "<H")))
    value = chance.choice((0, 1, 0xFFFF, 0x7FFF, 0xFFFFFFFF if form == "<I" else 0xFFFE))
    struct.pack_into(form, raw, raw.rfind(_END) + offset, value)
    return bytes(raw)


def _zip64(chance: random.Random, files: Files) -> bytes:
    """The end of a ZIP64 that lies, before the plain one that points at it."""
    raw = _zip(files)
    end = raw.rfind(_END)
    count, size, place = struct.unpack_from("<HII", raw, end + 10)
    huge = chance.choice((0, 1, 2**31, 2**63 - 1, 2**64 - 1))
    which = chance.randrange(4)
    said = [count, count, size, place]
    said[which] = huge
    record = struct.pack("<4sQHHIIQQQQ", b"PK\x06\x06", 44, 45, 45, 0, 0, *said)
    locator = struct.pack("<4sIQI", b"PK\x06\x07", 0, chance.choice((end, huge % 2**63)), chance.choice((1, 0, 7)))
    plain = bytes(raw[end:])
    if chance.random() < 0.5:
        plain = plain[:8] + b"\xff\xff\xff\xff" + b"\xff" * 8 + plain[20:]
    return bytes(raw[:end]) + record + locator + plain


def _extra(chance: random.Random, files: Files) -> bytes:
    """An entry with extra fields: of ZIP64 without what it is for, of another length, of Unicode names that lie."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w") as packed:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.extra = chance.choice(
                (
                    struct.pack("<HHQ", 1, 8, 2**63),
                    struct.pack("<HH", 1, 60_000),
                    struct.pack("<HH", 1, 0),
                    b"\x01",
                    struct.pack("<HHBI", 0x7075, 14, 1, 0) + b"../evil",
                    b"\x00" * 40_000,
                )
            )
            try:
                packed.writestr(info, content)
            except (zipfile.BadZipFile, zipfile.LargeZipFile, struct.error):
                continue
    return into.getvalue()


def _overlapping(chance: random.Random, files: Files) -> bytes:
    """Several members that are one and the same bytes, so that little says much (a bomb without nesting)."""
    raw = _zip({"run.json": files.get("run.json", b"{}"), "history/one.jsonl": bytes(chance.choice((10, 900_000)))})
    end, (first, last) = raw.rfind(_END), _entries(raw)
    entry = bytes(raw[last:end])
    count = chance.choice((2, 40, 1_990))
    names = [f"history/{number:03}.jsonl".encode() for number in range(count)]
    more = b"".join(entry[:28] + struct.pack("<H", len(name)) + entry[30:46] + name for name in names)
    whole = bytes(raw[first:end]) + more
    tail = struct.pack("<4sHHHHIIH", _END, 0, 0, count + 2, count + 2, len(whole), first, 0)
    return bytes(raw[:first]) + whole + tail


def _bomb(chance: random.Random, files: Files) -> bytes:
    """Archives within archives, and what is mostly nothing."""
    inner = bytes(_zip({"zeros": bytes(2_400_000)}))
    for _ in range(chance.choice((1, 3))):
        inner = bytes(_zip({f"{number}.zip": inner for number in range(16)}))
    name = chance.choice(("run.json", "history/one.jsonl", "inner.repro.zip", "README.txt"))
    return bytes(_zip({**files, name: chance.choice((inner, bytes(2_400_000), b"[" * 2_400_000))}))


def _strange_members(chance: random.Random, files: Files) -> bytes:
    """Members that are links, devices or folders, that lead away, or are there twice."""
    into = io.BytesIO()
    with warnings.catch_warnings(action="ignore"), zipfile.ZipFile(into, "w") as packed:  # it warns of what is meant
        for name, content in files.items():
            packed.writestr(zipfile.ZipInfo(name), content)
        for _ in range(chance.choice((1, 2))):
            name = chance.choice((*_LEADING_AWAY, *files, "run.json/", "history/"))
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = name
            kind = chance.choice((stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR, stat.S_IFREG))
            info.external_attr = (kind | 0o777) << 16
            info.create_system = chance.choice((0, 3, 255))
            packed.writestr(info, chance.choice((b"/etc/passwd", b"", b"../../run.json")))
    return into.getvalue()


def _long_list(_chance: random.Random, files: Files) -> bytes:
    """A list of members that is longer than all that they hold."""
    return bytes(_zip({**files, **{f"extra/{'n' * 200}{number}": b"" for number in range(1_500)}}))


def _around(chance: random.Random, files: Files) -> bytes:
    """Other bytes before, behind and between."""
    raw, end = bytes(_zip(files)), b"\0" * chance.choice((1, 70_000))
    return chance.choice((b"#!/bin/sh\ntouch PWNED\n" + raw, raw + end, raw + raw, raw[4:], raw[:-1], end, _END + end))


def _spelt(chance: random.Random, files: Files) -> bytes:
    """A record or a line as other writers of JSON might spell it, or as none does."""
    name = chance.choice(("run.json", *(one for one in files if one.endswith(".jsonl"))))
    raw = files.get(name, b"{}")
    first = raw.partition(b"\n")[0] if name.endswith("l") else raw
    spelt = chance.choice(
        (
            b"\xef\xbb\xbf" + first,
            first.decode(errors="replace").encode("utf-16"),
            first.decode(errors="replace").encode("utf-32-le"),
            first.replace(b":1", b":NaN", 1),
            first.replace(b":1", b":-Infinity", 1),
            first.replace(b":1", b":1" + b"0" * 5_000, 1),
            first.replace(b":1", b":1e999", 1),
            first.replace(b":1", b":0x1", 1),
            first.replace(b'"', b"'"),
            first.replace(b'":"', b'":"\\ud800', 1),
            first.replace(b'": "', b'": "\\udfff\\ud800', 1),
            first.replace(b'":"', b'":"\\u0000', 1),
            first.replace(b'"', b'"\xed\xa0\x80', 3),
            first.replace(b"}", b',"__proto__":{},"seq":1,"seq":2}', 1),
            first[:-1] + b"," + b'"deep":' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}",
            first[:-1] + b"," + b'"deep":' + b"[" * 100_000 + b"}",
            first + b"\0",
            first + b" " + first,
            b"\x0c" + first,
        )
    )
    return bytes(_zip({**files, name: raw.replace(first, spelt, 1)}))


def _of_another_type(chance: random.Random, files: Files) -> bytes:
    """Everything that has one name is of another type, all over the record and the histories."""
    values: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**25, "", "\ud800", "x" * 2_000, [], {}, [{}], {"": []})

    def changed(value: Any, name: str, other: Any) -> Any:
        if isinstance(value, dict):
            return {key: other if key == name else changed(one, name, other) for key, one in value.items()}
        return [changed(one, name, other) for one in value] if isinstance(value, list) else value

    def names(value: Any) -> set[str]:
        if isinstance(value, dict):
            return set(value).union(*map(names, value.values()))
        return set().union(*map(names, value)) if isinstance(value, list) else set()

    found = dict(files)
    which = chance.choice([one for one in files if one.endswith((".json", ".jsonl"))] or ["run.json"])
    lines = []
    for line in files.get(which, b"{}").splitlines() if which.endswith("l") else [files.get(which, b"{}")]:
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            lines.append(line)
            continue
        known = sorted(names(value))
        name = random.Random(f"{which}{chance.random() if not lines else ''}").choice(known or ["seq"])
        lines.append(json.dumps(changed(value, name, chance.choice(values))).encode())
    found[which] = b"\n".join(lines) + b"\n"
    return bytes(_zip(found))


CRAFTED: dict[str, Callable[[random.Random, Files], bytes]] = {
    "flags": _lies(_FLAGS, 0x1, 0x8, 0x40, 0x800, 0x2000, 0xFFFF),
    "method": _lies(_METHOD, 1, 9, 12, 14, 93, 95, 99, 0xFFFF),
    "checksum": _lies(_CRC, 0, 0xFFFFFFFF),
    "packed size": _lies(_PACKED, 0, 1, 0x7FFFFFFF, 0xFFFFFFFF),
    "size": _lies(_SIZE, 0, 1, 2_100_000, 0x7FFFFFFF, 0xFFFFFFFF),
    "disk": _lies(_DISK, 1, 0xFFFF),
    "offset": _lies(_OFFSET, 0, 3, 0x7FFFFFFF, 0xFFFFFFFF),
    "end of the list": _end_lies,
    "ZIP64": _zip64,
    "extra fields": _extra,
    "overlapping": _overlapping,
    "bomb": _bomb,
    "members": _strange_members,
    "long list": _long_list,
    "around": _around,
    "spelling": _spelt,
    "types": _of_another_type,
}
"""Each kind by its name."""


def crafted(chance: random.Random, files: Files) -> bytes:
    """A bundle of one of the kinds."""
    return CRAFTED[chance.choice(list(CRAFTED))](chance, files)
