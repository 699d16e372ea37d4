"""A story of attempts whose times a test chooses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.scenarios.history_lines import BIN, DEV, Story, document
from uplab.scenarios.history.history import Event

__all__ = ["tried"]


def tried(
    *attempts: tuple[float, float, int | None], f_cnt: int = 1, endless: bool = False
) -> tuple[str, Sequence[Event]]:
    """The id of an uplink, and a history of its attempts: (begun, ended, status); None: no answer.

    With `endless` the body of the first answer did not end.
    """
    story = Story()
    id_ = story.sent(f_cnt)
    times: list[float] = []
    for begun_s, ended_s, status in attempts:
        exchange = story.arrives(document(DEV, f_cnt), BIN)
        if status is None:
            story.tells("fault.delivered", fault="cut", exchange=exchange, action="cut")
            story.answered(exchange, status=0, written=False)
        else:
            cut = endless and not times
            story.answered(exchange, status=status, **({"written": False, "headed": True} if cut else {}))
        times += [begun_s, *([begun_s] if status is None else []), ended_s]
    events = list(story.events)
    first = len(events) - len(times)
    return id_, [
        replace(event, monotonic_s=times[n - first]) if n >= first else event for n, event in enumerate(events)
    ]
