import pytest

from uplab.scenarios.look.legs import Seen, dead_leg, refused_at_ingress


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (Seen(), "nothing reached any port of this lab"),
        (Seen(opened=2), "2 connections came to this lab's ports, and no request on any"),
        (Seen(opened=1, broken=1), "1 TLS handshake given up, without a word"),
        (Seen(opened=1, broken=1, alerts=["posthere.io: UNKNOWN_CA"]), "the first said posthere.io: UNKNOWN_CA"),
        (Seen(opened=1, requests=1, strange="1 request came"), "1 request came"),
        (Seen(opened=1, requests=1, places=["posthere /x"]), "arrived at posthere /x, where it was not sent to"),
        (Seen(opened=1, requests=1), "the uplink was accepted and did not arrive"),
    ],
)
def test_dead_leg_is_named_by_what_was_seen(seen: Seen, words: str) -> None:
    leg = dead_leg(seen, elsewhere=False, authority="/ca.pem")

    assert leg is not None
    assert words in leg.what
    assert leg.told().startswith("no uplink comes through: ")


def test_uplink_that_arrived_proves_the_way() -> None:
    assert dead_leg(Seen(arrived=True, broken=3), elsewhere=True, authority="") is None


def test_advice_is_for_who_can_follow_it() -> None:
    here, elsewhere = (dead_leg(Seen(), elsewhere=e, authority="") for e in (False, True))

    assert here is not None
    assert elsewhere is not None
    assert "UPLAB_RESOLVE" in here.advice
    assert "--advertise-host" in elsewhere.advice
    assert "/ca.pem" in str(dead_leg(Seen(broken=1), elsewhere=True, authority="/ca.pem"))


@pytest.mark.parametrize(
    ("status", "auth", "words"),
    [
        (401, "token", "UPLAB_AS_KEY"),
        (403, "basic", "UPLAB_INGRESS_SECRET"),
        (404, "token", "--forwarder-ingress"),
        (None, "token", "no answer"),
        (400, "token", "refuses a right uplink: 400 why"),
    ],
)
def test_refusal_at_the_ingress_is_told_by_its_status(status: int | None, auth: str, words: str) -> None:
    assert words in refused_at_ingress(status, "why", elsewhere=True, auth=auth).told()
