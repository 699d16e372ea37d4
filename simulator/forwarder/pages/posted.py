"""A posted form: read once, and only where it comes from our own pages."""

from starlette.requests import Request

from uplab.simulator.forwarder.pages.form import Typed, read_form
from uplab.simulator.forwarder.pages.refusal import ForeignError, refusals
from uplab.simulator.forwarder.web.exchange import BODY_MAX_BYTES, body_bytes
from uplab.simulator.forwarder.web.origin import is_foreign

__all__ = ["posted_form"]


async def posted_form(request: Request) -> Typed:
    """Read the form; ForeignError, or RefusedError when the body is no form."""
    if is_foreign(request.headers):
        raise ForeignError
    with refusals():
        return read_form(await body_bytes(request, BODY_MAX_BYTES))
