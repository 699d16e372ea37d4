from __future__ import annotations

from typing import Any

from uplab.simulator import hops


def test_hop_is_its_name_and_its_facts() -> None:
    said = {"reason": "mic", "phy_hex": "40aa"}

    assert hops.network_refused(reason="mic", phy_hex="40aa") == ("network.refused", said)


def test_answer_that_never_came_has_neither_headers_nor_bytes() -> None:
    answered: dict[str, Any] = {"attempt": 1, "outcome": "unclear", "status": None, "reason": "cancelled"}

    assert hops.tunnel_answered(**answered) == ("tunnel.answered", answered)
    assert hops.tunnel_answered(**answered, headers=[], raw=b"")[1] == {**answered, "headers": [], "raw": b""}
