"""The desk of a lab that is up: its page, what stands on it, and what is done by it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.scenarios.cli.lab_up import Up
from tests.scenarios.conftest import WaitUntil
from uplab.scenarios.worlds.plan import plan_of

BUSY = {"trigger": {"type": "Always"}, "action": {"type": "Status", "code": 503}}


def get(up: Up, path: str, **headers: str) -> httpx.Response:
    return httpx.get(f"{up.at['desk']}{path}", headers=headers, trust_env=False)


def post(up: Up, path: str, body: object) -> Any:
    answer = httpx.post(f"{up.at['desk']}{path}", json=body, trust_env=False, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_browser_gets_the_page_and_a_program_the_addresses(up: Up) -> None:
    page = get(up, "/", Accept="text/html,*/*")

    assert "<title>uplab: the desk</title>" in page.text
    assert get(up, "/").json()["api"] == up.at["api"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for name in ("/desk.css", "/desk.js"):
        assert get(up, name).status_code == 200


@pytest.mark.parametrize("path", ["/desk.html", "/../desk.html", "/asked.py"])
def test_nothing_else_is_a_page(up: Up, path: str) -> None:
    assert get(up, path).status_code == 404


def test_what_was_sent_is_seen_broken_healed_and_saved(up: Up, wait_until: WaitUntil) -> None:
    sent = post(up, "/send", {"model": "nke_th", "readings": {"temperature_c": 20}})
    broken = post(up, "/faults", {"fake": "posthere", "faults": [BUSY]})
    again = post(up, "/send", {"model": "nke_th"})
    parts = {part["name"]: part for part in get(up, "/state").json()["parts"]}
    healed = post(up, "/faults", {"fake": "posthere", "faults": []})

    assert any("503" in line for line in again["became"]), again
    assert (parts["posthere"]["state"], parts["posthere"]["bad"]) == ("broken: Status", True)
    assert (parts["forwarder"]["state"], len(broken["faults"]), healed["faults"]) == ("runs", 1, [])

    def states() -> list[str]:
        ways = get(up, "/ways?after=0").json()["ways"]
        return [way["state"] for way in ways if way["device"] == sent["dev_eui"] and way["kind"] == "uplink"]

    wait_until(lambda: "delivered" in states())
    state = get(up, "/state").json()
    assert sent["dev_eui"] in state["connections"][0]["devices"]
    assert "temperature_c" in state["models"]["nke_th"]
    plan = plan_of(post(up, "/save", {"name": "mine"})["world"])
    assert plan.name == "mine"
    assert {"send"} <= {step.do for step in plan.steps}


def test_device_is_bound_to_one_connection(up: Up) -> None:
    joined = post(up, "/join", {"device": "axioma_w1"})
    [connection] = get(up, "/state").json()["connections"]

    bound = post(up, "/bind", {"dev_eui": joined["dev_eui"], "connection": connection["id"]})

    assert bound["bound_to"] == [f"{connection['id']} ({connection['name']})"]
    wrong = httpx.post(
        f"{up.at['desk']}/bind", json={"dev_eui": joined["dev_eui"], "connection": "99"}, trust_env=False
    )
    assert wrong.json()["message"] == f"there is no connection '99'; there are {connection['id']}"
