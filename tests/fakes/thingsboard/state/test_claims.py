"""Conversations: a device offers itself for a secret, and a customer's user takes it."""

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.mqtt import packets as p

CUSTOMER = ("customer@thingsboard.org", "customer")
CLAIM = "/api/customer/device/D1/claim"


@pytest.fixture(name="rest")
def a_customer() -> RestClient:
    rest = RestClient()
    rest.device("D1")
    rest.log_in(*CUSTOMER)
    return rest


def test_device_is_claimed_by_its_secret(rest: RestClient) -> None:
    session = rest.talk.device("D1")
    assert rest.talk.publish(session, "v1/devices/me/claim", {"secretKey": "k", "durationMs": 1_000}) == [p.Puback(7)]

    status, answer = rest("POST", CLAIM, {"secretKey": "k"})

    assert (status, answer["response"], answer["device"]["name"]) == (200, "SUCCESS", "D1")
    assert rest("GET", f"/api/device/{rest.device('D1').id}")[0] == 200
    assert rest("POST", CLAIM, {"secretKey": "k"}) == (400, "CLAIMED")
    assert rest("DELETE", CLAIM) == (200, "")
    assert rest("POST", CLAIM) == (400, "FAILURE")


def test_claims_come_over_http_and_through_gateways(rest: RestClient) -> None:
    assert rest("POST", f"/api/v1/{rest.device('D1').credentials.id}/claim", b"") == (200, "")
    assert rest("POST", CLAIM)[1]["response"] == "SUCCESS"
    gateway = rest.talk.gateway()
    rest.talk.publish(gateway, "v1/gateway/claim", {"A": {"secretKey": "a"}})
    assert rest("POST", "/api/customer/device/A/claim", {"secretKey": "a"})[1]["response"] == "SUCCESS"


@pytest.mark.parametrize(("secret", "later_ms"), [("wrong", 0), ("k", 1_001)])
def test_wrong_secret_or_a_late_one_fails(rest: RestClient, secret: str, later_ms: int) -> None:
    session = rest.talk.device("D1")
    rest.talk.publish(session, "v1/devices/me/claim", {"secretKey": "k", "durationMs": 1_000})
    rest.talk.now_ms += later_ms

    assert rest("POST", CLAIM, {"secretKey": secret}) == (400, "FAILURE")


def test_unknown_device_cannot_be_claimed(rest: RestClient) -> None:
    assert rest("POST", "/api/customer/device/unknown/claim")[0] == 404


def test_tenant_may_not_claim_but_unassign(rest: RestClient) -> None:
    rest.device("D1").customer_id = rest.state.demo_customer
    rest.log_in()

    assert rest("POST", CLAIM)[0] == 403
    assert rest("DELETE", f"/api/customer/device/{rest.device('D1').id}")[0] == 200
    assert rest("DELETE", f"/api/customer/device/{rest.device('D1').id}")[0] == 400
