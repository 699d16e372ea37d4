"""What a run says in one word and one sentence, and the command that repeats it."""

import shlex
from dataclasses import dataclass

from uplab.reports.run import OUTCOMES, Run, Scenario
from uplab.reports.text import counted

__all__ = ["Headline", "headline", "left_behind", "repeat_command", "shown_outcomes", "worst_first"]

# pytest's own exit codes (pytest.ExitCode); 1 and 10 are judged by the outcomes.
_STOPPED = {
    2: ("Interrupted", "the run was stopped before its end"),
    3: ("Broken off", "the run could not go on"),
    4: ("Not started", "the command line was not understood"),
}
_REFERENCE = ("-m uplab.simulator.forwarder", "-m simulator.forwarder")  # the second in runs that are older


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict on a run: its outcome, the word for it, and one sentence."""

    outcome: str
    word: str
    sentence: str


def headline(run: Run) -> Headline:
    """Judges a run by its outcomes and its exit code; nothing examined is unknown, never a pass.

    Failed scenarios in a run that did not fail are those that a list of known failures, or of deviations, holds.
    """
    failed, broken, unknown, passed = (len(run.of(one)) for one in ("failed", "error", "unknown", "passed"))
    total = counted(len(run.scenarios), "scenario")
    known = f"{failed:,} failed as known" if failed else "nothing failed"
    if run.exit_code in _STOPPED:
        return _stopped(run, failed, total)
    if not run.scenarios:
        return Headline("unknown", "Nothing ran", "no scenario was selected")
    if run.exit_code == 6 or (broken and run.exit_code in (0, 10)):
        itself = (
            f"{broken:,} of {total} ended with an error of uplab or the suites, which says nothing of the forwarder"
        )
        return Headline("error", "Error", f"{known}, but {itself}")
    if run.exit_code not in (0, 10):
        return _failed(run, failed, total)
    if unknown or run.exit_code == 10:
        return Headline("unknown", "Unknown", f"{known}, but {unknown:,} of {total} could not be decided")
    if failed:
        listed = "as deviations that were agreed on" if run.deviations else "exactly those listed as known"
        return Headline("passed", "As known", f"{failed:,} of {total} failed, {listed}")
    if not passed:
        return Headline("unknown", "Nothing examined", f"none of {total} applies to this forwarder")
    few = passed < len(run.scenarios)
    return Headline("passed", "Passed", f"{passed:,} of {total} passed" if few else f"all of {total} passed")


def _stopped(run: Run, failed: int, total: str) -> Headline:
    word, why = _STOPPED[run.exit_code]
    if failed:
        return Headline("failed", "Failed", f"{failed:,} of {total} failed, and {why}{_later(run)}")
    nothing = f"nothing had failed among {total}" if run.scenarios else "no scenario had ended"
    return Headline("failed", word, f"{why} (exit code {run.exit_code}); {nothing}{_later(run)}")


def _later(run: Run) -> str:
    return f"; {len(run.unreached):,} not reached" if run.unreached else ""


def _failed(run: Run, failed: int, total: str) -> Headline:
    if failed:
        return Headline("failed", "Failed", f"{failed:,} of {total} failed{_later(run)}")
    why = "what was missed stands below" if run.gate else "the terminal says why"
    return Headline("failed", "Failed", f"no scenario failed, but the run did (exit code {run.exit_code}); {why}")


def shown_outcomes(run: Run) -> tuple[str, ...]:
    """The outcomes that a reader wants a number for: "error" only where the harness itself broke."""
    return tuple(outcome for outcome in OUTCOMES if outcome != "error" or run.of(outcome))


def worst_first(run: Run) -> tuple[Scenario, ...]:
    """What has to be looked at, worst first."""
    return tuple(scenario for outcome in ("failed", "error", "unknown") for scenario in run.of(outcome))


def left_behind(run: Run) -> str:
    """One sentence on what scenarios made on the forwarder and could not remove; empty where all is gone."""
    if not run.left:
        return ""
    return f"Left on the forwarder: {counted(len(run.left), 'thing')} that scenarios made and could not remove"


def repeat_command(run: Run, scenario: Scenario | None = None) -> str:
    """The command that repeats the run with its seed and all that was asked for, or one scenario of it."""
    if run.repeat is not None:
        return f"{run.repeat_one or run.repeat} {shlex.quote(scenario.typed)}" if scenario else run.repeat
    words = ["uplab", "run", "--seed", str(run.seed)]
    command = run.forwarder.command
    if command is None:
        words += ["--forwarder-api", "URL", "--forwarder-ingress", "URL"]
    elif not command.endswith(_REFERENCE):
        words += ["--forwarder-command", shlex.quote(command)]
    if run.forwarder.profile != "reference":
        words += ["--forwarder-profile", shlex.quote(f"{run.forwarder.profile}.toml")]
    if scenario is not None:
        words.append(shlex.quote(scenario.typed))
    elif run.random_order:
        words.append("--shuffle")
    return " ".join(words)
