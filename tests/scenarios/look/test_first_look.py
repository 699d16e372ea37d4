"""The look before the first scenario, against a forwarder that somebody else would write: each dead leg in a line."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from tests.scenarios.suite_runs import Ended, run_suite, write_suite

OTHER = shlex.join([sys.executable, str(Path(__file__).parents[1] / "other_forwarder.py")])
SUITE = """
    def test_it(lab):
        lab.expect("it runs", True, "it does")
"""
PROFILE = """
name = "other"
contract = 2
settle_s = 0.1
[features]
api = true
flows = true
http = true
{features}
[deadlines]
delivery_s = {delivery_s}
[choices]
ingress_auth = "none"
failure_generation = "none"
"""


def run(folder: Path, broken: dict[str, str], *, features: str = "", delivery_s: float = 20) -> Ended:
    profile = folder / "other.toml"
    profile.write_text(PROFILE.format(features=features, delivery_s=delivery_s))
    suite = write_suite(folder / "suite", test_it=SUITE)
    given = ["--forwarder-command", OTHER, "--forwarder-profile", str(profile)]
    return run_suite(suite, *given, UPLAB_LOOK="yes", **broken)


STATIC = """
import http.server, json, os, threading, urllib.request

def deliver(raw):
    for connection in json.loads(os.environ["UPLAB_CONNECTIONS"]):
        try:
            urllib.request.urlopen(urllib.request.Request(connection["configuration"]["destinationURL"], raw)).read()
        except OSError:
            pass

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
        threading.Thread(target=deliver, args=(raw,)).start()

host, port = os.environ["UPLAB_LISTEN"].split(":")
server = http.server.ThreadingHTTPServer((host, int(port)), Handler)
print(json.dumps({"ingress": f"http://{host}:{server.server_port}/in"}), flush=True)
server.serve_forever()
"""


def test_static_forwarder_that_refuses_the_certificate_is_told_before_any_scenario(tmp_path: Path) -> None:
    (tmp_path / "static.py").write_text(STATIC)
    (tmp_path / "static.toml").write_text(
        'name = "static"\ncontract = 2\n[features]\nhttp = true\n[choices]\ningress_auth = "none"\n'
        'failure_generation = "none"\n[ways]\nconnections = "static"\nnames = "direct"\n'
    )
    command = shlex.join([sys.executable, str(tmp_path / "static.py")])
    suite = write_suite(tmp_path / "suite", test_it=SUITE)
    profile = str(tmp_path / "static.toml")

    ended = run_suite(suite, "--forwarder-command", command, "--forwarder-profile", profile, UPLAB_LOOK="yes")

    assert ended.code == 3, ended.out + ended.err
    assert "the forwarder refuses the lab's certificate" in ended.out


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"OTHER_BROKEN": "shut"}, "the API makes no connection to this lab: POST /connections answered 500"),
        ({"OTHER_BROKEN": "distrust"}, "the forwarder refuses the lab's certificate: 1 TLS handshake given up"),
        ({"OTHER_BODY": "wrapped"}, '1 request came in which no uplink was recognised, the first: {"data"'),
    ],
)
def test_dead_leg_is_named_and_ends_the_run(tmp_path: Path, broken: dict[str, str], words: str) -> None:
    ended = run(tmp_path, broken)

    assert ended.code == 3, ended.out + ended.err
    assert words in ended.out
    assert "to try" in ended.out
    assert "Traceback" not in ended.out


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("lost", "the uplink was accepted, and nothing reached any port of this lab"),
        ("mute", "came to this lab's ports, and no request on any"),
    ],
)
def test_nothing_that_comes_is_waited_for_as_long_as_a_delivery_may_take(
    tmp_path: Path, broken: str, words: str
) -> None:
    ended = run(tmp_path, {"OTHER_BROKEN": broken}, delivery_s=1.5)

    assert ended.code == 3, ended.out + ended.err
    assert words in ended.out


def test_handshake_that_is_left_without_a_word_and_begun_anew_is_no_dead_leg(tmp_path: Path) -> None:
    ended = run(tmp_path, {"OTHER_BROKEN": "late"})

    assert ended.code == 0, ended.out + ended.err


def test_profile_that_differs_from_the_wire_is_told_before_the_scenarios(tmp_path: Path) -> None:
    ended = run(tmp_path, {"OTHER_STATES": "yes"}, features="events = true")

    assert ended.code == 0, ended.out
    assert "the profile declares events, but GET /connections/.../events was answered 404" in ended.out
    assert "the API shows a state, but the profile does not declare states" in ended.out
