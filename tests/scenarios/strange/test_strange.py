"""Forwarders of other shapes, each with an honest profile: no innocent is accused, no guilty one passes."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.nightly import nightly
from tests.scenarios.suite_runs import Ended, uplab
from uplab.scenarios.run.exit_codes import PASSED, UNKNOWN

pytestmark = pytest.mark.timeout(600)  # whole runs, on a machine that may be busy

HERE = Path(__file__).parent
ARRIVES = "delivery/test_arrival.py::test_each_uplink_arrives_once"
REFUSED = "delivery/test_again.py::test_refused_uplink_is_tried_as_declared"
GIVEN_UP = "delivery/test_again.py::test_uplink_is_given_up_as_declared"
PAGE = "http/test_did_it_work.py::test_page_of_the_bin_names_device_and_header"
HEARD = "mqtt/test_did_it_work.py::test_subscriber_sees_exactly_the_uplinks_that_were_sent"
TOLD = "thingsboard/test_did_it_work.py::test_each_uplink_is_delivered_once_in_order"
STATIC = """
contract = 2
settle_s = 0.5
[deadlines]
delivery_s = 20
[ways]
connections = "static"
names = "direct"
tls = false
[choices]
ingress_auth = "none"
failure_generation = "none"
[features]
http = true
"""
WEAK = (HERE.parents[2] / "docs" / "examples" / "profiles" / "weak.toml").read_text().replace('name = "weak"', "")
LATE = STATIC.replace("settle_s = 0.5", "settle_s = 4")
ENVELOPED = STATIC + '[format]\ndev_eui = "/message/eui"\nf_cnt = "/message/counter"\ntime = "/message/at"\n'
BATCHES = (
    STATIC.replace('"none"\n[features]', '"none"\n[delivery]\norder = "connection"\n[features]')
    + """
[format]
each = ""
dev_eui = "/DevEUI_uplink/DevEUI"
f_cnt = "/DevEUI_uplink/FCntUp"
time = "/DevEUI_uplink/Time"
"""
)
LINES = BATCHES.replace('each = ""', "lines = true")
SMALL = (
    STATIC.replace('failure_generation = "none"\n', 'numbers = "double"\n')
    + """
[delivery]
attempts = 3
pauses_s = [0.2, 0.4]
timeout_s = 5
order = "connection"
"""
)
SESSION = STATIC.replace("http = true", "thingsboard = true")
BOTH = SESSION + "mqtt = true\n"
CURL = """
contract = 2
settle_s = 0.5
[features]
http = true
[deadlines]
answer_s = 40
[ways]
connections = "commands"
[delivery]
attempts = 3
pauses_s = [1]
timeout_s = 3
never_again = ["3xx", 400, 401, 403, 404, 409, 410, 413, 422]
retry_after = true
"""
BY_CURL = (
    *("--connect-command", str(HERE / "connect.sh"), "--disconnect-command", str(HERE / "disconnect.sh")),
    *("--uplink-command", str(HERE / "uplink.sh")),
)


@dataclass(frozen=True)
class Strange:
    """A program, or commands, with what it declares, what it is asked, and what must become of it."""

    profile: str
    scenarios: tuple[str, ...]
    program: str = ""
    arguments: tuple[str, ...] = ()
    variables: dict[str, str] = field(default_factory=dict)
    code: int = 0
    words: tuple[str, ...] = ()


STRANGE = {
    "answers 202 and delivers three seconds later": Strange(LATE, (ARRIVES, REFUSED), "later"),
    "the same, and loses each third": Strange(
        LATE, (ARRIVES,), "later", variables={"LATER_LOSES": "yes"}, code=1, words=("none lost",)
    ),
    "an envelope around renamed uplinks": Strange(ENVELOPED, (ARRIVES, REFUSED), "enveloped"),
    "the same, and counts one too far": Strange(
        ENVELOPED,
        (ARRIVES,),
        "enveloped",
        variables={"ENVELOPE_COUNTS": "wrong"},
        code=3,
        words=("in which no uplink was recognised",),
    ),
    "several uplinks in one request": Strange(BATCHES, (ARRIVES,), "batching"),
    "the same, and does not say so": Strange(
        STATIC, (ARRIVES,), "batching", code=3, words=("in which no uplink was recognised", '[{"DevEUI_uplink"')
    ),
    "the same, and loses one of each batch": Strange(
        BATCHES, (ARRIVES,), "batching", variables={"BATCH_LOSES": "yes"}, code=1, words=("none lost",)
    ),
    "several uplinks in one request, one in each line": Strange(
        LINES, (ARRIVES,), "batching", variables={"BATCH_LINES": "yes"}
    ),
    "the same, and loses the last line": Strange(
        LINES,
        (ARRIVES,),
        "batching",
        variables={"BATCH_LINES": "yes", "BATCH_LOSES": "yes"},
        code=1,
        words=("none lost",),
    ),
    "chunks, headers in small letters, doubles, three tries": Strange(
        SMALL, (ARRIVES, REFUSED, GIVEN_UP, PAGE), "small_letters"
    ),
    "the same, and gives up after two": Strange(
        SMALL, (GIVEN_UP,), "small_letters", variables={"SMALL_TRIES": "2"}, code=1, words=("delivery policy",)
    ),
    "the weakest promise": Strange(WEAK, (ARRIVES, REFUSED), "overtaking"),
    "the same, and promises an order": Strange(
        WEAK.replace('order = "none"', 'order = "device"'), (ARRIVES,), "overtaking", code=1, words=("in order",)
    ),
    "a field of a form": Strange(
        STATIC, (ARRIVES,), "form", code=3, words=("in which no uplink was recognised", "source=thingpark&document=")
    ),
    "one MQTT 5 session for all": Strange(SESSION, (TOLD,), "one_session"),
    "one for ThingsBoard, and one for a broker": Strange(BOTH, (TOLD, HEARD), "one_session"),
    "the same, without wanting an acknowledgement": Strange(
        SESSION, (TOLD,), "one_session", variables={"SESSION_QOS": "0"}, code=1, words=("QoS",)
    ),
    "a shell and curl": Strange(CURL, (ARRIVES, REFUSED), arguments=BY_CURL),
    "a shell and curl, that does not try again": Strange(
        CURL, (REFUSED,), arguments=BY_CURL, variables={"CURL_RETRIES": "0"}, code=1, words=("delivery policy",)
    ),
}


LONG = (
    "a shell and curl, that does not try again",  # its minute is the patience with which curl is awaited
    "the same, and loses the last line",
)


def run(folder: Path, strange: Strange, *more: str) -> Ended:
    (folder / "profile.toml").write_text(f'name = "strange"\n{strange.profile}')
    command = shlex.join([sys.executable, "-m", f"tests.scenarios.strange.{strange.program}"])
    arguments = ["--forwarder-command", command] if strange.program else []
    variables = {"UPLAB_LOOK": "yes", "NOTES": str(folder / "notes"), **strange.variables}
    return uplab(
        folder,
        *("run", *strange.scenarios, "--forwarder-profile", "profile.toml", "--report-dir", "runs"),
        *(*arguments, *strange.arguments, *more),
        **variables,
    )


@pytest.mark.parametrize("name", [pytest.param(name, marks=nightly) if name in LONG else name for name in STRANGE])
def test_forwarder_of_another_shape_is_judged_by_what_it_declares(name: str, tmp_path: Path, free_ports: int) -> None:
    strange = STRANGE[name]

    # What no process of ours is has fixed ports, which another test may have as well.
    ended = run(tmp_path, strange, *(() if strange.program else ("--base-port", str(free_ports))))

    out = " ".join(ended.out.split())
    assert not (strange.code and ended.code == PASSED), "who is guilty never passes"
    if ended.code == UNKNOWN and "this machine was too slow" in out:
        pytest.skip("this machine was too slow to tell")
    assert ended.code == strange.code, ended.out + ended.err
    assert "Traceback" not in ended.out + ended.err
    if not strange.code:
        assert set(ended.outcomes.values()) == {"passed"}
    for word in strange.words:
        assert word in out, ended.out
