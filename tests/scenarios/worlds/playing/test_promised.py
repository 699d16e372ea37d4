"""Ids and signatures that a profile's policy promises."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from types import SimpleNamespace
from typing import Any

import pytest

from tests.scenarios.history_lines import Story
from uplab.scenarios.checks.policy.declared import DeliveryPolicy
from uplab.scenarios.worlds.playing.promised import promised

SECRET = "whsec_" + base64.b64encode(b"a key of the lab's own").decode()


def lab(**policy: Any) -> Any:
    return SimpleNamespace(profile=SimpleNamespace(policy=DeliveryPolicy.model_validate(policy)), signing_secret=SECRET)


def arrived(*given: tuple[int, str]) -> list[Any]:
    """Uplinks of these counters, with these values of X-Id."""
    story = Story()
    for f_cnt in sorted({f_cnt for f_cnt, _ in given}):
        story.sent(f_cnt)
    for f_cnt, value in given:
        story.delivered(f_cnt, headers=[["X-Id", value]])
    return list(story.events)


@pytest.mark.parametrize(
    ("given", "outcome"),
    [
        ([(1, "a"), (2, "b")], "passed"),
        ([(1, "a"), (1, "a"), (2, "b")], "passed"),
        ([(1, "a"), (1, "c"), (2, "b")], "failed"),
        ([(1, "a"), (2, "a")], "failed"),
    ],
)
def test_id_is_the_documents_own_in_every_attempt(given: list[tuple[int, str]], outcome: str) -> None:
    [found] = promised(lab(id_header="x-id"), arrived(*given))
    assert found.outcome == outcome


def test_what_was_accepted_twice_has_an_id_each_time() -> None:
    [found] = promised(lab(id_header="x-id"), arrived((1, "a"), (1, "c"), (2, "b")), {"u1"})
    assert found.outcome == "passed"


@pytest.mark.parametrize(("key", "outcome"), [(b"a key of the lab's own", "passed"), (b"another", "failed")])
def test_signature_is_by_the_lab_s_secret(key: bytes, outcome: str) -> None:
    story = Story()
    story.sent(1)
    stamp = str(int(time.time()))
    plain = Story()
    plain.sent(1)
    plain.delivered(1)
    raw = next(one.raw for one in plain.events if one.hop == "destination.arrived")
    digest = hmac.new(key, f"m1.{stamp}.".encode() + (raw or b""), hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    headers = [["webhook-id", "m1"], ["webhook-timestamp", stamp], ["webhook-signature", signature]]
    story.delivered(1, headers=headers)
    [found] = promised(lab(signature="standard-webhooks"), list(story.events))
    assert found.outcome == outcome


def test_nothing_is_asked_where_nothing_is_promised() -> None:
    assert list(promised(lab(), arrived((1, "a")))) == []
