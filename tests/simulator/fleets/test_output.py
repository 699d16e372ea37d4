import csv
import io
import json
from pathlib import Path

from uplab.simulator.chance import Chance
from uplab.simulator.devices.fleet import read_fleet
from uplab.simulator.fleets.day import Day
from uplab.simulator.fleets.output import Output
from uplab.simulator.fleets.plan import Plan, groups_of

PLAN = Plan(groups=groups_of("elsys_ers", 3), hours=0.5)


def played(output: Output, *, keys: bool = False) -> Day:
    day = Day(PLAN, emit=output.frame)
    output.fleet(day.devices, day.gateways, keys=keys)
    for published in day.run():
        output.document(published.document)
    output.ledger(day.ledger, {"seed": PLAN.seed})
    return day


def test_folder_holds_documents_frames_gateways_devices_and_ledger(tmp_path: Path) -> None:
    with Output(tmp_path / "day", frames=True) as output:
        day = played(output)

    folder = tmp_path / "day"
    documents = [json.loads(line) for line in (folder / "documents.ndjson").read_text().splitlines()]
    frames = [json.loads(line) for line in (folder / "frames.ndjson").read_text().splitlines()]
    whole = json.loads((folder / "ledger.json").read_text())
    assert len(documents) == sum(day.ledger.roots.values())
    assert sum(frame["hop"] == "device.sent" for frame in frames) == sum(day.ledger.sent) + sum(day.ledger.join_tries)
    assert whole["sent"] == sum(day.ledger.sent)
    assert len((folder / "gateways.ndjson").read_text().splitlines()) == 2
    with (folder / "ledger.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["sent"]) for row in rows] == list(day.ledger.sent)


def test_keys_are_written_only_when_asked_for_and_can_be_read_back(tmp_path: Path) -> None:
    with Output(tmp_path / "without") as output:
        day = played(output)
    with Output(tmp_path / "with") as output:
        played(output, keys=True)

    secret = bytes(day.devices[0].app_key).hex()
    assert all(secret not in path.read_text() for path in (tmp_path / "without").iterdir())
    again = read_fleet(tmp_path / "with" / "devices.csv", Chance(1))
    assert [bytes(device.app_key) for device in again] == [bytes(device.app_key) for device in day.devices]
    assert [device.position_m for device in again] == [device.position_m for device in day.devices]


def test_stream_gets_the_documents_alone() -> None:
    stream = io.BytesIO()

    with Output(None, stream) as output:
        day = played(output)
        output.post({"outcome": "accepted"})

    assert len(stream.getvalue().splitlines()) == sum(day.ledger.roots.values())


def test_posts_have_a_file_once_there_is_one(tmp_path: Path) -> None:
    with Output(tmp_path) as output:
        assert not (tmp_path / "posts.ndjson").exists()
        output.post({"outcome": "accepted", "status": 200})

    assert json.loads((tmp_path / "posts.ndjson").read_text()) == {"outcome": "accepted", "status": 200}
