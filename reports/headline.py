"""What a run says in one word and one sentence, and the command that repeats it."""

import shlex
from dataclasses import dataclass

from reports.run import Run, Scenario
from reports.text import counted

__all__ = ["Headline", "headline", "repeat_command"]

# pytest's own exit codes (pytest.ExitCode); 1 and 10 are judged by the outcomes.
_STOPPED = {
    2: ("Interrupted", "the run was stopped before its end"),
    3: ("Broken off", "the run ended with an internal error"),
    4: ("Not started", "the command line was not understood"),
}
_REFERENCE = "-m simulator.forwarder"


@dataclass(frozen=True, slots=True)
class Headline:
    """The verdict on a run: its outcome, the word for it, and one sentence."""

    outcome: str
    word: str
    sentence: str


def headline(run: Run) -> Headline:
    """Judges a run: failed before stopped before unknown; nothing examined is unknown, never a pass."""
    failed, unknown, passed = (len(run.of(outcome)) for outcome in ("failed", "unknown", "passed"))
    total = counted(len(run.scenarios), "scenario")
    word, why = _STOPPED.get(run.exit_code, ("", ""))
    if failed:
        return Headline("failed", "Failed", f"{failed:,} of {total} failed" + (f", and {why}" if why else ""))
    if word:
        return Headline("failed", word, f"{why} (exit code {run.exit_code}); nothing had failed among {total}")
    if not run.scenarios:
        return Headline("unknown", "Nothing ran", "no scenario was selected")
    if run.exit_code not in (0, 10):
        return Headline(
            "failed",
            "Failed",
            f"no scenario failed, but the run did (exit code {run.exit_code}); the terminal says why",
        )
    if unknown or run.exit_code == 10:
        return Headline("unknown", "Unknown", f"nothing failed, but {unknown:,} of {total} could not be decided")
    if not passed:
        return Headline("unknown", "Nothing examined", f"none of {total} applies to this forwarder")
    return Headline(
        "passed", "Passed", f"{passed:,} of {total} passed" if passed < len(run.scenarios) else f"all of {total} passed"
    )


def repeat_command(run: Run, scenario: Scenario | None = None) -> str:
    """The command that repeats the run with its seed, or one scenario of it."""
    if run.repeat is not None:
        return f"{run.repeat} {shlex.quote(scenario.id)}" if scenario else run.repeat
    words = ["uplab", "run", "--seed", str(run.seed)]
    command = run.forwarder.command
    if command is None:
        words += ["--forwarder-api", "URL", "--forwarder-ingress", "URL"]
    elif not command.endswith(_REFERENCE):
        words += ["--forwarder-command", shlex.quote(command)]
    if run.forwarder.profile != "reference":
        words += ["--forwarder-profile", shlex.quote(f"{run.forwarder.profile}.toml")]
    if scenario is not None:
        words.append(shlex.quote(scenario.id))
    elif run.random_order:
        words.append("--shuffle")
    return " ".join(words)
