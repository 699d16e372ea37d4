"""A device in trouble on the air, as a scenario sees it: which frames there were, and what must become of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from uplab.scenarios.history.history import Event
from uplab.simulator.network.tunnel import Outcome
from uplab.simulator.thingpark.documents import UPLINK
from uplab.simulator.troubles.scene import Wanted
from uplab.simulator.troubles.table import Trouble

__all__ = ["Frame", "Troubled", "troubled"]


@dataclass(frozen=True, slots=True)
class Frame:
    """One data frame: its id in the history, what must become of it, what did, and how its document was answered.

    `reason` is the network server's where it dropped the frame, empty where no gateway heard it; `outcome` and `status`
    are the forwarder's where it took it.
    """

    id: str
    f_cnt: int
    time: str
    wanted: Wanted
    taken: bool
    reason: str = ""
    outcome: str | None = None
    status: int | None = None

    @property
    def as_wanted(self) -> bool:
        """Whether the network server did what it must."""
        return self.wanted.fate == "either" or (self.wanted.fate == "accepted") == self.taken


@dataclass(frozen=True, slots=True)
class Troubled:
    """What happened: the row of the table, the frames in the order of their sending, and how often it joined."""

    trouble: Trouble
    dev_eui: str
    frames: tuple[Frame, ...]
    joined: int

    @property
    def promised(self) -> str:
        """What happens and what must come of it, in one line."""
        return f"{self.trouble.does}: {self.trouble.oracle}"

    @property
    def fates(self) -> dict[str, str]:
        """What must become of each frame, by id."""
        return {frame.id: frame.wanted.fate for frame in self.frames}

    @property
    def taken(self) -> list[str]:
        """The ids of those that the network server took."""
        return [frame.id for frame in self.frames if frame.taken]


def troubled(
    trouble: Trouble,
    dev_eui: str,
    wanted: Sequence[Wanted],
    events: Sequence[Event],
    documents: Sequence[dict[str, Any]],
    outcomes: Sequence[Outcome],
) -> Troubled:
    """Join what was wanted with what the history says since the trouble began."""
    own = [e for e in events if e.hop == "device.sent" and e.facts["dev_eui"] == dev_eui]
    sent = [e for e in own if e.facts["f_cnt"] is not None]
    made = [e for e in events if e.hop == "network.document" and e.facts["root"] == UPLINK]
    made = [e for e in made if e.facts["dev_eui"] == dev_eui]
    answered = [o for d, o in zip(documents, outcomes, strict=True) if d.get(UPLINK, {}).get("DevEUI") == dev_eui]
    answers = {e.ids[0]: outcome for e, outcome in zip(made, answered, strict=True) if e.ids}
    refused = {str(e.facts["phy_hex"]): str(e.facts["reason"]) for e in events if e.hop == "network.refused"}
    frames = []
    for event, one in zip(sent, wanted, strict=True):
        id_ = event.ids[0]
        answer = answers.get(id_)
        frames.append(
            Frame(
                id=id_,
                f_cnt=event.facts["f_cnt"],
                time=event.facts["time"],
                wanted=one,
                taken=answer is not None,
                reason="" if answer else refused.get(str(event.facts["phy_hex"]), ""),
                outcome=answer.kind if answer else None,
                status=answer.status if answer else None,
            )
        )
    joined = sum(e.hop == "network.joined" and e.facts["dev_eui"] == dev_eui for e in events)
    return Troubled(trouble, dev_eui, tuple(frames), joined)
