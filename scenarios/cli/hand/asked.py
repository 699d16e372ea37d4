"""What the desk answers: its page, the state of the lab, and what a client asks it to do. Bytes in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final
from urllib.parse import parse_qsl

import httpx

from uplab.scenarios.checks.verdict import CheckFailed, CheckUnknown
from uplab.scenarios.cli.hand.breaking import kinds
from uplab.scenarios.cli.hand.by_hand import hex_bytes, read_recorded, read_wish
from uplab.scenarios.cli.hand.desk import DeskError, LabDesk
from uplab.scenarios.cli.hand.door import Caller
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.simulator.errors import SimulatorError

__all__ = ["handler"]

_PAGES: Final = {
    "/desk.css": ("desk.css", "text/css; charset=utf-8"),
    "/desk.js": ("desk.js", "text/javascript; charset=utf-8"),
}
_SHOWN: Final = ("/", "/devices", "/state", "/ways", "/faults", "/kinds")


def handler(desk: LabDesk) -> type[Caller]:
    """Whoever comes through the door of this desk."""

    class Handler(Caller):
        def do_GET(self) -> None:  # noqa: N802 - by this name it is called
            """Shows the page, or what it is made of."""
            path, _, query = self.path.partition("?")
            if path == "/" and "text/html" in (self.headers.get("Accept") or ""):
                return self.page("desk.html", "text/html; charset=utf-8")
            if path in _PAGES:
                return self.page(*_PAGES[path])
            try:
                return self.answer(200, _show(desk, path, dict(parse_qsl(query))))
            except KeyError:
                return self.answer(404, {"message": f"nothing at {path}; there are {', '.join(_SHOWN)}"})

        def do_POST(self) -> None:  # noqa: N802
            """Does what is asked."""
            raw = self.body()
            if raw is None:
                return None
            path, _, query = self.path.partition("?")
            try:
                if path == "/document":
                    asked = dict(parse_qsl(query))
                    sent = desk.send_document(raw, as_is="as_is" in asked, routing=asked.get("routing") != "0")
                    return self.answer(200, sent)
                return self.answer(200, _carry_out(desk, path, json.loads(raw or b"{}")))
            except (DeskError, ValueError) as error:
                return self.answer(400, {"message": str(error)})
            except (CheckFailed, CheckUnknown, SimulatorError, httpx.HTTPError, TimeoutError) as error:
                told = error.verdict.happened if isinstance(error, NoAnswerError) and error.verdict else error
                dead = desk.dead()
                message = f"the forwarder {dead}" if dead else f"the forwarder did not play along: {told}"
                return self.answer(502, {"message": message})

        def page(self, name: str, kind: str) -> None:
            """A file of the page."""
            self.whole(200, (files("uplab.scenarios") / "cli" / "hand" / "pages" / name).read_bytes(), kind)

    return Handler


def _show(desk: LabDesk, path: str, query: Mapping[str, str]) -> Any:
    """What stands at a path; KeyError where nothing does."""
    shown: dict[str, Callable[[], Any]] = {
        "/": desk.addresses,
        "/devices": desk.devices,
        "/state": desk.state,
        "/ways": lambda: desk.ways(_number(query.get("after", "0"))),
        "/faults": desk.breaking.shown,
        "/kinds": kinds,
    }
    return shown[path]()


def _number(text: str) -> int:
    return int(text[:18]) if text.isascii() and text.isdigit() else 0


def _carry_out(desk: LabDesk, path: str, body: Any) -> dict[str, Any]:
    """One request of a client of the desk; DeskError names what is wrong with it."""
    done: dict[str, Callable[[LabDesk, dict[str, Any]], dict[str, Any]]] = {
        "/send": _send,
        "/join": _join,
        "/phy": lambda desk, body: desk.send_phy(
            str(body.get("dev_eui")), hex_bytes(body.get("phy_hex"), "the PHYPayload")
        ),
        "/downlink": _downlink,
        "/bind": lambda desk, body: desk.bind(str(body.get("dev_eui")), body.get("connection")),
        "/faults": lambda desk, body: desk.break_(str(body.get("fake")), body.get("faults"), body.get("seconds")),
        "/save": lambda desk, body: desk.save(str(body.get("name") or "by-hand")),
    }
    if path not in done:
        there = ", ".join(["/send, /document", *list(done)[1:-1]])
        raise DeskError(f"nothing at {path}; there are {there} and {list(done)[-1]}")
    if not isinstance(body, dict):
        raise DeskError('a request is one JSON object, such as {"model": "elsys_ers", "readings": {}}')
    return done[path](desk, body)


def _join(desk: LabDesk, body: dict[str, Any]) -> dict[str, Any]:
    wished = read_wish({name: body.get(name) for name in ("region", "class")})
    return desk.join(str(body.get("device")), region=wished.region, device_class=wished.device_class)


def _downlink(desk: LabDesk, body: dict[str, Any]) -> dict[str, Any]:
    asked = body.get("downlink")
    return desk.downlink(str(body.get("dev_eui")), asked if isinstance(asked, dict) else {})


def _send(desk: LabDesk, body: dict[str, Any]) -> dict[str, Any]:
    model, readings, dev_eui = body.get("model"), body.get("readings") or {}, body.get("dev_eui")
    if not isinstance(model, str):
        raise DeskError(f"model takes a name, not {model!r}")
    if not isinstance(readings, dict):
        raise DeskError(f"readings takes an object, not {readings!r}")
    if not isinstance(dev_eui, str | None):
        raise DeskError(f"dev_eui takes 16 hexadecimal digits, not {dev_eui!r}")
    recorded = read_recorded(model, body.get("recorded"))
    bind = bool(body.get("bind", True))
    return desk.send(model, readings, dev_eui=dev_eui, bind=bind, wish=read_wish(body), recorded=recorded)
