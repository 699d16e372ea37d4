"""A trouble on the air as a scenario sees it, joined from what was wanted and what the history says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.history_lines import DEV, OTHER, Story, document
from uplab.scenarios.lab.air.troubled import Troubled, troubled
from uplab.simulator.network.tunnel import Outcome
from uplab.simulator.troubles.scene import Wanted
from uplab.simulator.troubles.table import TROUBLES

ROW = TROUBLES["counter-repeated"]


def frame(story: Story, f_cnt: int | None, phy: str) -> None:
    time = document(DEV, f_cnt or 0)["DevEUI_uplink"]["Time"]
    story.tells("device.sent", dev_eui=DEV, f_cnt=f_cnt, phy_hex=phy, time=time)


def made_of(story: Story, documents: list[dict[str, Any]], wanted: list[Wanted]) -> Troubled:
    outcomes = [Outcome("accepted", 200, "") for _ in documents]
    return troubled(ROW, DEV, wanted, story.events, documents, outcomes)


def test_frames_are_joined_with_their_fates_reasons_and_answers() -> None:
    story = Story()
    taken = story.sent(1)
    frame(story, 2, "0102")
    story.tells("network.refused", reason="mic", phy_hex="0102")
    frame(story, 3, "0103")
    wanted = [Wanted("accepted"), Wanted("dropped", "mic"), Wanted("dropped", "no gateway hears it")]

    found = made_of(story, [document(DEV, 1)], wanted)

    assert [(one.id == taken, one.taken, one.reason, one.outcome) for one in found.frames] == [
        (True, True, "", "accepted"),
        (False, False, "mic", None),
        (False, False, "", None),
    ]
    assert all(one.as_wanted for one in found.frames)
    assert list(found.fates.values()) == ["accepted", "dropped", "dropped"]
    assert found.taken == [taken]


def test_what_became_otherwise_is_not_as_wanted() -> None:
    story = Story()
    story.sent(1)
    frame(story, 2, "0102")

    found = made_of(story, [document(DEV, 1)], [Wanted("dropped"), Wanted("accepted")])

    assert [one.as_wanted for one in found.frames] == [False, False]


def test_joins_and_documents_of_others_are_told_apart() -> None:
    story = Story()
    frame(story, None, "00")
    story.tells("network.joined", dev_eui=DEV, dev_addr="04000001")
    story.sent(7, OTHER)
    own = story.sent(1)

    found = made_of(story, [document(OTHER, 7), document(DEV, 1)], [Wanted("accepted")])

    assert (found.joined, found.taken) == (1, [own])
    assert found.promised == f"{ROW.does}: {ROW.oracle}"


@pytest.mark.parametrize("count", [0, 2])
def test_every_frame_has_one_fate(count: int) -> None:
    story = Story()
    story.sent(1)

    with pytest.raises(ValueError, match="argument"):
        made_of(story, [document(DEV, 1)], [Wanted("accepted")] * count)
