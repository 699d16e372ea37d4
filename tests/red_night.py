"""A red night to look at: `python -m tests.red_night FOLDER`, three real runs of one forwarder that has several bugs.

The first night has two bugs, and one of them is agreed on as a deviation; in the second the other one is gone, though
nothing was changed; in the third it is back, and a new one is there. What the terminal says of the third, and the
report in FOLDER/runs/latest, then tell what is new, known and flaky.
"""

import os
import sys
from pathlib import Path
from subprocess import run

__all__ = ["main"]

# Each spoils other scenarios, so that none hides another: those with a header, with texts for numbers, at a broker.
_KNOWN, _FLAKY, _NEW = "drop-authorization", "strings-become-numbers", "publish-twice"
_NIGHTS = ((_KNOWN, _FLAKY), (_KNOWN,), (_KNOWN, _FLAKY, _NEW))
_SCENARIOS = (
    "http/test_did_it_work.py",
    "http/test_headers.py",
    "common/test_documents.py",
    "common/test_decoding.py",
    "mqtt/test_did_it_work.py",
    "mqtt/test_session.py",
)
_DEVIATIONS = """[[deviation]]
cause = "2bd1b1"
reason = "the header is added by the proxy before the destination"
ticket = "EX-7"
owner = "integration"
until = 2099-12-31
"""
_ROOT = Path(__file__).parent.parent


def main(place: Path, scenarios: tuple[str, ...]) -> int:
    """Runs the three nights; the exit code is that of the last one, 1 where it is as it should be."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "deviations.toml").write_text(_DEVIATIONS, encoding="utf-8")
    # By the name of their profile the three are one forwarder; a command line would be another one each night.
    reference = (_ROOT / "scenarios/forwarders/reference/reference.toml").read_text(encoding="utf-8")
    (place / "connector.toml").write_text(
        reference.replace('name = "reference"', 'name = "connector"'), encoding="utf-8"
    )
    bin_ = Path(sys.executable).parent
    environment = {**os.environ, "PYTHONPATH": str(_ROOT), "PATH": f"{bin_}:{os.environ['PATH']}"}
    code = 0
    for seed, bugs in enumerate(_NIGHTS, 1):
        options = ["--seed", str(seed), "--report-dir", "runs", "--deviations", "deviations.toml"]
        forwarder = ["--forwarder-command", f"python -m tests.faulty {'+'.join(bugs)}", "--forwarder-version", "1.0"]
        forwarder += ["--forwarder-profile", "connector.toml"]
        command = [str(bin_ / "uplab"), "run", "-q", *options, *forwarder, *(scenarios or _SCENARIOS)]
        code = run(command, cwd=place, env=environment, check=False).returncode
    return code


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), tuple(sys.argv[2:])))
