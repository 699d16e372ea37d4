"""The pages for people: log in, Devices, a device with its tabs, Device Types. They do what the REST API does.

The session is a cookie that other sites' forms do not send (SameSite=Lax), which is what keeps the forms safe.
"""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from uplab.fakes.messages import Answer, Request
from uplab.fakes.paging import paged
from uplab.fakes.widgelix.actions import (
    add_device,
    add_type,
    fields_from_lines,
    load_type,
    make_report,
    set_connectivity,
    start_downlink,
)
from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.errors import ConflictError, InvalidError, NotFoundError
from uplab.fakes.widgelix.fields import REPOSITORY
from uplab.fakes.widgelix.ranges import RANGES
from uplab.fakes.widgelix.routing import Call, Posting, Reply, Route, find, parameters
from uplab.fakes.widgelix.state import DEMO, WidgelixState
from uplab.fakes.widgelix.times import ago, iso, plain

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["answer"]

_PAGES = Path(__file__).parent / "pages"
_COOKIE: Final = "widgelix_session"
_TABS: Final = ("Dashboard", "History", "Downlinks", "Events", "Analyze", "Settings")
_DEBUG_SHOWN: Final = 20
# Nothing of a page comes from elsewhere, and no script runs: also not one that a device's name brings.
_POLICY: Final = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'"


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - most runs show no page

    made = Environment(
        loader=FileSystemLoader(_PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(iso=iso, ago=ago, plain=plain)
    return made


def answer(state: WidgelixState, request: Request, uplink_url: str) -> Reply:
    """Answer a request for a page; whoever is not logged in is sent to the login page."""
    if request.path == "/assets/style.css":
        return _asset("style.css", "text/css; charset=utf-8")
    if request.path == "/login":
        return _log_in(state, request)
    session = _session(request)
    account = state.account_of(session)
    if account is None:
        return _redirect("/login")
    call = Call(state, request, account, session, uplink_url)
    found = find(_ROUTES, request.method, request.path)
    if isinstance(found, list):
        return _message(call, 405 if found else 404, "There is no such page.")
    handler, ids = found
    try:
        return handler(Call(state, request, account, session, uplink_url, ids))
    except NotFoundError as error:
        return _message(call, 404, str(error))
    except InvalidError as error:
        return _message(call, 400, f"{error.field}: {error}")


def _page(name: str, status: int = 200, **values: Any) -> Answer:
    body = _templates().get_template(name).render(**values).encode()
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Security-Policy", _POLICY),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Answer(status, body, headers)


def _asset(name: str, content_type: str) -> Answer:
    return Answer(200, (_PAGES / name).read_bytes(), (("Content-Type", content_type), ("Cache-Control", "no-cache")))


def _redirect(path: str, *headers: tuple[str, str]) -> Answer:
    return Answer(303, b"", (("Location", path), *headers))


def _message(call: Call, status: int, text: str) -> Answer:
    return _page("message.html", status, account=call.account, section="", text=text)


def _form(request: Request) -> dict[str, str]:
    try:
        return dict(parse_qsl(request.body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError:
        raise InvalidError("form", "the form cannot be read") from None


# --- session


def _session(request: Request) -> str:
    for part in request.header("cookie").split(";"):
        name, _, value = part.strip().partition("=")
        if name == _COOKIE:
            return value
    return ""


def _log_in(state: WidgelixState, request: Request) -> Answer:
    if request.method != "POST":
        return _page("login.html", email="", error=None, demo=DEMO)
    try:
        form = _form(request)
    except InvalidError:
        form = {}
    email = form.get("email", "")
    session = state.log_in(email, form.get("password", ""))
    if session is None:
        return _page("login.html", 401, email=email, error="The e-mail address or the password is wrong.", demo=DEMO)
    secure = "; Secure" if request.tls else ""
    return _redirect("/devices", ("Set-Cookie", f"{_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax{secure}"))


def _log_out(call: Call) -> Reply:
    call.state.log_out(call.session)
    return _redirect("/login", ("Set-Cookie", f"{_COOKIE}=; Path=/; Max-Age=0"))


# --- lists


def _home(_: Call) -> Reply:
    return _redirect("/devices")


def _devices(call: Call, error: str | None = None, form: Mapping[str, str] | None = None) -> Answer:
    given = parameters(call.request)
    search = given.get("search", "").strip()
    wanted = search.casefold()
    devices = call.state.devices(call.organisation)
    found = [device for device in devices if wanted in device.name.casefold() or wanted in device.dev_eui.casefold()]
    paging = paged(len(found), given.get("page", ""), search=search)
    return _page(
        "devices.html",
        400 if error else 200,
        account=call.account,
        section="Devices",
        devices=found[paging.part],
        paging=paging,
        none=not devices,
        search=search,
        types=call.state.types(call.organisation),
        error=error,
        form=form or {},
    )


def _types(call: Call, error: str | None = None, form: Mapping[str, str] | None = None) -> Answer:
    types = call.state.types(call.organisation)
    paging = paged(len(types), parameters(call.request).get("page", ""))
    return _page(
        "types.html",
        400 if error else 200,
        account=call.account,
        section="Device Types",
        types=types[paging.part],
        paging=paging,
        repository=REPOSITORY,
        error=error,
        form=form or {},
    )


_ListPage = Callable[[Call, str | None, Mapping[str, str] | None], Answer]


def _then(call: Call, act: Callable[[dict[str, str]], object], page: _ListPage, done: str) -> Answer:
    """Do what a form asks; when it cannot be done, show the page again with the reason and what was typed."""
    form = _form(call.request)
    try:
        act(form)
    except InvalidError as error:
        return page(call, f"{error.field}: {error}", form)
    except (ConflictError, NotFoundError) as error:
        return page(call, str(error), form)
    return _redirect(done)


def _add_device(call: Call) -> Reply:
    return _then(call, lambda form: add_device(call.state, call.organisation, form), _devices, "/devices")


def _add_type(call: Call) -> Reply:
    def act(form: dict[str, str]) -> object:
        fields = fields_from_lines(form.get("fields", ""))
        return add_type(call.state, call.organisation, {**form, "fields": fields})

    return _then(call, act, _types, "/device-types")


def _load_type(call: Call) -> Reply:
    return _then(call, lambda form: load_type(call.state, call.organisation, form), _types, "/device-types")


# --- a device


def _device(call: Call) -> Reply:
    return _redirect(f"/devices/{call.device.id}/dashboard")


def _tab(call: Call, error: str | None = None, form: Mapping[str, str] | None = None, tab: str = "") -> Answer:
    device, now = call.device, call.state.now()
    tab = tab or call.ids[1]
    if tab not in [name.lower() for name in _TABS]:
        raise NotFoundError("There is no such page.")
    events, downlinks = list(device.events)[::-1], list(device.downlinks)[::-1]
    listed = {"history": len(device.history), "events": len(events), "downlinks": len(downlinks)}
    paging = paged(listed.get(tab, 0), parameters(call.request).get("page", ""))
    return _page(
        "device.html",
        400 if error else 200,
        account=call.account,
        section="Devices",
        device=device,
        tab=tab,
        tabs=_TABS,
        now=now,
        last_events=events[:5],
        events=events[paging.part],
        downlinks=downlinks[paging.part],
        messages=device.history.newest(slice(_DEBUG_SHOWN) if tab == "settings" else paging.part),
        paging=paging,
        ranges=RANGES,
        uplink_url=call.uplink_url,
        debug="debug" in parameters(call.request),
        error=error,
        form=form or {},
    )


def _settings(call: Call, error: str | None, form: Mapping[str, str] | None) -> Answer:
    return _tab(call, error, form, tab="settings")


def _connect(call: Call) -> Reply:
    device = call.device
    return _then(call, lambda form: set_connectivity(call.state, device, form), _settings, _path(device, "settings"))


def _generate(call: Call) -> Reply:
    call.state.generate_token(call.device)
    return _redirect(_path(call.device, "settings"))


def _send(call: Call) -> Reply:
    form = _form(call.request)
    try:
        post = start_downlink(call.state, call.device, form)
    except (InvalidError, ConflictError) as error:
        return _tab(call, str(error), form, tab="downlinks")
    return Posting(_redirect(_path(call.device, "downlinks")), post)


def _report(call: Call) -> Reply:
    fields = [value for name, value in call.request.query if name == "fields"]
    try:
        return make_report(call.state, call.device, fields, parameters(call.request))
    except InvalidError as error:
        return _settings(call, f"{error.field}: {error}", None)


def _path(device: Device, tab: str) -> str:
    return f"/devices/{device.id}/{tab}"


_ROUTES: Final = (
    Route("GET", "/", _home),
    Route("POST", "/logout", _log_out),
    Route("GET", "/devices", _devices),
    Route("POST", "/devices", _add_device),
    Route("GET", "/device-types", _types),
    Route("POST", "/device-types", _add_type),
    Route("POST", "/device-types/load", _load_type),
    Route("GET", "/devices/*", _device),
    Route("GET", "/devices/*/report", _report),
    Route("GET", "/devices/*/*", _tab),
    Route("POST", "/devices/*/connectivity", _connect),
    Route("POST", "/devices/*/token", _generate),
    Route("POST", "/devices/*/downlinks", _send),
)
