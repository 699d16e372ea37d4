"""A stored run as the lab would leave it, made up: passed, failed, unknown, not applicable, gaps, and texts that bite.

`python -m tests.reports.sample FOLDER [SCENARIOS LINES]` writes one to look at.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from tests.reports.sample_catalogue import NASTY, REQUIREMENTS, SCENARIOS

__all__ = ["NASTY", "history_of", "make_run", "verdict"]

_ORIGIN_S = 4711.25
_TIME = "2025-11-20T22:11:04.123+00:00"
_GATEWAYS = (("08060F01", -71.5, 9.2), ("08060F02", -104.0, -3.5))


def verdict(check: str = "none lost", outcome: str = "passed", **fields: Any) -> dict[str, Any]:
    """One verdict as run.json holds it."""
    promised = {
        "none lost": "each uplink that the forwarder accepted is delivered once, and none that it refused",
        "none twice": "each uplink arrives once; again only after an answer that was lost or refused",
        "right headers": "every configured header arrives once, with exactly its value: X-Thing, X-Site, Authorization",
        "unaltered": "the document is delivered unaltered; only downlinkUrl and payload are added",
        "in order": "the uplinks of one device arrive in the order in which it sent them, one after the other",
    }.get(check, "what the document says")
    return {
        "check": check,
        "requirement": None,
        "outcome": outcome,
        "examined": 3,
        "promised": promised,
        "happened": "3 of 3 accepted uplinks delivered to posthere /4b19-48f6-94cc",
        "hop": None,
        "advice": None,
        "ids": [],
    } | fields


def _check(name: str, promise: str, *source: str, standing: bool = False) -> dict[str, Any]:
    asked = {"asks": f"is it {name}?", "advice": "look at the timeline"}
    return {"name": name, "standing": standing, "promise": promise, "source": list(source), **asked}


CHECKS = [
    _check("none lost", "each accepted uplink is delivered", "HTTP-12", "CONTRACT 2"),
    _check("right headers", "every configured header arrives once", "HTTP-05", "HTTP-06", "CONTRACT 4"),
    _check("none twice", "each uplink arrives once", "HTTP-12"),
    _check("none twice", "what was taken does not come again", "HTTP-12", standing=True),
    _check("within", "each uplink arrives in time", "COM-19"),
]


def _dev_eui(number: int) -> str:
    return f"0018B200000{number % 1000:05d}"


class _Pen:
    """Writes lines with rising numbers and times."""

    def __init__(self) -> None:
        self.seq = 0
        self.now_s = _ORIGIN_S

    def line(self, hop: str, id_: str | None, after_ms: float, raw: str | None = None, **facts: Any) -> dict[str, Any]:
        self.seq += 1
        self.now_s += after_ms / 1000
        wall = f"2025-11-20T22:11:{self.seq % 60:02d}.{self.seq % 1000:03d}+00:00"
        stored = {
            "seq": self.seq,
            "monotonic_s": round(self.now_s, 6),
            "wall": wall,
            "hop": hop,
            "id": id_,
            "facts": facts,
        }
        return stored if raw is None else stored | {"raw": raw}


def document(dev_eui: str, f_cnt: int, comment: str = "") -> str:
    """A shortened DevEUI_uplink, as JSON text."""
    report: dict[str, Any] = {
        "Time": "2025-11-20T22:11:04.123+00:00",
        "DevEUI": dev_eui,
        "FPort": 5,
        "FCntUp": f_cnt,
        "LostUplinksAS": 0,
        "ADRbit": 1,
        "MType": 2,
        "payload_hex": "0100e202290400270506060308070d62",
        "mic_hex": "38e7a3b9",
        "LrrRSSI": -71.5,
        "LrrSNR": 9.2,
        "LrrESP": -72.0,
        "SpFact": 7,
        "SubBand": "G1",
        "Channel": "LC2",
        "DriverCfg": {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}},
        "DevAddr": "04BE2F1A",
    }
    return orjson.dumps({"DevEUI_uplink": report | ({"Comment": comment} if comment else {})}).decode()


def _uplink(
    pen: _Pen, number: int, *, until: str = "delivered", fake: str = "posthere", comment: str = ""
) -> Iterator[dict[str, Any]]:
    """The way of one uplink: `until` "delivered", "lost" (in the forwarder), "twice", or "retried" (after a 503)."""
    id_, dev_eui, f_cnt = f"u{number}", _dev_eui(number % 3), number // 3 + 1
    body = document(dev_eui, f_cnt, comment)
    yield from _over_the_air(pen, id_, dev_eui, f_cnt)
    made: dict[str, Any] = {"root": "DevEUI_uplink", "dev_eui": dev_eui, "f_cnt": f_cnt, "time": _TIME}
    yield pen.line("network.document", id_, 200.2, **made, document=orjson.loads(body))
    posted: dict[str, Any] = {"attempt": number, "dev_eui": dev_eui, "f_cnt": f_cnt}
    yield pen.line("tunnel.sent", id_, 0.6, raw=body, **posted, url=f"/ingress?LrnDevEui={dev_eui}&LrnFPort=5")
    yield pen.line("tunnel.answered", id_, 3.4, attempt=number, outcome="accepted", status=202, reason="")
    answers = {"delivered": (200,), "twice": (200, 200), "retried": (503, 200), "lost": ()}[until]
    for turn, status in enumerate(answers):
        yield from _arrival(pen, id_, number * 10 + turn, fake, body, status)


def _over_the_air(pen: _Pen, id_: str, dev_eui: str, f_cnt: int) -> Iterator[dict[str, Any]]:
    phy = f"4004be2f1a80{f_cnt:04x}{id_.encode().hex()}"
    frame: dict[str, Any] = {"f_cnt": f_cnt, "f_port": 5, "payload_hex": "0100e20229", "m_type": 2, "time": _TIME}
    yield pen.line("device.sent", id_, 40, dev_eui=dev_eui, **frame, phy_hex=phy)
    for lrr_id, rssi, snr in _GATEWAYS:
        radio: dict[str, Any] = {"rssi_dbm": rssi, "snr_db": snr, "esp_dbm": rssi - 0.5}
        yield pen.line("gateway.heard", id_, 0.3, lrr_id=lrr_id, dev_eui=dev_eui, **radio, phy_hex=phy)


def _arrival(pen: _Pen, id_: str, exchange: int, fake: str, body: str, status: int) -> Iterator[dict[str, Any]]:
    headers = [["X-Thing", "0018B20000000001"], ["Authorization", "SECRET-7c2f01d4-cf6a-4d63-9c30-d0000000"]]
    if fake == "thingsboard":
        yield pen.line(
            "destination.published",
            id_,
            4.1,
            raw=body,
            fake=fake,
            exchange=exchange,
            session=1,
            topic="v1/gateway/telemetry",
            level=4,
            qos=1,
            retain=False,
            duplicate=False,
            packet_id=exchange,
            properties=[],
            members=None,
        )
        yield pen.line(
            "destination.acknowledged", id_, 0.4, fake=fake, session=1, exchange=exchange, kind="PUBACK", code=0
        )
        return
    yield pen.line(
        "destination.arrived",
        id_,
        4.1,
        raw=body,
        fake=fake,
        exchange=exchange,
        method="POST",
        url="/4b19-48f6-94cc",
        host="posthere.io",
        headers=headers,
        size=len(body.encode()),
        complete=True,
        delivery=True,
    )
    if status == 503:
        yield pen.line("fault.delivered", id_, 0.1, fault="refuse-once", exchange=exchange, action="answer 503")
    yield pen.line("destination.answered", id_, 0.8, exchange=exchange, fake=fake, status=status, written=True)


def _downlink(pen: _Pen, number: int, *, rejected: bool = False) -> Iterator[dict[str, Any]]:
    id_, dev_eui = f"d{number}", _dev_eui(number)
    shared: dict[str, Any] = {"dev_eui": dev_eui, "f_port": 6, "payload_hex": "9e1c4852"}
    yield pen.line(
        "downlink.posted",
        id_,
        12,
        raw="{}",
        **shared,
        status=202,
        correlation_id="c0ffee01",
        url="http://127.0.0.1/downlinks",
        answer="{}",
        headers=[],
    )
    yield pen.line(
        "network.downlink",
        id_,
        5,
        **shared,
        correlation_id="c0ffee01",
        outcome="rejected" if rejected else "queued",
        cause="the queue is full" if rejected else None,
    )
    if not rejected:
        yield pen.line("gateway.sent", id_, 1000, lrr_id="08060F01", dev_eui=dev_eui, window="RX1", phy_hex="60aa")
        yield pen.line("device.received", id_, 61.7, **shared, f_cnt_down=4, window="RX1", confirmed=False)


def history_of(kind: str, *, lines: int = 0) -> list[dict[str, Any]]:
    """The lines of one scenario's history; `lines` asks for at least so many."""
    pen = _Pen()
    fake = "thingsboard" if kind == "thingsboard" else "posthere"
    found = [
        pen.line("api.asked", None, 0, raw="{}", method="POST", path="/connections"),
        pen.line("api.answered", None, 6.2, raw="{}", method="POST", path="/connections", status=201, headers=[]),
        pen.line(
            "device.sent",
            None,
            2,
            dev_eui=_dev_eui(1),
            f_cnt=None,
            f_port=None,
            payload_hex="",
            phy_hex="00",
            m_type=0,
            time=_TIME,
        ),
        pen.line("network.joined", None, 5, dev_eui=_dev_eui(1), dev_addr="04BE2F1A"),
    ]
    if fake == "thingsboard":
        found.append(
            pen.line(
                "destination.connected",
                None,
                3,
                fake=fake,
                session=1,
                username="tenant@thingsboard.org",
                client_id="uplab",
                level=4,
                code=0,
            )
        )
    if kind == "downlink":
        found += [*_downlink(pen, 1), *_downlink(pen, 2, rejected=True)]
    else:
        for number in (1, 2, 3):
            until = kind if number == 2 and kind in ("lost", "twice", "retried") else "delivered"
            comment = f"{NASTY} {'long ' * 2000}" if kind == "nasty" and number == 2 else ""
            found += _uplink(pen, number, until=until, fake=fake, comment=comment)
    if kind == "nasty":
        found.append(pen.line("network.refused", None, 3, reason=NASTY, phy_hex="40" * 5000))
    number = 4
    while len(found) < lines:
        found += _uplink(pen, number, fake=fake)
        number += 1
    return found


def make_run(
    folder: Path, *, scenarios: int = 30, lines: int = 0, change: Callable[[dict[str, Any]], None] | None = None
) -> Path:
    """Writes run.json and the histories of a made-up run; `change` may alter what run.json will hold."""
    (folder / "history").mkdir(parents=True, exist_ok=True)
    stored = [
        _scenario(number, SCENARIOS[number % len(SCENARIOS)], number // len(SCENARIOS)) for number in range(scenarios)
    ]
    for scenario in stored:
        kind = scenario.pop("kind")
        if scenario["history"]:
            rows = history_of(kind, lines=lines)
            (folder / scenario["history"]).write_bytes(
                b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows)
            )
    run: dict[str, Any] = {
        "format": 2,
        "checks": CHECKS,
        "uplab": "0.1.0",
        "seed": 7,
        "started": "2025-11-20T22:11:04.120+00:00",
        "duration_s": 41.73,
        "forwarder": {
            "name": "reference",
            "command": "/opt/python -m uplab.simulator.forwarder",
            "profile": "reference",
        },
        "exit_code": 1,
        "random_order": False,
        "requirements": REQUIREMENTS,
        "scenarios": stored,
    }
    if change is not None:
        change(run)
    (folder / "run.json").write_bytes(orjson.dumps(run, option=orjson.OPT_INDENT_2))
    return folder


def _scenario(number: int, row: dict[str, Any], turn: int) -> dict[str, Any]:
    """One scenario of the table, made distinct when the table is gone through again."""
    name = row["title"].replace(" ", "_").lower() if "name" not in row else row["name"]
    suffix = f"[{turn}]" if turn else ""
    checks = [
        verdict(**check)
        for check in row.get("verdicts", ({}, {"check": "none twice", "happened": "3 uplinks, each once"}))
    ]
    outcome = row.get("outcome", "passed")
    applies = outcome != "not applicable"
    message = "\n".join(
        f"{v['check']} {v['outcome']}\n  promised: {v['promised']}\n  happened: {v['happened']}"
        for v in checks
        if v["outcome"] != "passed"
    )
    return {
        "id": f"scenarios/{row['suite']}/test_{row['file']}.py::test_{name}{suffix}",
        "title": row["title"],
        "suite": row["suite"],
        "requirements": row["requirements"],
        "outcome": outcome,
        "duration_s": round(0.21 + (number * 37 % 91) / 40, 3) if applies else 0.0,
        "worker": "main",
        "reason": row.get("reason"),
        "message": row.get("message") or message or None,
        "history": f"history/{row['suite']}-{row['file']}-{number}.jsonl" if applies else None,
        "verdicts": checks if applies else [],
        "kind": row.get("kind", "plain"),
    }


if __name__ == "__main__":
    numbers = [int(argument) for argument in sys.argv[2:4]]
    make_run(
        Path(sys.argv[1]), scenarios=(numbers or [30])[0], lines=(numbers or [0, 0])[-1] if len(numbers) > 1 else 0
    )
