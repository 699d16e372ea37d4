"""The census: what each foreign client really called, and which share of it was served.

A call is a REST path with its ids taken out, an MQTT topic with its numbers taken out, or an MQTT filter. It was served
unless the fake said that it does not have it (501, 404, 405) or did not know the topic.
`python -m tests.clients.census RUN...` counts what a connector called in stored runs, such as reports/runs/latest.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from uplab.fakes.journal import Journal
from uplab.fakes.thingsboard.mqtt import topics

__all__ = ["CALLS", "count", "enter", "summary"]

# (client, call, served) to how often.
CALLS: Counter[tuple[str, str, bool]] = Counter()

_ID = re.compile(r"/[0-9a-f]{8}-[0-9a-f-]{27}|/tb_[\w-]+")
_NUMBER = re.compile(r"/\d+(?=/|$)")
_TOKEN = re.compile(r"^/api/v1/[^/]+")
_TOPICS = {
    *topics.TELEMETRY,
    *topics.ATTRIBUTES,
    topics.CLAIM,
    topics.PROVISION_REQUEST,
    topics.GATEWAY_ATTRIBUTES,
    topics.GATEWAY_DISCONNECT,
    topics.GATEWAY_RPC,
    *(f"{topics.GATEWAY}/{name}" for name in ("telemetry", "connect", "claim", "attributes/request")),
    *(f"{prefix}#" for prefix in (*topics.ATTRIBUTE_REQUEST, *topics.RPC_REQUEST, *topics.RPC_RESPONSE)),
    "v2/fw/request/#/chunk/#",
}


def count(client: str, journal: Journal) -> None:
    """Enter what one client did."""
    enter(client, ((entry.hop, entry.facts) for entry in journal.entries()))


def enter(client: str, hops: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """Enter what stands in a history, hop by hop."""
    arrived: dict[Any, str] = {}
    for hop, facts in hops:
        if facts.get("fake") != "thingsboard":
            continue
        if hop == "destination.arrived":
            path = str(facts["url"]).partition("?")[0]
            path = _ID.sub("/{id}", _TOKEN.sub("/api/v1/{token}", path))
            arrived[facts["exchange"]] = f"{facts['method']} {path}"
        elif hop == "destination.answered":
            call = arrived.pop(facts["exchange"], "")
            if " /api" in call:
                CALLS[client, call, facts["status"] not in (404, 405, 501)] += 1
        elif hop == "destination.published":
            topic = _NUMBER.sub("/#", str(facts["topic"]))
            CALLS[client, f"PUBLISH {topic}", topic in _TOPICS] += 1


def summary() -> list[str]:
    """The census as lines: for each client how many calls of how many kinds, and what was not served."""
    lines = []
    for client in sorted({client for client, _, _ in CALLS}):
        mine = {key: number for key, number in CALLS.items() if key[0] == client}
        kinds = {call for _, call, _ in mine}
        missed = sorted({call for _, call, served in mine if not served} - {call for _, call, ok in mine if ok})
        share = 100 * (len(kinds) - len(missed)) / len(kinds)
        lines.append(
            f"{client:<22} {sum(mine.values()):>6} calls of {len(kinds):>3} kinds, {share:5.1f} % of the kinds served"
        )
        lines += [f"{'':<22} not served: {call}" for call in missed]
    return lines


def as_data() -> list[dict[str, Any]]:
    """The census for programs."""
    return [
        {"client": client, "call": call, "served": ok, "times": n} for (client, call, ok), n in sorted(CALLS.items())
    ]


def as_json() -> bytes:
    """The same as bytes."""
    return orjson.dumps(as_data(), option=orjson.OPT_INDENT_2)


def main(folders: list[str]) -> int:
    """Count the stored histories of runs, each as one connector."""
    for folder in folders:
        run = Path(folder)
        client = str(orjson.loads((run / "run.json").read_bytes())["forwarder"]["name"])
        for history in sorted((run / "history").glob("*.jsonl")):
            lines = [orjson.loads(line) for line in history.read_bytes().splitlines()]
            enter(client, ((one["hop"], one["facts"]) for one in lines if "hop" in one))
    print("\n".join(summary()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
