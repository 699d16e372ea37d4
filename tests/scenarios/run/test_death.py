"""A forwarder that ends by itself in the middle of a run, and one that a scenario ends."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import run_suite, write_suite

FORWARDER = """
import http.server, json, os, socket, sys, threading
if os.environ.get("CHEESE") == "none":
    sys.exit(9)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path.endswith("/die"):
            print("FATAL: out of cheese", flush=True)
            os._exit(7)
        if self.path.endswith(("/cut", "/slowly")):
            self.connection.shutdown(socket.SHUT_RDWR)
            if self.path.endswith("/slowly"):
                threading.Event().wait(0.3)
                print("FATAL: out of cheese", flush=True)
                os._exit(7)
            return
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
host, port = os.environ["UPLAB_LISTEN"].split(":")
server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
here = f"http://{host}:{server.server_port}"
print(json.dumps({"api": here + "/iot-flow/v1", "ingress": here, "downlink_base": here}), flush=True)
server.serve_forever()
"""
KILLED = """
def test_killed(lab):
    lab.restart_forwarder(kill=True)
    lab.forwarder.kill()
    lab.restart_forwarder()
    lab.expect("it answers", lab.api.request("GET", "/x").status_code == 200, "it does")
"""
DIES = {
    "in the scenario": "def test_dies(lab):\n    lab.api.request('GET', '/die')\n",
    "slowly": "def test_dies(lab):\n    lab.api.request('GET', '/slowly')\n",
    "with nothing to say": """
from uplab.scenarios.checks.verdict import CheckUnknown
def test_dies(lab):
    try:
        lab.api.request("GET", "/die")
    except AssertionError:
        lab.forwarder._process.wait(10)
    raise CheckUnknown("nothing was seen")
""",
    "with a broken promise": """
def test_dies(lab):
    try:
        lab.api.request("GET", "/die")
    except AssertionError:
        lab.forwarder._process.wait(10)
    lab.expect("one is two", False, "1 is not 2")
""",
    "before a restart": """
def test_dies(lab):
    try:
        lab.api.request("GET", "/die")
    except AssertionError:
        lab.forwarder._process.wait(10)
    lab.restart_forwarder()
""",
    "in a fixture": """
import pytest
@pytest.fixture
def cheese(lab):
    lab.api.request("GET", "/die")
def test_dies(cheese):
    pass
""",
    "at the end": """
import pytest
@pytest.fixture
def cheese(lab):
    yield
    lab.api.request("GET", "/die")
def test_dies(lab, cheese):
    lab.expect("one is one", True, "1")
""",
    "where nobody asks": """
import contextlib
def test_dies(lab):
    with contextlib.suppress(AssertionError):
        lab.api.request("GET", "/die")
    lab.forwarder._process.wait(10)
    lab.expect("one is one", True, "1")
""",
}
LATER = "\ndef test_later(lab): pass\ndef test_last(lab): pass\n"


@pytest.mark.parametrize("dies", DIES.values(), ids=DIES)
def test_forwarder_that_dies_is_told_once_and_ends_the_run(tmp_path: Path, dies: str) -> None:
    (tmp_path / "cheese.py").write_text(FORWARDER)
    write_suite(tmp_path, test_it=KILLED + dies + LATER)

    ended = run_suite(tmp_path, "--forwarder-command", f"{sys.executable} cheese.py", "--tb=long")

    assert (ended.code, ended.err) == (1, "")
    assert ended.outcomes == {"killed": "passed", "dies": "failed"}
    assert [one["title"] for one in ended.record["not_reached"]] == ["later", "last"]
    died = ended.scenario("dies")
    said = "the forwarder ended with exit code 7 during test_it.py::test_dies"
    assert died["reason"] == said
    assert died["message"].startswith(f"{said}\n  command   ")
    assert "\n            FATAL: out of cheese\n  log       " in died["message"]
    assert [v for v in died["verdicts"] if v["outcome"] != "passed"] == []
    assert ended.record["gate"] == [f"{said}; the run stopped there"]
    assert ended.out.count("FATAL: out of cheese") == 1
    assert "Traceback" not in ended.out
    assert "Error" not in ended.out


def test_forwarder_that_does_not_start_again_ends_the_run(tmp_path: Path) -> None:
    (tmp_path / "cheese.py").write_text(FORWARDER)
    again = "def test_dies(lab):\n    lab.restart_forwarder(environment={'CHEESE': 'none'})\n"
    write_suite(tmp_path, test_it=KILLED + again + LATER)

    ended = run_suite(tmp_path, "--forwarder-command", f"{sys.executable} cheese.py")

    assert (ended.code, ended.err) == (1, "")
    assert ended.outcomes == {"killed": "passed", "dies": "failed"}
    said = "the forwarder did not start: it ended with exit code 9 before it was ready"
    assert ended.scenario("dies")["reason"] == said
    assert ended.record["gate"] == [f"{said}; the run stopped there"]
    assert "Traceback" not in ended.out


def test_answer_that_is_cut_off_is_a_verdict_and_no_death(tmp_path: Path) -> None:
    (tmp_path / "cheese.py").write_text(FORWARDER)
    write_suite(tmp_path, test_it="def test_cut(lab):\n    lab.api.request('GET', '/cut')\n" + KILLED)

    ended = run_suite(tmp_path, "--forwarder-command", f"{sys.executable} cheese.py")

    assert ended.outcomes == {"cut": "failed", "killed": "passed"}
    (verdict,) = ended.scenario("cut")["verdicts"]
    assert (verdict["happened"], verdict["hop"]) == ("GET /cut was cut off without an answer", "forwarder")
    assert "Traceback" not in ended.out


def test_worker_whose_forwarder_dies_stops_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "cheese.py").write_text(FORWARDER)
    source = DIES["in the scenario"] + "".join(f"def test_{n}(lab): lab.expect('x', True, 'x')\n" for n in range(8))
    write_suite(tmp_path, test_it=source)

    ended = run_suite(tmp_path, "-n", "2", "--forwarder-command", f"{sys.executable} cheese.py")

    assert (ended.code, ended.err) == (1, "")
    assert {title for title, outcome in ended.outcomes.items() if outcome == "failed"} == {"dies"}
    assert "the forwarder ended with exit code 7 during" in " ".join(ended.out.split())
    assert "Traceback" not in ended.out


def test_forwarder_that_is_not_there_is_no_failure(tmp_path: Path) -> None:
    write_suite(tmp_path, test_it=KILLED)
    place = ["--forwarder-api", "http://127.0.0.1:9/iot-flow/v1", "--forwarder-ingress", "http://127.0.0.1:9/ingress"]

    ended = run_suite(tmp_path, *place, "--base-port", "0", UPLAB_AS_KEY="keykeykey")

    assert (ended.code, ended.err) == (3, "")
    assert ended.said == [
        "uplab: the forwarder cannot be reached: GET /connections could not be sent: connection refused",
        "  api       http://127.0.0.1:9/iot-flow/v1",
        "  to try    start that forwarder first, and compare its address with that of --forwarder-api",
    ]


BROKEN_OFF = """
def test_broken_off(lab, monkeypatch):
    def start(**_):
        raise TimeoutError("the scenario's time is over")
    with monkeypatch.context() as patched:
        patched.setattr(lab.forwarder, "start", start)
        lab.restart_forwarder(kill=True)

def test_later(lab):
    lab.expect("it answers", lab.api.request("GET", "/x").status_code == 200, "it does")
"""


def test_start_that_is_broken_off_is_no_later_scenarios_trouble(tmp_path: Path) -> None:
    (tmp_path / "cheese.py").write_text(FORWARDER)
    write_suite(tmp_path, test_it=BROKEN_OFF)

    ended = run_suite(tmp_path, "--forwarder-command", f"{sys.executable} cheese.py")

    assert ended.outcomes["later"] == "passed", ended.out
