"""How long uplab waits before it calls something missing: from the documents, or from the profile of who is slower."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Deadlines"]

Seconds = Annotated[float, Field(gt=0, le=3600)]


class Deadlines(BaseModel):
    """Seconds, each with its source; the table of CONTRACT.md, section 6, is the same. A profile may change each.

    A deadline that no document names is chosen: so long that who keeps the documents keeps it too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    ready_s: Seconds = Field(
        default=20,
        description="from the start of the command to its ready line, less what the machine kept it waiting for a "
        "processor. Chosen",
    )
    answer_s: Seconds = Field(default=10, description="an answer of the API, the ingress or a downlink URL. Chosen")
    opening_s: Seconds = Field(default=60, description="a new connection is OPENED. COM-01: within a minute")
    state_s: Seconds = Field(default=60, description="any other state is shown. COM-01: within a minute")
    delivery_s: Seconds = Field(
        default=30, description="an accepted document is delivered. Chosen: longer than unanswered_s"
    )
    attempt_s: Seconds = Field(
        default=2, description="the next attempt begins, counted from the end of its pause. Chosen"
    )
    unanswered_s: Seconds = Field(
        default=20, description="a destination that never answers is given up. Section 4: at most 20 seconds"
    )
    isolation_s: Seconds = Field(
        default=1, description="what another connection's trouble may cost. COM-19: less than a second"
    )
    shown_s: Seconds = Field(default=30, description="an event, a counter or an alarm is shown. Chosen")
    downlink_s: Seconds = Field(default=30, description="a downlink is handed on, or its report delivered. Chosen")
    page_s: Seconds = Field(default=10, description="one step on a page. Chosen: nobody waits longer for a page")
    scenario_s: Seconds = Field(
        default=300, description="a whole scenario. Chosen: several of the others, one after the other"
    )
