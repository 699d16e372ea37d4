"""States: what the API shows of a connection's life, and the events of each change."""

import json
import re
from datetime import datetime

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin, events_of, http_body, telling

pytestmark = pytest.mark.needs("http", "api", "states", "options")


@pytest.mark.requirement("COM-10.b", "COM-09.d")
def test_new_connection_shows_id_state_and_startup_time(lab: Lab) -> None:
    """POST answers with a decimal id and a documented state; GET shows OPENED, and when it started, with an offset."""
    answer = lab.api.create(http_body("/state"))
    made = answer.json()
    try:
        digits = bool(re.fullmatch(r"\d+", str(made.get("id"))))
        lab.expect("the id is decimal digits", digits, made.get("id"), proves="COM-10.b")
        lab.expect_seen(
            "the state is a documented one",
            made.get("state"),
            {"among": checks.RightResources.documented},
            proves="COM-09.d",
        )
    finally:
        lab.api.delete(str(made["id"]))

    shown = connect_bin(lab, "/state").read()
    text = str(shown.get("startupTime"))
    try:
        started = datetime.fromisoformat(text)
    except ValueError:
        started = None
    lab.expect("startupTime is a time with its offset", bool(started and started.tzinfo), text, proves="COM-10.b")
    assert started is not None
    age_s = abs((datetime.now(started.tzinfo) - started).total_seconds())
    lab.expect_seen("startupTime is now", age_s, {"below": 60}, f"{text}, {age_s:.0f} s away", proves="COM-10.b")


@pytest.mark.needs("options")
@pytest.mark.requirement("COM-09.a")
def test_deactivation_and_activation_are_shown(lab: Lab) -> None:
    """active false leads to DEACTIVATED, true to OPENED again."""
    connection = connect_bin(lab, "/switch")
    connection.replace({**http_body("/switch"), "active": False})
    connection.wait_for_state("DEACTIVATED")
    connection.replace({**http_body("/switch"), "active": True})
    connection.wait_for_state("OPENED")
    lab.expect_seen("it is open again", connection.read()["state"], {"is": "OPENED"})


@pytest.mark.needs("events", "options")
@pytest.mark.requirement("COM-13.d")
def test_deactivation_makes_one_event_that_is_no_error(lab: Lab) -> None:
    """The change to DEACTIVATED is told once; what the user wished is told as no error."""
    connection = connect_bin(lab, "/wish")
    connection.replace({**http_body("/wish"), "active": False})
    connection.wait_for_state("DEACTIVATED")

    told = [event for event in telling(lab, connection, "DEACTIVATED") if "DEACTIVATED" in json.dumps(event)]
    lab.expect_seen("the change to DEACTIVATED is told once", len(told), {"is": 1}, told)
    errors = [event for event in events_of(lab, connection) if str(event.get("severity", "")).lower() == "error"]
    lab.expect_seen("no event calls it an error", errors, {"empty": True})


@pytest.mark.needs("events", "options")
@pytest.mark.requirement("COM-13.e")
def test_events_have_a_time_and_the_newest_comes_first(lab: Lab, device: LabDevice) -> None:
    """Each event has a time with its offset; the list begins with the newest."""
    connection = connect_bin(lab, "/events", device)
    connection.replace({**http_body("/events"), "active": False})
    connection.wait_for_state("DEACTIVATED")
    connection.replace(http_body("/events"))
    connection.wait_for_state("OPENED")

    telling(lab, connection, "OPENED")
    times = [datetime.fromisoformat(str(event["time"])) for event in events_of(lab, connection)]
    lab.expect("every time has an offset", all(time.tzinfo for time in times), [str(time) for time in times])
    lab.expect_seen("the newest comes first", times, {"is": sorted(times, reverse=True)}, [str(time) for time in times])
