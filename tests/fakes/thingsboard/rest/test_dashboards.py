"""Conversations over REST: dashboards and domains."""

from typing import Any

import pytest

from tests.fakes.thingsboard.rest_client import RestClient
from uplab.fakes.thingsboard.state.tenant import NULL_ID


@pytest.fixture(name="rest")
def a_client() -> RestClient:
    client = RestClient()
    client.log_in()
    return client


def test_dashboard_is_kept_as_it_came(rest: RestClient) -> None:
    configuration = {"widgets": [{"deviceId": "x", "keys": ["t"]}]}

    status, made = rest("POST", "/api/dashboard", {"title": "Greenhouse", "configuration": configuration})

    assert (status, made["title"], made["configuration"]) == (200, "Greenhouse", configuration)
    identifier = made["id"]["id"]
    assert rest("GET", f"/api/dashboard/{identifier}") == (200, made)
    assert "configuration" not in rest("GET", f"/api/dashboard/info/{identifier}")[1]
    _, changed = rest("POST", "/api/dashboard", {**made, "title": "Cellar"})
    assert (changed["id"], changed["title"]) == (made["id"], "Cellar")
    _, page = rest("GET", "/api/tenant/dashboards?pageSize=10&page=0")
    assert [one["title"] for one in page["data"]] == ["Cellar"]
    assert rest("DELETE", f"/api/dashboard/{identifier}") == (200, "")
    assert rest("GET", f"/api/dashboard/{identifier}")[0] == 404


def test_domain_is_registered_once(rest: RestClient) -> None:
    status, made = rest("POST", "/api/domain", {"name": "myhostname.com:8883"})

    assert (status, made["name"]) == (200, "myhostname.com:8883")
    assert rest("POST", "/api/domain", {"name": "myhostname.com:8883"})[0] == 400
    _, page = rest("GET", "/api/domain/infos?pageSize=10&page=0")
    assert [one["name"] for one in page["data"]] == ["myhostname.com:8883"]
    assert rest("DELETE", f"/api/domain/{made['id']['id']}") == (200, "")


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/api/dashboard", {}, "Dashboard title should be specified!"),
        ("/api/domain", {"name": " "}, "Domain name should be specified!"),
    ],
)
def test_name_must_be_given(rest: RestClient, path: str, body: Any, message: str) -> None:
    status, error = rest("POST", path, body)

    assert (status, error["message"]) == (400, message)


def test_kinds_and_tenants_are_kept_apart(rest: RestClient) -> None:
    _, made = rest("POST", "/api/domain", {"name": "a.org"})
    assert rest("GET", f"/api/dashboard/{made['id']['id']}")[0] == 404
    assert rest("GET", f"/api/dashboard/{NULL_ID}")[0] == 404

    rest.state.add_user("other@x.org", "pw", tenant=rest.state.add_tenant("Other"))
    rest.log_in("other@x.org", "pw")
    assert rest("GET", f"/api/domain/info/{made['id']['id']}")[0] == 403
    assert rest("GET", "/api/domain/infos?pageSize=10&page=0")[1]["totalElements"] == 0
