"""Catalogues of an author's own: rows and clauses of his document, from TOML, CSV or XLSX, and to them.

TOML has the form of requirements.toml, of which document, source, subject and clauses may be left away. A table has one
row or clause a line, under the names in COLUMNS; a clause is one by its id, MINE-01.a, and stands below its row.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from uplab.scenarios.checks.requirements import LABELS, Clause, Requirement, catalogue

__all__ = ["COLUMNS", "CatalogueError", "read_catalogues", "rows_of", "written"]

COLUMNS: Final = ("id", "text", "document", "source", "subject")
SUBJECTS: Final = ("forwarder", "page", "fake")
_ID: Final = re.compile(r"[A-Z][A-Z0-9]{0,15}-\d{1,4}")
_KNOWN: Final = {*COLUMNS, "clauses"}
_MOST: Final = 10_000_000  # bytes of a file

Placed = tuple[str, dict[str, Any]]
"""Where a row or a clause stands, and what it says: COLUMNS by name."""


class CatalogueError(Exception):
    """A catalogue that cannot be used; the text says why, in one line with the place."""


def read_catalogues(files: Iterable[Path]) -> list[Requirement]:
    """The rows of all these files; CatalogueError, also where one of them has an id that there is already."""
    where: dict[str, str] = dict.fromkeys(catalogue(), "uplab's own catalogue")
    rows: list[Requirement] = []
    for file in files:
        for place, row in rows_of(file):
            if row.id in where:
                raise CatalogueError(f"{place}: the id {row.id} stands in {where[row.id]} already: give it another")
            where[row.id] = place
            rows.append(row)
    return rows


def rows_of(file: Path) -> Iterator[tuple[str, Requirement]]:
    """The rows of one file with their places."""
    readers = {".toml": _of_toml, ".csv": _of_csv, ".xlsx": _of_xlsx}
    if file.suffix.lower() not in readers:
        raise CatalogueError(f"{file}: a catalogue is a .toml, a .csv or a .xlsx")
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise CatalogueError(f"{file} cannot be read: {error.strerror}") from None
    if len(raw) > _MOST:
        raise CatalogueError(f"{file} has more than {_MOST:,} bytes")
    yield from _joined(readers[file.suffix.lower()](file, raw), file.name)


def _of_toml(file: Path, raw: bytes) -> Iterator[Placed]:
    try:
        text = raw.decode("utf-8-sig")
        rows = tomllib.loads(text).get("requirement")
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise CatalogueError(f"{file} is no TOML: {error}") from None
    lines = [n for n, line in enumerate(text.splitlines(), 1) if line.split("#")[0].strip() == "[[requirement]]"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise CatalogueError(f"{file} has no [[requirement]]: each row begins with one, then id and text")
    for number, row in enumerate(rows):
        place = f"{file}, line {lines[number]}" if len(lines) == len(rows) else f"{file}, row {number + 1}"
        clauses = row.get("clauses", {})
        if not isinstance(clauses, dict):
            raise CatalogueError(f'{place}: clauses is a table, as a = "what is promised"')
        yield place, {key: value for key, value in row.items() if key != "clauses"}
        for letter, given in clauses.items():
            own = given if isinstance(given, dict) else {"text": given}
            yield f"{place}, clause {letter}", {**own, "id": f"{row.get('id')}.{letter}"}


def _of_csv(file: Path, raw: bytes) -> Iterator[Placed]:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CatalogueError(f"{file} is no UTF-8: {error}; save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        lines = [(reader.line_num, line) for line in reader]
    except csv.Error as error:
        raise CatalogueError(f"{file}, line {reader.line_num}: no CSV: {error}") from None
    yield from _of_table(file, lines, "line")


def _of_xlsx(file: Path, raw: bytes) -> Iterator[Placed]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - only here

    try:
        table = CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
    except Exception as error:  # noqa: BLE001 - a stranger's file, and the library has errors of many kinds
        raise CatalogueError(f"{file} is no XLSX: {str(error).partition(chr(10))[0]}") from None
    yield from _of_table(file, [(n, [str(cell) for cell in line]) for n, line in enumerate(table, 1)], "row")


def _of_table(file: Path, lines: list[tuple[int, list[str]]], word: str) -> Iterator[Placed]:
    """The rows below the first line that is not empty, which names the columns."""
    filled = [(number, [cell.strip() for cell in line]) for number, line in lines if any(map(str.strip, line))]
    if not filled:
        raise CatalogueError(f"{file} is empty: its first line names the columns, {', '.join(COLUMNS)}")
    number, names = filled[0][0], [name.lower() for name in filled[0][1]]
    if "id" not in names or "text" not in names:
        raise CatalogueError(
            f"{file}, {word} {number}: the columns are {', '.join(COLUMNS)}, of which id and text must be there; "
            f"here stand {', '.join(filter(None, names)) or 'none'}"
        )
    for number, line in filled[1:]:
        yield f"{file}, {word} {number}", {n: v for n, v in zip(names, line, strict=False) if n and v}


def _joined(placed: Iterable[Placed], document: str) -> Iterator[tuple[str, Requirement]]:
    """Clauses with their rows."""
    found: dict[str, tuple[str, dict[str, Any], dict[str, dict[str, Any]]]] = {}
    for place, given in placed:
        _check(place, given)
        row, dot, letter = str(given["id"]).partition(".")
        if not dot:
            if row in found:
                raise CatalogueError(f"{place}: the id {row} stands twice, also in {found[row][0]}: give one another")
            found[row] = (place, {"document": document, "source": "D", "subject": "forwarder", **given}, {})
        elif row not in found:
            raise CatalogueError(f"{place}: the clause {given['id']} has no row {row} above it")
        elif letter in found[row][2]:
            raise CatalogueError(f"{place}: the clause {given['id']} stands twice: give one another letter")
        else:
            found[row][2][letter] = given
    for place, row_, clauses in found.values():
        yield place, _requirement(row_, clauses)


def _check(place: str, given: Mapping[str, Any]) -> None:
    id_ = given.get("id")
    row, dot, letter = str(id_).partition(".")
    if not isinstance(id_, str) or not _ID.fullmatch(row) or (dot and not re.fullmatch("[a-z]", letter)):
        raise CatalogueError(f"{place}: an id is as MINE-01, of a clause MINE-01.a, not {id_!r:.40}")
    for name, value in given.items():
        if name not in _KNOWN:
            raise CatalogueError(f"{place}: {name!r:.40} is nothing that a row has; it has {', '.join(COLUMNS)}")
        if not isinstance(value, str) or not value.strip():
            raise CatalogueError(f"{place}: {name} is a text, not {value!r:.40}")
    if "text" not in given:
        raise CatalogueError(f"{place}: {id_} has no text: say what is promised")
    for name, among in (("source", tuple(LABELS)), ("subject", SUBJECTS)):
        if given.get(name, among[0]) not in among:
            raise CatalogueError(f"{place}: {name} is {' or '.join(among)}, not {given[name]!r:.40}")


def _requirement(row: Mapping[str, str], clauses: Mapping[str, Mapping[str, str]]) -> Requirement:
    common = {name: row[name] for name in ("text", "subject", "source")}
    split = {f"{row['id']}.{letter}": given for letter, given in clauses.items()} or {row["id"]: {}}
    made = tuple(
        Clause(id=id_, **{**common, **{name: given[name] for name in common if name in given}})
        for id_, given in split.items()
    )
    return Requirement(clauses=made, **{name: row[name] for name in COLUMNS})


def written(rows: Iterable[Requirement], form: str) -> bytes:
    """The rows as a file of this form: toml, csv or xlsx."""
    table = [list(COLUMNS), *(line for row in rows for line in _lines(row))]
    if form == "csv":
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(table)
        return out.getvalue().encode()
    return _as_xlsx(table) if form == "xlsx" else _as_toml(table)


def _lines(row: Requirement) -> Iterator[list[str]]:
    yield [row.id, row.text, row.document, row.source, row.subject]
    for one in row.clauses if row.clauses[0].id != row.id else ():
        yield [
            one.id,
            one.text,
            "",
            *(a if a != b else "" for a, b in ((one.source, row.source), (one.subject, row.subject))),
        ]


def _as_xlsx(table: list[list[str]]) -> bytes:
    import xlsxwriter  # noqa: PLC0415 - only here

    out = io.BytesIO()
    # A text that begins as a formula, or looks like an address, stays a text.
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("catalogue")
    for number, line in enumerate(table):
        for column, cell in enumerate(line):
            sheet.write_string(number, column, cell)
    sheet.freeze_panes(1, 0)
    sheet.set_column(1, 1, 80)
    book.close()
    return out.getvalue()


def _as_toml(table: list[list[str]]) -> bytes:
    out: list[str] = []
    clauses_begun = ""
    for id_, text, *rest in table[1:]:
        row, dot, letter = id_.partition(".")
        more = {name: value for name, value in zip(COLUMNS[2:], rest, strict=True) if value}
        if not dot:
            out += ["", "[[requirement]]", f"id = {_text(id_)}", f"text = {_text(text)}"]
            out += [f"{name} = {_text(value)}" for name, value in more.items()]
            continue
        if clauses_begun != row:
            out.append("[requirement.clauses]")
            clauses_begun = row
        said = ", ".join(f"{name} = {_text(value)}" for name, value in more.items())
        out.append(f"{letter} = " + (f"{{ text = {_text(text)}, {said} }}" if more else _text(text)))
    return ("\n".join(out[1:]) + "\n").encode()


def _text(value: str) -> str:
    """A basic string of TOML."""
    return '"' + "".join(_ESCAPES.get(one, one if one.isprintable() else f"\\U{ord(one):08x}") for one in value) + '"'


_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
