"""One page as it is sent: a template filled in, and the headers that keep it from doing more than it should."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["asset", "foreign", "missing", "page", "see_other"]

FOLDER = Path(__file__).parent
# Nothing but our own stylesheet and script may load, so that a name or a message can never become a script.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser hides the Origin of our own forms from us
    "Cache-Control": "no-store",
}


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - most runs show no page

    return Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(name: str, status: int = 200, /, *, notice: str = "", here: str = "", **values: Any) -> HTMLResponse:
    """Fill in a template; the notice is what a notification says, `here` the chosen entry of the menu."""
    html = _templates().get_template(name).render(notice=notice, here=here, **values)
    return HTMLResponse(html, status, headers=HEADERS)


def foreign() -> HTMLResponse:
    """Refuse a form that another site has posted."""
    return page("foreign.html", 403)


def missing(what: str, name: str, *, back: str, way: str) -> HTMLResponse:
    """Say that there is no such thing, and where the others are."""
    return page("missing.html", 404, what=what, name=name, back=back, way=way)


def see_other(path: str) -> Response:
    """Send the browser on after a change, so that reloading repeats nothing."""
    return RedirectResponse(path, 303, headers={"Cache-Control": "no-store"})


def asset(name: str, media_type: str) -> Response:
    """Answer with one of our own files."""
    return Response(_text(name), media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})


@cache
def _text(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
