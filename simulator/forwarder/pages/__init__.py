"""The pages for people: applications and devices, made and changed as the connectors' documents walk through it."""

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.pages.applications import applications
from uplab.simulator.forwarder.pages.creation import creation
from uplab.simulator.forwarder.pages.devices import devices
from uplab.simulator.forwarder.pages.login import LOGIN_PATH, Login, SignedOutError
from uplab.simulator.forwarder.pages.page import asset
from uplab.simulator.forwarder.pages.registry import COUNTERS, Registry, ServiceRegistry
from uplab.simulator.forwarder.web.routes import Routes

__all__ = [
    "COUNTERS",
    "LOGIN_PATH",
    "PAGES_PATH",
    "Login",
    "Registry",
    "ServiceRegistry",
    "SignedOutError",
    "router",
]

PAGES_PATH = "/iot-flow/"


def router(registry: Registry, login: Login | None = None) -> list[Routes]:
    """Make the routes below /iot-flow/ that are no API; with a login, only who is logged in sees more than its form."""
    login = login or Login()
    pages, files = Routes("/iot-flow", guards=[login.check]), Routes("/iot-flow")
    for part in (applications(registry), creation(registry), devices(registry)):
        pages.include(part)

    @files.get("/style.css")
    async def style(_request: Request) -> Response:
        return asset("style.css", "text/css")

    @files.get("/script.js")
    async def script(_request: Request) -> Response:
        return asset("script.js", "text/javascript")

    return [pages, files] if login.open else [pages, files, login.routes()]
