"""Meets a stored failure again: the same scenario with the same seed, and so the same devices, frames and faults.

The stored run may be a stranger's. Its seed is a number, its profile a profile, and its scenarios are looked up among
what was collected: nothing in it becomes an option, a path or a program.
"""

import json
import os
import re
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from uplab.scenarios.bundles.stored import StoredError, StoredRun, open_stored
from uplab.scenarios.history.history import Event
from uplab.scenarios.run import launch
from uplab.scenarios.run.exit_codes import FAILED, NOTHING_SELECTED, PASSED, UNKNOWN
from uplab.scenarios.run.selection import recognise
from uplab.scenarios.under_test.profile import Profile

__all__ = ["Meaning", "Replayed", "compare", "exit_code", "replay", "tally", "where_to_keep", "write_profile"]

Meaning = Literal["REPRODUCED", "FIXED", "DIFFERENT", "NOT RUN"]
_WORST_FIRST: tuple[Meaning, ...] = ("REPRODUCED", "DIFFERENT", "NOT RUN", "FIXED")

# The module of the reference forwarder, which follows the Python of a machine in its command; the second is the name by
# which bundles know it that were made before the import root was `uplab`.
_REFERENCE = ("uplab.simulator.forwarder", "simulator.forwarder")
_NOWHERE = (
    "there is no such scenario among the installed suites; "
    "where it is from a suite of yours, name its folder: uplab replay BUNDLE my_tests"
)
_AUTHORITY = re.compile(r"://[^/\"]*")
_LAST_LINES = 15  # of a run that judged nothing: enough for why the forwarder did not start
_EXIT_JUDGED = (PASSED, FAILED, UNKNOWN)  # every other code says that nothing was judged


@dataclass(frozen=True, slots=True)
class Replayed:
    """What became of one scenario. `why` is one sentence; `note` says when other frames were sent than then."""

    title: str
    meaning: Meaning
    why: str
    note: str = ""


def replay(stored: StoredRun, arguments: Sequence[str], *, place: Path) -> list[Replayed]:
    """Runs the failed scenarios of a stored run again and compares.

    `arguments` are those of `uplab run`; the new run is kept in `place`, an empty folder. StoredError when nothing
    failed in the stored run, or nobody says which forwarder is to be judged: what a stored run names is not started.
    """
    choices = _choices(stored)
    command = str(stored.record["forwarder"].get("command"))
    if not _names_forwarder(arguments) and not _is_reference(command):
        raise StoredError(
            f"{stored.path} comes from {command!r}: say which forwarder is to be judged, with --forwarder-command "
            "(the reference one: --forwarder-command 'uplab forwarder')"
        )
    failed = [scenario for scenario in stored.scenarios if scenario.get("outcome") == "failed"]
    if not failed:
        raise StoredError(f"{stored.path}: no scenario failed in it, so there is nothing to meet again")
    drawn = [f"--seed={stored.record['seed']}"]
    if namespace := stored.record.get("namespace"):
        drawn.append(f"--namespace={namespace}")
    ran = _run(drawn, choices, failed, arguments, place)
    if isinstance(ran, str):
        return [Replayed(_title(scenario), "NOT RUN", ran) for scenario in failed]
    return [_compared(stored, scenario, ran) for scenario in failed]


def where_to_keep(arguments: Sequence[str]) -> tuple[Path, list[str]]:
    """Where the new runs are kept, as `--report-dir` says, and the arguments without it."""
    rest: list[str] = []
    said: str | None = None
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if name == "--report-dir":
            said = value if equals else next(words, "")
        else:
            rest.append(word)
    said = said if said is not None else os.environ.get("UPLAB_REPORT_DIR")
    if said == "":
        raise StoredError("--report-dir names no folder")
    return Path(said) if said else Path("reports/runs/replays"), rest


def tally(tries: Sequence[Sequence[Replayed]]) -> list[Replayed]:
    """What several tries came to: each scenario once, with the worst of its meanings and how often it had which."""
    found = []
    for several in zip(*tries, strict=True):
        counts = {meaning: sum(one.meaning == meaning for one in several) for meaning in _WORST_FIRST}
        worst = next(one for meaning in _WORST_FIRST for one in several if one.meaning == meaning)
        said = ", ".join(f"{meaning} {n} of {len(several)}" for meaning, n in counts.items() if n)
        found.append(Replayed(worst.title, worst.meaning, f"{said}: {worst.why}", worst.note))
    return found


def _title(scenario: Mapping[str, Any]) -> str:
    return str(scenario.get("title") or scenario["id"])


def _choices(stored: StoredRun) -> Profile:
    """The profile of the stored run; StoredError when it is none."""
    forwarder = stored.record.get("forwarder")
    if not isinstance(forwarder, Mapping):
        raise StoredError(f"{stored.path}: run.json holds no run of uplab: forwarder must be an object")
    try:
        return Profile.model_validate(forwarder.get("choices"))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(["forwarder.choices", *map(repr, first["loc"])])
        raise StoredError(f"{stored.path}: run.json holds no run of uplab: {place}: {first['msg']}") from None


def _is_reference(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return len(words) == 3 and words[1] == "-m" and words[2] in _REFERENCE


def _run(
    drawn: Sequence[str], choices: Profile, failed: Sequence[Mapping[str, Any]], arguments: Sequence[str], place: Path
) -> StoredRun | str:
    """Runs the scenarios; the new run, or in a sentence why there is none."""
    own = [*drawn]
    if not _brings_profile(arguments):
        profile = place / "profile.toml"
        profile.write_text(write_profile(choices.model_dump()), encoding="utf-8")
        own += ["--forwarder-profile", str(profile)]
    wanted = place / "replayed.json"
    wanted.write_text(json.dumps([{"id": one["id"], "path": one.get("path")} for one in failed]), encoding="utf-8")
    code, said = _end_of(launch.command([*own, *arguments, "--report-dir", str(place), "--replayed", str(wanted)]))
    if code == NOTHING_SELECTED:
        return _NOWHERE
    if code not in _EXIT_JUDGED:
        return f"uplab run ended with {code}: {said}"
    [folder] = (path for path in place.iterdir() if path.is_dir() and not path.is_symlink())
    return open_stored(folder)


def _names_forwarder(arguments: Sequence[str]) -> bool:
    options = ("--forwarder-command", "--forwarder-api")
    named = any(one.partition("=")[0] in options for one in arguments)
    return named or "UPLAB_FORWARDER_COMMAND" in os.environ or "UPLAB_FORWARDER_API" in os.environ


def _brings_profile(arguments: Sequence[str]) -> bool:
    """Whether the user has said himself what his forwarder can do; else it is the stored one's profile."""
    named = any(one.partition("=")[0] == "--forwarder-profile" for one in arguments)
    return named or "UPLAB_FORWARDER_PROFILE" in os.environ


def _end_of(command: Sequence[str]) -> tuple[int, str]:
    """The exit code of a process and the end of what it printed; Ctrl-C is handed on, and it cleans up itself."""
    stopped = False
    with subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True
    ) as process:
        said = ""
        while process.returncode is None:
            try:
                said, _ = process.communicate()
            except KeyboardInterrupt:
                stopped = True
                process.send_signal(signal.SIGINT)
    if stopped:
        raise KeyboardInterrupt
    return process.returncode, "\n".join(said.rstrip().splitlines()[-_LAST_LINES:]) or "it said nothing"


def _compared(stored: StoredRun, scenario: Mapping[str, Any], ran: StoredRun) -> Replayed:
    title = _title(scenario)
    found = recognise(scenario, [(one["id"], str(one.get("path"))) for one in ran.scenarios], elsewhere=True)
    if found is None:
        return Replayed(title, "NOT RUN", _NOWHERE)
    again = ran.scenarios[found]
    meaning, why = compare(scenario, again)
    before, now = stored.history(dict(scenario)), ran.history(again)
    note = _frames_differ(before, now) or _faults_differ(before, now)
    return Replayed(title, meaning, why, note)


def exit_code(replayed: Sequence[Replayed]) -> int:
    """0 when everything is fixed, 1 when something fails still or differently, 10 when something was not run."""
    meanings = {one.meaning for one in replayed}
    if meanings & {"REPRODUCED", "DIFFERENT"}:
        return FAILED
    return UNKNOWN if "NOT RUN" in meanings else PASSED


def compare(before: Mapping[str, Any], again: Mapping[str, Any]) -> tuple[Meaning, str]:
    """Says what a scenario that failed has become, from both records."""
    if again["outcome"] == "passed":
        return "FIXED", "the scenario passes"
    if again["outcome"] != "failed":
        return "NOT RUN", f"the scenario is {again['outcome']}: {again.get('reason') or again.get('message')}"
    then, now = _broken(before), _broken(again)
    if then & now or (not then and not now):
        return "REPRODUCED", "; ".join(sorted(check for check, _ in then & now)) or "it fails as it did"
    was = ", ".join(sorted(f"{check} at the {hop}" for check, hop in then)) or "an error"
    has = ", ".join(sorted(f"{check} at the {hop}" for check, hop in now)) or "an error"
    return "DIFFERENT", f"then {was}, now {has}"


def _broken(scenario: Mapping[str, Any]) -> set[tuple[str, str | None]]:
    return {(one["check"], one.get("hop")) for one in scenario["verdicts"] if one["outcome"] == "failed"}


def _frames_differ(before: Sequence[Event], again: Sequence[Event]) -> str:
    """A sentence when the devices sent other frames than then; a run that ended earlier sent fewer of the same."""
    then, now = (
        [event.facts.get("phy_hex") for event in events if event.hop == "device.sent"] for events in (before, again)
    )
    common = min(len(then), len(now))
    if then[:common] == now[:common]:
        return ""
    place = next(index for index in range(common) if then[index] != now[index]) + 1
    return f"frame {place} is another one than then: the scenario or the simulator has changed since"


def _faults_differ(before: Sequence[Event], again: Sequence[Event]) -> str:
    """A sentence when other faults were planned than then; a history of format 1 does not tell of its plans."""
    then, now = (_plans(events) for events in (before, again))
    for place, (old, new) in enumerate(zip(then, now, strict=False), 1):
        if old != new:
            return f"plan {place} of faults is another one than then: the scenario has changed since"
    return ""


def _plans(events: Sequence[Event]) -> list[str]:
    """What was planned at which fake, as text; without the ports, which every run draws anew."""
    plans = ([event.facts["fake"], event.facts["faults"]] for event in events if event.hop == "fault.planned")
    return [_AUTHORITY.sub("://", json.dumps(plan, sort_keys=True)) for plan in plans]


def write_profile(choices: Mapping[str, Any]) -> str:
    """A profile as TOML, from the values that a run stores of it."""
    tables = {key: value for key, value in choices.items() if isinstance(value, Mapping)}
    lines = [_line(key, value) for key, value in choices.items() if key not in tables and value is not None]
    for key, table in tables.items():
        lines += ["", f"[{key}]", *(_line(name, value) for name, value in table.items() if value is not None)]
    return "\n".join(lines) + "\n"


def _line(key: str, value: Any) -> str:
    return f"{key} = {_value(value)}"


def _value(value: Any) -> str:
    """Text, numbers and truth are written in TOML as in JSON, lists nearly so, and tables within a list are not."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_value(one)}" for key, one in value.items() if one is not None) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
