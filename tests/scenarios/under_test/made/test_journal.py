from pathlib import Path

import pytest

from uplab.scenarios.under_test.made.belongings import Belongings
from uplab.scenarios.under_test.made.journal import Journal
from uplab.scenarios.under_test.process import ForwarderStartError

API = "http://iot.example/iot-flow/v1"


def test_what_was_made_and_not_taken_away_is_left(tmp_path: Path) -> None:
    journal = Journal(tmp_path, API)
    journal.begin()
    journal.made("connections", "7", "uplab /blame")
    journal.made("flows", "8", "uplab 7")
    journal.gone("flows", "8")
    journal.close()

    assert Journal(tmp_path, API).left() == {("connections", "7"): "uplab /blame"}
    assert Journal(tmp_path, "http://another.example").left() == {}


def test_two_runs_at_once_are_told(tmp_path: Path) -> None:
    first, second = Journal(tmp_path, API), Journal(tmp_path, API)
    first.begin()

    with pytest.raises(ForwarderStartError, match="another run is in progress"):
        second.begin()

    first.close()
    second.begin()
    second.close()


def test_belongings_note_what_the_api_has_answered(tmp_path: Path) -> None:
    belongings = Belongings()
    belongings.journal = journal = Journal(tmp_path, API)
    journal.begin()

    belongings.note("POST", "/connections", 201, b'{"id": "1", "name": "one"}')
    belongings.note("POST", "/connections", 201, b'{"id": "2", "name": "two"}')
    belongings.note("DELETE", "/connections/1", 204, b"")

    assert journal.left() == {("connections", "2"): "two"}
    journal.close()


def test_broken_lines_count_for_nothing(tmp_path: Path) -> None:
    journal = Journal(tmp_path, API)
    journal.path.write_bytes(b'{"made": ["connections", "1"]}\n{"made"\n[]\n\xff\n{"gone": 7}\n')

    assert journal.left() == {("connections", "1"): ""}


def test_nothing_to_keep_leaves_no_file(tmp_path: Path) -> None:
    journal = Journal(tmp_path, API)
    journal.begin()
    journal.made("connections", "7", "x")
    journal.close()

    journal.keep([("connections", "7")], {("connections", "7"): "x"})
    assert journal.left() == {("connections", "7"): "x"}
    journal.keep([], {})
    assert not journal.path.exists()
