"""Packs each scenario that failed into a file of its own, with which a developer meets the failure again.

A bundle is a stored run of one scenario: run.json, its history, the end of the forwarder's log, and a page that says
what happened and how to go on. It can be unpacked and rendered like any other run.
"""

import hashlib
import re
import zipfile
import zlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import orjson

from uplab.reports.exports.curl import curl_lines
from uplab.reports.exports.har import har
from uplab.reports.exports.pcapng import pcapng
from uplab.reports.run import ReportError, Run, Scenario, read_run
from uplab.scenarios.history.bounds import RegularFile
from uplab.scenarios.history.reader import HistoryError, format_of, read_history

__all__ = ["FOLDER", "bundle_of", "compression_of", "write_bundles"]

FOLDER = "bundles"
_SUFFIX = ".repro.zip"
_NO_NAME = re.compile(r"[^A-Za-z0-9_-]+")
_LOG_BYTES = 1_000_000  # of the forwarder's log, its end: the whole run wrote into it
_SMALL = 500_000  # bytes, of which nobody minds how they are packed; readers take a million
_MOST_SHRUNK = 100  # times; readers take 250, and the packing here is the quickest and so the worst
_DATE = (1980, 1, 1, 0, 0, 0)  # the same failure makes the same bytes


def bundle_of(run: Run, scenario: Scenario) -> Path | None:
    """Where the bundle of a scenario stands, relative to the run's folder; None where there is none."""
    place = Path(FOLDER, _name_of(scenario))
    return place if scenario.outcome == "failed" and (run.folder / place).is_file() else None


def _name_of(scenario: Scenario) -> str:
    if scenario.history:
        return f"{Path(scenario.history).stem}{_SUFFIX}"
    # Two names may differ only in what no file's name can hold, such as the slash of a parameter.
    digest = hashlib.sha256(scenario.id.encode("utf-8", "replace")).hexdigest()[:8]
    return f"{_NO_NAME.sub('-', scenario.name).strip('-')[:150]}-{digest}{_SUFFIX}"


def write_bundles(folder: Path) -> tuple[Path, ...]:
    """Writes bundles/<scenario>.repro.zip for every failure of the run that is stored in the folder.

    Raises ReportError with one line where the run cannot be read or a file cannot be written.
    """
    failed = read_run(folder).of("failed")
    if not failed:
        return ()
    record = orjson.loads((folder / "run.json").read_bytes())
    stored = {scenario["id"]: scenario for scenario in record["scenarios"]}
    place = folder / FOLDER
    try:
        place.mkdir(exist_ok=True)
        return tuple(_write(place, folder, record, scenario, stored[scenario.id]) for scenario in failed)
    except HistoryError as error:
        raise ReportError(f"{place}: {error}") from None
    except OSError as error:
        raise ReportError(f"{place} cannot be written: {error.strerror}") from None


def _write(place: Path, folder: Path, record: Mapping[str, Any], scenario: Scenario, stored: Mapping[str, Any]) -> Path:
    path = place / _name_of(scenario)
    unfinished = path.with_suffix(".tmp")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as bundle:
        _put(bundle, "README.txt", _guide(path.name, record, scenario).encode())
        alone = {**record, "scenarios": [stored], "not_reached": [], "gate": [], "selection": scenario.typed}
        _put(bundle, "run.json", orjson.dumps(alone, option=orjson.OPT_INDENT_2))
        if scenario.history and (folder / scenario.history).is_file():
            _put(bundle, scenario.history, (folder / scenario.history).read_bytes())
            events = list(read_history(RegularFile(folder / scenario.history), format_of(record)))
            _put(bundle, "exchanges.har", har(events, version=str(record["uplab"])))
            _put(bundle, "requests.sh", curl_lines(events))
            _put(bundle, "packets.pcapng", pcapng(events, version=str(record["uplab"])))
        log = f"logs/forwarder-{scenario.worker}.log"
        if (folder / log).is_file():
            _put(bundle, log, _end_of(folder / log))
    unfinished.replace(path)
    return path


def _put(bundle: zipfile.ZipFile, name: str, content: bytes) -> None:
    bundle.writestr(zipfile.ZipInfo(name, _DATE), content, compression_of((content,)))


def compression_of(chunks: Iterable[bytes]) -> int:
    """How zipfile is to pack a file: as it is where it would shrink so far that readers take it for an attack.

    A scenario that sends a body of a million equal bytes has such a history.
    """
    deflate = zlib.compressobj(1)
    size = packed = 0
    for chunk in chunks:
        size += len(chunk)
        packed += len(deflate.compress(chunk))
    packed += len(deflate.flush())
    return zipfile.ZIP_STORED if size > _SMALL and size > packed * _MOST_SHRUNK else zipfile.ZIP_DEFLATED


def _end_of(log: Path) -> bytes:
    with log.open("rb") as lines:
        size = lines.seek(0, 2)
        lines.seek(max(0, size - _LOG_BYTES))
        if size > _LOG_BYTES:
            lines.readline()  # the line that the cut went through
        return lines.read()


def _guide(name: str, record: Mapping[str, Any], scenario: Scenario) -> str:
    """What a person reads who opens the bundle and knows nothing of the run."""
    told = "\n".join(
        f"{verdict.check} {verdict.outcome}\n"
        f"  promised  {verdict.promised}\n"
        f"  happened  {verdict.happened}\n"
        f"  diverged  at the {verdict.hop or 'scenario itself'}"
        for verdict in scenario.complaints
    )
    return f"""{scenario.title}
{scenario.promise or ""}

requirements  {", ".join(scenario.requirements)}
forwarder     {record["forwarder"]["name"]}
uplab         {record["uplab"]}{f", commit {record['commit']}" if record.get("commit") else ""}, seed {record["seed"]}

{told or scenario.message or "no reason was given"}

What to do with this file:
  uplab replay {name}
      the same devices, frames and faults again: REPRODUCED, FIXED, DIFFERENT or NOT RUN
      (for your own forwarder with --forwarder-command "...", as for uplab run;
      a scenario of a suite of your own is found when you name the suite's folder)
  uplab recheck {name}
      the stored history judged again, without a forwarder

What is in it:
  run.json        the verdicts, the profile of the forwarder, the seed
  history/        one line of JSON for each thing that happened at a hop, as HISTORY.md of uplab describes them:
                  device.sent holds the frames, fault.planned the faults as data; secrets are redacted
  exchanges.har   the requests and answers over HTTP, for browsers and other tools
  requests.sh     the requests to the forwarder as lines of curl, for whoever has no uplab
  packets.pcapng  the same and the MQTT, as packets for Wireshark: rebuilt, and each says what was made up
  logs/           the end of the forwarder's own output
"""
