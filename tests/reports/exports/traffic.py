"""A short history with each kind of exchange in it."""

from uplab.scenarios.history.event import Event

__all__ = ["TRAFFIC"]

_JSON = [["content-type", "application/json"]]


def _event(
    seq: int, ms: float, hop: str, raw: bytes | None = None, ids: tuple[str, ...] = (), **facts: object
) -> Event:
    wall = f"2026-11-30T22:00:{ms // 1000:02d}.{ms % 1000:03d}+00:00"
    return Event(seq, 100 + ms / 1000, wall, hop, ids, facts, raw)


_HEADERS = [["Host", "bin.test"], ["Content-Type", "application/json"], ["X-Thing", "a\u0101"]]
_AT = {"fake": "posthere", "complete": True, "delivery": True}

TRAFFIC = (
    _event(1, 0, "api.asked", b'{"name": "x"}', method="POST", path="/connections"),
    _event(2, 5, "api.answered", b'{"id": "1"}', method="POST", path="/connections", status=201, headers=_JSON),
    _event(3, 10, "tunnel.sent", b'{"a": 1}', ("u1",), attempt=1, url="http://127.0.0.1:8080/ingress?LrnFPort=5"),
    _event(4, 12, "tunnel.answered", b"", ("u1",), attempt=1, outcome="accepted", status=200, reason=""),
    _event(
        5, 14, "destination.arrived", b'{"a": 1}', ("u1",), exchange=7, method="POST", url="/b?c=d", host="bin.test",
        headers=_HEADERS, size=8, **_AT,
    ),
    _event(6, 20, "destination.answered", None, ("u1",), exchange=7, fake="posthere", status=503, written=True),
    _event(
        7, 30, "destination.arrived", b"\xff\x00" * 50_000, ("u2",), exchange=8, method="POST", url="/b",
        host="bin.test", headers=_HEADERS[:1], size=100_000, **_AT,
    ),
    _event(8, 40, "downlink.posted", b"{}", ("d1",), url="http://iot.test/x", status=202, headers=_JSON, answer="{}"),
    _event(9, 50, "destination.connected", fake="thingsboard", session=3, username="u", client_id="c", level=5, code=0),
    _event(
        10, 60, "destination.published", b'{"D": []}', ("u3",), fake="thingsboard", session=3, exchange=9, level=5,
        topic="v1/gateway/telemetry", qos=1, retain=False, duplicate=True, packet_id=77, properties=[["a", "b"]],
    ),
    _event(
        11, 61, "destination.acknowledged", None, ("u3",), fake="thingsboard", session=3, exchange=9, kind="PUBACK",
        code=0,
    ),
)  # fmt: skip
