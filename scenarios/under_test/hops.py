"""What a run says of the forwarder under test and its API, and of the faults that it plans.

As the simulator's and the fakes' own `hops` do for theirs: one function for each hop, which returns its name and facts.
"""

from collections.abc import Sequence
from typing import Any

__all__ = [
    "Said",
    "api_answered",
    "api_asked",
    "connection_given",
    "downlink_posted",
    "fault_planned",
    "forwarder_ended",
    "page_step",
    "scenario_saw",
]

Said = tuple[str, dict[str, Any]]
Pairs = Sequence[Sequence[str]]


def api_asked(*, method: str, path: str, raw: bytes) -> Said:
    """A request to the API; `raw` is its body."""
    return "api.asked", {"method": method, "path": path, "raw": raw}


def api_answered(*, method: str, path: str, status: int, headers: Pairs, raw: bytes) -> Said:
    """The API's answer to it; `raw` is its body."""
    return "api.answered", {"method": method, "path": path, "status": status, "headers": headers, "raw": raw}


def connection_given(*, way: str, connection: str, raw: bytes) -> Said:
    """The forwarder has a connection by another way than its API: its id, and in `raw` its body as it was given."""
    return "connection.given", {"way": way, "connection": connection, "raw": raw}


def downlink_posted(
    *,
    dev_eui: Any,
    f_port: Any,
    payload_hex: Any,
    correlation_id: Any,
    url: str,
    status: int,
    answer: str,
    headers: Pairs,
    raw: bytes,
) -> Said:
    """A DevEUI_downlink was posted, and answered: `answer` is the beginning of the text of it, `raw` the whole body."""
    return "downlink.posted", {
        "dev_eui": dev_eui,
        "f_port": f_port,
        "payload_hex": payload_hex,
        "correlation_id": correlation_id,
        "url": url,
        "status": status,
        "answer": answer,
        "headers": headers,
        "raw": raw,
    }


def forwarder_ended(*, how: str) -> Said:
    """The forwarder's process was "stopped" or "killed", to be started again."""
    return "forwarder.ended", {"how": how}


def fault_planned(*, fake: str, faults: Sequence[dict[str, Any]]) -> Said:
    """A fake is told to misbehave from now on; with no faults, to be well again. What it was told before ends."""
    return "fault.planned", {"fake": fake, "faults": list(faults)}


def scenario_saw(*, place: str, what: str, told: str, raw: bytes) -> Said:
    """A scenario has looked at something: where, what was promised of it, and what it was, in words and as JSON."""
    return "scenario.saw", {"place": place, "what": what, "told": told, "raw": raw}


def page_step(*, page: str, step: str, done: bool, cause: str | None, picture: str | None) -> Said:
    """A user's step on a page; `cause` says why it could not be taken, `picture` is a file of the run's folder."""
    return "page.step", {"page": page, "step": step, "done": done, "cause": cause, "picture": picture}
