"""Catalogues of an author's own: three forms that say the same, and what is wrong with one, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from uplab.scenarios.checks.own.catalogue import CatalogueError, read_catalogues, written
from uplab.scenarios.checks.requirements import Requirement, add_rows, catalogue, clauses

TOML = """
[[requirement]]
id = "MINE-01"
text = "An uplink reaches the hall's server"
document = "Hall 4, page 2"
[requirement.clauses]
a = "within a minute"
b = { text = "unaltered, say \\"as it was\\"", source = "O" }

[[requirement]]
id = "MINE-02"
text = "=1+1 is a text, and so is https://hall.example"
subject = "page"
"""


@pytest.fixture
def rows(tmp_path: Path) -> list[Requirement]:
    (tmp_path / "mine.toml").write_text(TOML)
    return read_catalogues([tmp_path / "mine.toml"])


def test_row_has_what_is_left_away(rows: list[Requirement]) -> None:
    first, second = rows

    assert [(one.id, one.text, one.source) for one in first.clauses] == [
        ("MINE-01.a", "within a minute", "D"),
        ("MINE-01.b", 'unaltered, say "as it was"', "O"),
    ]
    assert (second.document, second.source, second.subject) == ("mine.toml", "D", "page")
    assert [one.id for one in second.clauses] == ["MINE-02"]


@pytest.mark.parametrize("form", ["toml", "csv", "xlsx"])
def test_forms_say_the_same(rows: list[Requirement], tmp_path: Path, form: str) -> None:
    (tmp_path / f"again.{form}").write_bytes(written(rows, form))

    assert read_catalogues([tmp_path / f"again.{form}"]) == rows


def test_catalogue_of_uplab_goes_through_each_form(tmp_path: Path) -> None:
    ours = list(catalogue().values())
    for form in ("toml", "csv", "xlsx"):
        (tmp_path / f"ours.{form}").write_bytes(written(ours, form).replace(b"HTTP-", b"HTPP-"))
    with pytest.raises(CatalogueError, match=r"the id WGX-01 stands in uplab's own catalogue already"):
        read_catalogues([tmp_path / "ours.toml"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_table_of_a_spreadsheet_is_read(tmp_path: Path, delimiter: str) -> None:
    lines = ["\ufeffID,Text", "", "MINE-01,One thing", "MINE-01.a,of which a part", ",,"]
    (tmp_path / "mine.csv").write_text("\r\n".join(lines).replace(",", delimiter), encoding="utf-8")

    [row] = read_catalogues([tmp_path / "mine.csv"])

    assert (row.text, [one.text for one in row.clauses]) == ("One thing", ["of which a part"])


WRONG = {
    "twice.toml": (
        '[[requirement]]\nid = "MINE-01"\ntext = "a"\n# more\n[[requirement]]\nid = "MINE-01"\ntext = "b"\n',
        "twice.toml, line 5: the id MINE-01 stands twice, also in",
    ),
    "ours.toml": (
        '[[requirement]]\nid = "HTTP-01"\ntext = "a"\n',
        "line 1: the id HTTP-01 stands in uplab's own catalogue already: give it another",
    ),
    "no_id.toml": ('[[requirement]]\ntext = "a"\n', "line 1: an id is as MINE-01, of a clause MINE-01.a, not None"),
    "number.toml": ("[[requirement]]\nid = 7\n", "line 1: an id is as MINE-01, of a clause MINE-01.a, not 7"),
    "small.csv": ("id,text\nmine-1,a\n", "line 2: an id is as MINE-01, of a clause MINE-01.a, not 'mine-1'"),
    "no_text.csv": ("id,text\nMINE-01,\n", "line 2: MINE-01 has no text: say what is promised"),
    "subject.csv": ("id,text,subject\nMINE-01,a,user\n", "line 2: subject is forwarder or page or fake, not 'user'"),
    "column.csv": ("id,text,owner\nMINE-01,a,me\n", "line 2: 'owner' is nothing that a row has; it has id, text, "),
    "orphan.csv": ("id,text\nMINE-01.a,a\n", "line 2: the clause MINE-01.a has no row MINE-01 above it"),
    "letters.csv": ("id,text\nM-1,a\nM-1.a,b\nM-1.a,c\n", "line 4: the clause M-1.a stands twice: give one another l"),
    "names.csv": ("what,why\nMINE-01,a\n", "line 1: the columns are id, text, document, source, subject, of which id "),
    "empty.csv": ("\n", "empty.csv is empty: its first line names the columns"),
    "empty.toml": ("", "empty.toml has no [[requirement]]: each row begins with one"),
    "broken.toml": ("[[requirement", "broken.toml is no TOML"),
    "no.xlsx": ("id,text", "no.xlsx is no XLSX"),
    "other.json": ("{}", "other.json: a catalogue is a .toml, a .csv or a .xlsx"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, name: str) -> None:
    source, told = WRONG[name]
    (tmp_path / name).write_text(source)

    with pytest.raises(CatalogueError) as raised:
        read_catalogues([tmp_path / name])

    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_two_files_have_no_row_alike(rows: list[Requirement], tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_bytes(written(rows[:1], "csv"))

    with pytest.raises(CatalogueError, match=r"other.csv, line 2: the id MINE-01 stands in .*mine.toml, line 2"):
        read_catalogues([tmp_path / "mine.toml", tmp_path / "other.csv"])


def test_own_rows_belong_to_the_catalogue_until_others_come(rows: list[Requirement]) -> None:
    try:
        add_rows(rows)
        assert "MINE-01.b" in clauses()
        assert list(catalogue())[-2:] == ["MINE-01", "MINE-02"]
        assert "MINE-01.b" not in clauses(own=False)
    finally:
        add_rows([])
    assert "MINE-01" not in catalogue()
