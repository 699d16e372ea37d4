"""What Widgelix answers: the ingest, the REST API, the pages. Pure: what needs I/O is returned as a command."""

from typing import Final

from uplab.fakes.messages import Answer, Request, json_answer
from uplab.fakes.widgelix import api, ingest, site
from uplab.fakes.widgelix.routing import Reply
from uplab.fakes.widgelix.state import WidgelixState

__all__ = ["UPLINK_URL", "Protocol", "delivers"]

UPLINK_URL: Final = "https://app.widgelix.com/v1/input-node/actility"
"""The address of the ingest that the documents name."""


def delivers(method: str, url: str) -> bool:
    """Whether a request is a delivery: whatever goes to the ingest is, with any method."""
    return Request(0, method, url).path == ingest.PATH


class Protocol:
    """Answers requests out of a state; `uplink_url` is what the pages show as the Uplink URL."""

    def __init__(self, state: WidgelixState, *, uplink_url: str = UPLINK_URL) -> None:
        self.state = state
        self.uplink_url = uplink_url

    def handle(self, request: Request) -> Reply:
        """Return the answer to a request, or what has to be done for it."""
        path = request.path
        if path == ingest.PATH:
            return self._ingest(request)
        if path.startswith(api.PREFIX):
            return api.answer(self.state, request, self.uplink_url)
        return site.answer(self.state, request, self.uplink_url)

    def _ingest(self, request: Request) -> Answer:
        if request.method != "POST":
            return json_answer(405, {"error": f"expected POST, not {request.method}"}, ("Allow", "POST"))
        if request.cut:
            return json_answer(413, {"error": f"the body of {request.size} bytes is too large"})
        authorizations = [value for name, value in request.headers if name.lower() == "authorization"]
        status, body = ingest.ingest(self.state, authorizations, request.body)
        return json_answer(status, body, *((("WWW-Authenticate", "Bearer"),) if status == 401 else ()))
