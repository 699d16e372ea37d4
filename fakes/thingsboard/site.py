"""The pages for people: static files that talk to the REST API from the browser, as ThingsBoard's own pages do."""

from functools import cache
from importlib.resources import files
from typing import Final

from uplab.fakes.messages import Answer, Request, text_answer

__all__ = ["answer"]

_FILES: Final = {
    "/": ("index.html", "text/html; charset=utf-8"),
    **{
        f"/assets/{name}.js": (f"{name}.js", "text/javascript; charset=utf-8")
        for name in ("app", "chart", "device", "live", "parts", "views")
    },
    "/assets/style.css": ("style.css", "text/css; charset=utf-8"),
}
# The addresses that ThingsBoard's own pages have; all of them are the one page, which looks at its address itself.
_PLACES: Final = ("/login", "/home", "/devices", "/entities/devices", "/dashboards", "/domains")
# What ThingsBoard has beside its pages and `/api/`.
_ABSENT: Final = (
    "/swagger-ui",
    "/swagger-ui.html",
    "/v3/api-docs",
    "/actuator",
    "/oauth2/authorization",
    "/login/oauth2/code",
)
_HEADERS: Final = (
    ("Cache-Control", "no-cache"),
    ("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
)


def answer(request: Request) -> Answer:
    """A page or one of its files."""
    path = request.path.rstrip("/") or "/"
    name, kind = _FILES.get(path, ("", ""))
    if _is_below(path, _ABSENT):
        return text_answer(501, f"uplab's fake ThingsBoard does not have {path}; the real one has\n")
    if not name and _is_below(path, _PLACES):
        name, kind = _FILES["/"]
    if not name:
        return text_answer(404, "There is no such page.\n")
    if request.method not in ("GET", "HEAD"):
        return text_answer(405, f"expected GET, not {request.method}\n", ("Allow", "GET, HEAD"))
    body = b"" if request.method == "HEAD" else _read(name)
    return Answer(200, body, (("Content-Type", kind), *_HEADERS))


def _is_below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)


@cache
def _read(name: str) -> bytes:
    return files("uplab.fakes.thingsboard").joinpath("pages", name).read_bytes()
