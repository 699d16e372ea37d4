import io
import re
from dataclasses import replace
from pathlib import Path

from uplab.reports.exports.github import SUMMARY_LIMIT, annotations, step_summary, write_github
from uplab.reports.findings import find
from uplab.reports.run import Run, Scenario


def _many(run: Run, outcome: str, count: int) -> Run:
    scenario = run.of(outcome)[0]
    return replace(run, scenarios=tuple(replace(scenario, title=f"scenario {n}") for n in range(count)))


def _failed(run: Run, **changes: object) -> Scenario:
    return replace(run.of("failed")[0], **changes)  # type: ignore[arg-type]


def test_summary_begins_with_the_verdict(run: Run) -> None:
    summary = step_summary(find(run))

    assert summary.startswith("## ❌ uplab: Failed\n\n4 of 30 scenarios failed.")
    assert "`uplab run --seed 7`" in summary


def test_summary_says_what_the_gate_missed(run: Run) -> None:
    assert "\n- gate: too little\n\n| failed" in step_summary(find(replace(run, gate=("gate: too little",))))


def test_summary_tells_failures_before_the_table(run: Run) -> None:
    summary = step_summary(find(run))

    places = [
        summary.index(words)
        for words in ("### ❌ accepted uplinks", "### ❓ certificate", "### Requirements", "### Scenarios")
    ]
    assert places == sorted(places)
    assert "happened: **1 of 3 accepted uplinks lost" in summary
    assert "gap: WGX-03 COM-12" in summary


def test_summary_rows_have_as_many_cells_as_their_heading(run: Run) -> None:
    tables = re.findall(r"(?:^\|.*\n)+", step_summary(find(run)), re.MULTILINE)

    assert len(tables) == 3
    for table in tables:
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1


def test_hostile_text_makes_no_markdown(run: Run) -> None:
    hostile = _failed(run, title="**b** | <b>x</b> @team `code`\n# head", message="```\n# out\n```", verdicts=())

    summary = step_summary(find(replace(run, scenarios=(hostile,))))

    assert r"\*\*b\*\* \| &lt;b&gt;x&lt;/b&gt; \@team \`code\` \# head" in summary
    assert "\n````text\n```\n# out\n```\n````\n" in summary


def test_summary_stays_within_the_limit(run: Run) -> None:
    summary = step_summary(find(_many(run, "failed", 5_000)))

    assert len(summary.encode()) <= SUMMARY_LIMIT
    assert "The summary was cut here" in summary


def test_summary_counts_what_the_step_wrote_before(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * (SUMMARY_LIMIT - 3_000))

    write_github(find(run), environment={"GITHUB_STEP_SUMMARY": str(path)}, output=io.StringIO())

    assert SUMMARY_LIMIT - 3_000 < path.stat().st_size <= SUMMARY_LIMIT


def test_full_summary_is_left_alone(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "summary.md"
    path.write_bytes(b"x" * SUMMARY_LIMIT)

    write_github(find(run), environment={"GITHUB_STEP_SUMMARY": str(path)}, output=io.StringIO())

    assert path.stat().st_size == SUMMARY_LIMIT


def test_failures_are_errors_and_unknown_ones_warnings(run: Run) -> None:
    found = annotations(run)

    assert [line.partition(" ")[0] for line in found] == ["::error"] * 4 + ["::warning"] * 2
    assert found[0].startswith(
        "::error file=scenarios/http/test_headers.py,line=1,title=failed%3A configured headers arrive"
    )
    assert "%0Ahappened: Authorization of u2 was missing" in found[0]


def test_annotations_are_at_most_ten_and_say_how_many_more(run: Run) -> None:
    assert len(annotations(_many(run, "failed", 10))) == 10

    found = annotations(_many(run, "failed", 37))
    assert len(found) == 10
    assert found[-1].endswith("::28 more failed; the step summary and the report list them all")


def test_annotation_points_to_where_the_scenario_begins(run: Run) -> None:
    told = replace(run, scenarios=(_failed(run, path="mine/test_x.py", line=24),))

    assert annotations(told)[0].startswith("::error file=mine/test_x.py,line=24,")
    (named,) = annotations(told, files={told.scenarios[0].id: "suites/mine/test_x.py"})
    assert named.startswith("::error file=suites/mine/test_x.py,line=24,")


def test_annotation_stays_one_command(run: Run) -> None:
    hostile = _failed(run, id="a,b:c%\r.py::t", title="x\n::error::y", message="50%\r\n::error::z", verdicts=())

    (line,) = annotations(replace(run, scenarios=(hostile,)))

    assert line.startswith("::error file=a%2Cb%3Ac%25%0D.py,line=1,title=failed%3A x %3A%3Aerror%3A%3Ay::")
    assert line.endswith("50%25%0A::error::z")
    assert "\n" not in line
    assert "\r" not in line


def test_annotation_points_to_the_line_that_failed(run: Run) -> None:
    scenario = _failed(run)
    told = replace(scenario, message=f"lab.py:7: in send\n{scenario.file}:41: CheckFailed")

    assert ",line=41," in annotations(replace(run, scenarios=(told,)))[0]


def test_nothing_is_written_outside_of_github(run: Run) -> None:
    output = io.StringIO()

    write_github(find(run), environment={}, output=output)

    assert output.getvalue() == ""


def test_annotations_go_to_the_steps_output(run: Run) -> None:
    output = io.StringIO()

    write_github(find(run), environment={"GITHUB_ACTIONS": "true"}, output=output)

    assert output.getvalue().count("::error ") == 4


def test_causes_come_before_the_scenarios(run: Run) -> None:
    summary = step_summary(find(run))
    causes = find(run).causes

    places = [summary.index(f"cause {cause.id}") for cause in causes]
    assert max(places) < summary.index("### ❌ ")
    assert summary.index("### Causes") < min(places)


def test_many_scenarios_of_a_cause_are_counted(run: Run) -> None:
    assert "  - and 27 more\n" in step_summary(find(_many(run, "failed", 37)))
