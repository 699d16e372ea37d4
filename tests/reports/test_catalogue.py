from pathlib import Path

import orjson

from uplab.reports.catalogue import Clause
from uplab.reports.run import read_run
from uplab.scenarios.checks.requirements import catalogue


def test_rows_are_read_with_their_clauses_and_those_of_older_runs_without(folder: Path, tmp_path: Path) -> None:
    record = orjson.loads((folder / "run.json").read_bytes())
    old = dict(record["requirements"][0])
    changed = orjson.dumps({**record, "requirements": [old, catalogue()["HTTP-17"].as_dict()]})
    (tmp_path / "run.json").write_bytes(changed)

    before, now = read_run(tmp_path).requirements

    assert before.clauses == ()
    assert [clause.id for clause in now.clauses] == ["HTTP-17.a", "HTTP-17.b", "HTTP-17.c"]
    assert now.clauses[1] == Clause(
        "HTTP-17.b", "301 is a failed delivery, and not followed", "forwarder", "our reading"
    )
