"""The process as a whole: its start, its end, and what survives both."""

import json
import os
import signal
import socket
import sqlite3
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.simulator.forwarder.destination import HANG, Destination, answer
from tests.simulator.forwarder.making import HTTP_EXAMPLE, changed
from tests.simulator.forwarder.process import Forwarder, run_forwarder, start_forwarder
from uplab.simulator.forwarder.store.store import Store


def test_ready_line_says_where_everything_is(tmp_path: Path) -> None:
    with Forwarder(tmp_path) as forwarder:
        base = urlsplit(forwarder.ready["api"])
        assert base.hostname == "127.0.0.1"
        assert forwarder.ready == {
            "api": f"http://{base.netloc}/iot-flow/v1",
            "ingress": f"http://{base.netloc}/ingress",
            "downlink_base": f"http://{base.netloc}",
            "pages": f"http://{base.netloc}/iot-flow/",
        }


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_with_code_0(tmp_path: Path, number: signal.Signals) -> None:
    forwarder = Forwarder(tmp_path)
    forwarder.start()

    assert forwarder.stop(number) == 0
    assert "Traceback" not in forwarder.log


def test_log_is_json_line_by_line(tmp_path: Path) -> None:
    with Forwarder(tmp_path) as forwarder:
        forwarder.create("http://127.0.0.1:1/")
    assert all(json.loads(line)["message"] for line in forwarder.log.splitlines())


def one_line(folder: Path, *arguments: str, **variables: str) -> str:
    """Run a forwarder that cannot start, and give the line that says why."""
    ended = run_forwarder(folder, *arguments, **variables)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = [line for line in ended.stderr.splitlines() if not line.startswith("{")]
    return line


def test_port_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = one_line(tmp_path, "--listen", f"127.0.0.1:{port}")

    assert line == f"forwarder: cannot listen on 127.0.0.1:{port}: Address already in use"


def test_corrupt_state_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "forwarder.sqlite3").write_bytes(b"this is no database" * 1000)
    assert "is corrupt" in one_line(tmp_path)


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("DROP TABLE message", "cannot use the state file forwarder.sqlite3: no such table: message"),
        ("INSERT INTO connection (uuid, body) VALUES ('u', '{')", "connection 1 of the state file cannot be used"),
        ("INSERT INTO connection (uuid, body) VALUES ('u', '{}')", "connection 1 of the state file cannot be used: "),
        ("INSERT INTO flow (body) VALUES ('[]')", "flow 1 of the state file cannot be used"),
        ("PRAGMA user_version = 99", "written by a newer version"),
    ],
)
def test_state_that_cannot_be_used_is_said_in_one_line(tmp_path: Path, statement: str, message: str) -> None:
    Store(tmp_path / "forwarder.sqlite3").close()
    with sqlite3.connect(tmp_path / "forwarder.sqlite3") as database:
        database.execute(statement)
    database.close()

    assert message in one_line(tmp_path)


def test_ready_line_that_nobody_reads_is_no_reason_to_end(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with (tmp_path / "stderr.log").open("wb") as log:
        process = start_forwarder(tmp_path, stdout=writing, stderr=log)
    os.close(writing)
    try:
        deadline = time.monotonic() + 20
        while "ready line cannot be written" not in (tmp_path / "stderr.log").read_text("utf-8"):
            assert process.poll() is None
            assert time.monotonic() < deadline
        process.terminate()
        assert process.wait(20) == 0
    finally:
        process.kill()
    assert "Traceback" not in (tmp_path / "stderr.log").read_text("utf-8")


def test_state_in_use_is_said_in_one_line(tmp_path: Path) -> None:
    with Forwarder(tmp_path):
        assert "another forwarder is using it" in one_line(tmp_path)


@pytest.mark.parametrize(
    ("variables", "message"),
    [
        ({"UPLAB_CLOCK": "x"}, "UPLAB_CLOCK must be three numbers"),
        ({"UPLAB_RESOLVE": "x"}, "UPLAB_RESOLVE: UPLAB_RESOLVE: 'x' is not"),
        ({"UPLAB_TRANSPORTS": "a:1=ftp"}, "UPLAB_TRANSPORTS: 'a:1=ftp' is not address:port=transport, with"),
        ({"UPLAB_CONNECTIONS": "x"}, "UPLAB_CONNECTIONS is no JSON"),
        ({"UPLAB_CONNECTIONS": "{}"}, "UPLAB_CONNECTIONS must be a JSON array"),
        ({"UPLAB_CONNECTIONS": '[{"name":"x"}]'}, "UPLAB_CONNECTIONS, entry 0: connectorId is mandatory"),
    ],
)
def test_wrong_environment_is_said_in_one_line(tmp_path: Path, variables: dict[str, str], message: str) -> None:
    assert message in one_line(tmp_path, **variables)


def test_connections_of_the_environment_are_created_once(tmp_path: Path) -> None:
    bodies = [changed(HTTP_EXAMPLE, destinationURL="http://127.0.0.1:1/")]
    with Forwarder(tmp_path, UPLAB_CONNECTIONS=json.dumps(bodies)) as forwarder:
        (first,) = forwarder.call("GET", "/connections").json()
        forwarder.stop()
        forwarder.start()
        (again,) = forwarder.call("GET", "/connections").json()

    assert (first["id"], first["downlinkUrl"].rpartition("/")[2]) == (
        again["id"],
        again["downlinkUrl"].rpartition("/")[2],
    )


def test_state_survives_a_kill(tmp_path: Path) -> None:
    with Destination(lambda _: answer(503)) as destination, Forwarder(tmp_path) as forwarder:
        connection = forwarder.create(destination.url)
        flow = forwarder.bind(connection)
        before = forwarder.show(connection)
        for f_cnt in range(1, 6):
            forwarder.uplink(f_cnt)
        destination.wait_for(1)

        forwarder.kill()
        destination.answers = lambda _: answer(200)
        forwarder.start()

        arrivals = destination.wait_for(6)
        assert [arrival.uplink["FCntUp"] for arrival in arrivals] == [1, 1, 2, 3, 4, 5]
        after = forwarder.show(connection)
        assert after["downlinkUrl"].rpartition("/")[2] == before["downlinkUrl"].rpartition("/")[2]
        assert {**after, "state": 0, "startupTime": 0, "downlinkUrl": 0} == {
            **before,
            "state": 0,
            "startupTime": 0,
            "downlinkUrl": 0,
        }
        assert [shown["id"] for shown in forwarder.call("GET", "/flows").json()] == [flow]
        forwarder.wait_until("all delivered", lambda: forwarder.counters(connection)["uplinksDelivered"] == 5)
        assert forwarder.counters(connection)["uplinks"] == 5


def test_stop_finishes_what_is_in_flight(tmp_path: Path) -> None:
    with Destination() as destination, Forwarder(tmp_path) as forwarder:
        forwarder.bind(forwarder.create(destination.url))
        for f_cnt in range(1, 51):
            forwarder.uplink(f_cnt)
        assert forwarder.stop() == 0
        told = len(destination.arrivals)
        forwarder.start()
        destination.wait_for(50)

        assert [arrival.uplink["FCntUp"] for arrival in destination.arrivals] == list(range(1, 51))
        assert told <= 50


def test_hanging_destination_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    with Destination(lambda _: HANG) as destination, Forwarder(tmp_path, "--stop-s", "0.1") as forwarder:
        forwarder.bind(forwarder.create(destination.url))
        forwarder.uplink()
        destination.wait_for(1)

        assert forwarder.stop() == 0
        assert (
            '"deliveries are cut off, and begin anew at the next start","connection":1,"deliveries":1' in forwarder.log
        )


def test_only_own_names_are_answered(tmp_path: Path) -> None:
    names = {"UPLAB_PUBLIC_BASE": "https://flow.example", "UPLAB_FORWARDER_ALLOW_HOST": "proxy.example,other.example"}
    with Destination() as destination, Forwarder(tmp_path, **names) as forwarder:
        connection = forwarder.create(destination.url)
        base = forwarder.ready["api"].removesuffix("/iot-flow/v1")
        places = (
            "/",
            "/iot-flow/v1/connections",
            f"/iot-flow/v1/connections/{connection}",
            "/iot-flow/v1/openapi.json",
        )
        for method in ("GET", "POST", "DELETE"):
            for place in (*places, "/thingpark/lrc/uplink", "/iot-flow/downlinkMessages/x"):
                answer = forwarder.client.request(method, f"{base}{place}", headers={"Host": "evil.example:80"})
                assert answer.status_code == 421, (method, place)
                assert "--allow-host evil.example" in answer.json()["message"]
        for host in ("127.0.0.1", "[::1]:9", "localhost:8080", "flow.example", "proxy.example:81", "other.example"):
            answer = forwarder.client.get(f"{base}/iot-flow/v1/connections", headers={"Host": host})
            assert [one["id"] for one in answer.json()] == [connection]


def test_downlink_urls_begin_with_the_public_base(tmp_path: Path) -> None:
    base = "https://community.thingpark.io"
    with Destination() as destination, Forwarder(tmp_path, UPLAB_PUBLIC_BASE=base) as forwarder:
        connection = forwarder.create(destination.url)
        forwarder.bind(connection)
        url = f"{forwarder.ready['api']}/connections/{connection}"
        shown = forwarder.client.get(url, headers={"X-Forwarded-Host": "evil"}).json()["downlinkUrl"]
        forwarder.uplink()

        assert forwarder.ready["downlink_base"] == base
        assert shown.startswith(f"{base}/iot-flow/downlinkMessages/")
        assert destination.wait_for(1)[0].uplink["downlinkUrl"] == shown


def test_secrets_reach_no_log(tmp_path: Path) -> None:
    canary = "canary-0123456789abcdef"
    with Destination(lambda _: answer(401, canary.encode())) as destination:
        with Forwarder(tmp_path, "--log-level", "debug") as forwarder:
            url = f"{destination.url}?token={canary}"
            headers = {"Authorization": f"Bearer {canary}", "X-Key": canary}
            connection = forwarder.create(url, headers=headers, downlinkAsKey=canary)
            forwarder.bind(connection)
            forwarder.uplink()
            forwarder.post(b"{}", f"Token={canary}&AS_ID={canary}")
            forwarder.call("POST", "/connections", json={"connectorId": canary})
            destination.wait_for(1)
            forwarder.wait_until("an event", lambda: forwarder.events(connection, "UPLINK_FAILED"))
            assert canary not in json.dumps(forwarder.events(connection))
        forwarder_log = forwarder.log

    assert canary not in forwarder_log


def test_help_and_wrong_option(tmp_path: Path) -> None:
    assert "--failure-generation" in run_forwarder(tmp_path, "--help").stdout
    assert run_forwarder(tmp_path, "--nonsense").returncode == 2


def test_open_connections_do_not_delay_the_end(tmp_path: Path) -> None:
    with Forwarder(tmp_path) as forwarder, httpx.Client(trust_env=False) as idle:
        idle.get(f"{forwarder.ready['api']}/connections")
        assert forwarder.stop() == 0
