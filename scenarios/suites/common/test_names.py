"""Devices, sites and connections are called as people call them: in documents, in topics and in the API."""

import pytest

from uplab.scenarios import Lab, LabDevice, Route
from uplab.scenarios.lab.witness import broker_body
from uplab.scenarios.suites.common.destination import attempt, connect_bin, http_body
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import expect_accepted, judge_several
from uplab.simulator.devices.naming import hard_names

NAMES = hard_names()


@pytest.mark.needs("http", "form")
@pytest.mark.delivery
@pytest.mark.requirement("COM-15.a")
def test_names_in_documents_arrive_unaltered(lab: Lab, device: LabDevice) -> None:
    """CustomerData says whose device it is and at which site, in whatever letters, quotes and lengths."""
    connection = connect_bin(lab, "/names", device)

    sent = [
        lab.post(uplink(device, CustomerData={"name": name, "tags": [f"site={name}", name], "loc": {"town": name}}))
        for name in NAMES.values()
    ]
    expect_accepted(lab, *sent)
    lab.await_delivery(sent, connection.route)

    judge_several(lab, sent, connection)


@pytest.mark.needs("http", "api", "patterns")
@pytest.mark.requirement("HTTP-05.a")
def test_names_in_headers_are_the_uplinks_own(lab: Lab, device: LabDevice) -> None:
    """What a pattern finds is sent letter by letter; a name beyond ASCII may be a failed delivery, never another name.

    Blanks at the ends of a value do not survive HTTP.
    """
    connection = connect_bin(lab, "/sites", device, headers={"X-Site": "{CustomerData.name}"})

    sent = {name: lab.post(uplink(device, CustomerData={"name": name})) for name in NAMES.values()}
    plain = [name for name in NAMES.values() if name.isascii() and name.isprintable()]
    lab.await_delivery([sent[name] for name in plain], connection.route)
    lab.barrier(device)

    arrived = [e for e in lab.history.events if e.hop == "destination.arrived" and connection.route.takes(e.facts)]
    came = {id_: [v for k, v in e.facts["headers"] if k.lower() == "x-site"] for e in arrived for id_ in e.ids}
    missing = [name for name in plain if sent[name].id not in came]
    lab.expect_seen("plain names arrive", missing, {"empty": True}, missing, proves="HTTP-05.a")
    wrong = {n: came[one.id] for n, one in sent.items() if one.id in came and came[one.id] != [n.strip()]}
    lab.expect_seen("each header has the name of its uplink", wrong, {"empty": True}, wrong, proves="HTTP-05.a")


@pytest.mark.needs("mqtt")
@pytest.mark.requirement("MQTT-04.a")
def test_names_in_topics_are_the_uplinks_own(lab: Lab, device: LabDevice) -> None:
    """A topic may hold every letter but a wildcard and U+0000: {CustomerData.name} is published to as it stands."""
    sites = Route("broker", "sites/#")
    connection = lab.connect(broker_body(uplinkTopicPattern="sites/{CustomerData.name}"), sites, device)

    sent = {name: lab.post(uplink(device, CustomerData={"name": name})) for name in NAMES.values()}
    lab.await_delivery(list(sent.values()), connection.route)

    lab.judge_delivery(sent.values(), connection)
    topics = {id_: e.facts["topic"] for e in lab.history.events if sites.takes(e.facts) for id_ in e.ids}
    wrong = {name: topics.get(one.id) for name, one in sent.items() if topics.get(one.id) != f"sites/{name}"}
    lab.expect("each topic has the name of its uplink", not wrong, wrong, proves="MQTT-04.a")


@pytest.mark.needs("http", "api")
@pytest.mark.requirement("HTTP-01")
def test_names_of_connections_are_shown_as_they_were_given(lab: Lab) -> None:
    """The API takes and shows a name letter by letter, up to 255 of them."""
    room = 255 - len(lab.named(".")) + 1
    for name in (name[:room].rstrip() for name in NAMES.values()):
        made = attempt(lab, {**http_body("/named"), "name": name})
        lab.expect_answer(f"a connection called {name!r:.40} answers 201", made, 201)
        lab.expect_shown("its name is shown as it was given", made, {"/name": {"is": lab.named(name)}})
