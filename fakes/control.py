"""The control of a fake that stands alone, the same for all of them: faults to come, and a journal of what happened.

GET  /                what there is
GET  /faults          the faults in force, and how often each was met; PUT takes a list of others, DELETE takes all away
GET  /journal         what happened, one hop a line (NDJSON); `hop`, `after` and `follow` narrow, continue and wait
DELETE /journal       forget it
POST /clear           bring the fake back to its beginning
GET  /settings        what may be changed while it runs; PATCH changes it

It is a site of its own: what is asked of it never stands in the journal, and never meets a fault.
"""

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable
from typing import Any, Final, Protocol

import orjson

from uplab.fakes.behaviour import Behaviour
from uplab.fakes.faults import Fault, as_data, from_data
from uplab.fakes.hosts import Hosts, from_another_site
from uplab.fakes.journal import Entry, Journal
from uplab.fakes.messages import Answer, Request, Stream, json_answer
from uplab.fakes.web import WebRim

__all__ = ["Control", "SettingError", "Settings"]

_NDJSON: Final = (("Content-Type", "application/x-ndjson"), ("Cache-Control", "no-store"))


class SettingError(ValueError):
    """A setting that cannot be; the message says which there are, or what is wrong."""


class Settings(Protocol):
    """What may be changed at a fake while it runs."""

    def show(self) -> dict[str, Any]:
        """All settings, and the counts that belong to them."""

    def change(self, values: dict[str, Any]) -> None:
        """Change some; raises SettingError and then changes nothing."""


class _Fake(Protocol):
    behaviour: Behaviour

    def clear(self) -> None: ...


class Control:
    """The control of one fake; an Emit that hands on to `then` what it keeps.

    All methods belong to the thread of the event loop.
    """

    def __init__(self, *, capacity: int = 20_000, then: Callable[[str, dict[str, Any]], None] | None = None) -> None:
        self.journal = Journal(capacity)
        self._then = then
        self._fake: _Fake | None = None
        self._settings: Settings | None = None
        self._followers: set[asyncio.Event] = set()
        self._web = WebRim(self._answer, name="control", delivers=lambda _method, _url: False, names=())

    def __call__(self, hop: str, facts: dict[str, Any]) -> None:
        """Take one hop."""
        self.journal(hop, facts)
        for follower in self._followers:
            follower.set()
        if self._then is not None:
            self._then(hop, facts)

    @property
    def hosts(self) -> Hosts:
        """The names that it answers to."""
        return self._web.hosts

    async def listen(self, fake: _Fake, host: str, port: int, settings: Settings | None = None) -> int:
        """Open the site and return its port; raises OSError when the address cannot be had."""
        self._fake, self._settings = fake, settings
        return await self._web.listen(host, port)

    async def stop(self) -> None:
        """Close the site."""
        await self._web.stop()

    # --- requests ---------------------------------------------------------------------------------------------------

    def _answer(self, request: Request) -> Answer | Stream:
        assert self._fake is not None, "listen comes first"
        name = request.path.strip("/") or "help"
        told = (request.header(one) for one in ("Sec-Fetch-Site", "Origin", "Host"))
        if request.method not in ("GET", "HEAD") and from_another_site(*told):
            return _problem(403, "nothing is changed for the pages of another site")
        known = _PLACES.get(name)
        if known is None:
            return _problem(404, f"there is no /{name}; there are {', '.join(f'/{one}' for one in _PLACES)}")
        if request.method not in known:
            return _problem(405, f"/{name} knows {', '.join(known)}")
        try:
            return known[request.method](self, request)
        except (ValueError, SettingError) as error:
            return _problem(400, str(error))

    def _help(self, _request: Request) -> Answer:
        return Answer(200, (__doc__ or "").encode(), (("Content-Type", "text/plain; charset=utf-8"),))

    def _show_faults(self, _request: Request) -> Answer:
        assert self._fake is not None
        behaviour = self._fake.behaviour
        return json_answer(200, [{**as_data(one), "met": behaviour.chosen[one.id]} for one in behaviour.faults])

    def _plan_faults(self, request: Request) -> Answer:
        assert self._fake is not None
        wanted = _json(request)
        if not isinstance(wanted, list) or not all(isinstance(one, dict) for one in wanted):
            raise ValueError("the body must be a list of faults, each an object")
        faults = []
        for one in wanted:
            fault = from_data({"type": "Fault", **{key: value for key, value in one.items() if key != "met"}})
            if not isinstance(fault, Fault):
                raise ValueError("each of them must be a Fault")
            faults.append(fault)
        self._fake.behaviour = Behaviour(faults)
        return self._show_faults(request)

    def _no_faults(self, request: Request) -> Answer:
        assert self._fake is not None
        self._fake.behaviour = Behaviour()
        return self._show_faults(request)

    def _show_journal(self, request: Request) -> Stream:
        query = dict(request.query)
        text = query.get("after", "0")
        if not (text.isascii() and text.isdigit()):
            raise ValueError(f"after must be the number of a line, not {text!r}")
        follow = query.get("follow", "").lower() in ("1", "true", "yes")
        lost = (("X-Uplab-Dropped", str(self.journal.dropped)),)
        return Stream(self._lines(query.get("hop"), int(text[:18]), follow=follow), 200, (*_NDJSON, *lost))

    async def _lines(self, hop: str | None, after: int, *, follow: bool) -> AsyncGenerator[bytes, None]:
        woken = asyncio.Event()
        self._followers.add(woken)
        try:
            while True:
                woken.clear()
                entries = self.journal.entries()
                first = self.journal.total - len(entries) + 1
                for number, entry in enumerate(entries[max(0, after + 1 - first) :], max(first, after + 1)):
                    after = number
                    if hop is None or entry.hop == hop:
                        yield _line(number, entry)
                if not follow:
                    return
                await woken.wait()
        finally:
            self._followers.discard(woken)

    def _forget(self, _request: Request) -> Answer:
        self.journal.clear()
        return Answer(204)

    def _clear(self, _request: Request) -> Answer:
        assert self._fake is not None
        self._fake.clear()
        return Answer(204)

    def _show_settings(self, _request: Request) -> Answer:
        return json_answer(200, self._settings.show() if self._settings else {})

    def _change_settings(self, request: Request) -> Answer:
        wanted = _json(request)
        if not isinstance(wanted, dict):
            raise ValueError("the body must be an object of settings")
        if self._settings is None:
            raise ValueError("this fake has no settings")
        self._settings.change(wanted)
        return self._show_settings(request)


_Handler = Callable[[Control, Request], Answer | Stream]
_PLACES: Final[dict[str, dict[str, _Handler]]] = {
    "help": {"GET": Control._help},  # noqa: SLF001 - the table stands beside its class
    "faults": {"GET": Control._show_faults, "PUT": Control._plan_faults, "DELETE": Control._no_faults},  # noqa: SLF001
    "journal": {"GET": Control._show_journal, "DELETE": Control._forget},  # noqa: SLF001
    "clear": {"POST": Control._clear},  # noqa: SLF001
    "settings": {"GET": Control._show_settings, "PATCH": Control._change_settings},  # noqa: SLF001
}


def _json(request: Request) -> Any:
    try:
        return orjson.loads(request.body)
    except orjson.JSONDecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from None


def _problem(status: int, message: str) -> Answer:
    return json_answer(status, {"message": message})


def _line(number: int, entry: Entry) -> bytes:
    """One hop as JSON; bytes are text where they are UTF-8, as in a stored history, else base64."""
    return orjson.dumps({"n": number, "hop": entry.hop, **entry.facts}, default=_bytes) + b"\n"


def _bytes(value: object) -> object:
    if not isinstance(value, bytes):
        raise TypeError
    try:
        return value.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(value).decode()}
