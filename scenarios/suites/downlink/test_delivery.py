"""A downlink's way: posted to the URL, over the air in the next receive window, decrypted at the device."""

import json
from typing import Any

import pytest

from uplab.scenarios import Bin, Lab, LabConnection, LabDevice
from uplab.scenarios.suites.downlink.conftest import PostDownlink

pytestmark = pytest.mark.needs("downlinks")


@pytest.mark.varies("regime", "model")
@pytest.mark.smoke
@pytest.mark.requirement("DL-04.a", "DL-04.b", "DL-12.a", "DL-15.a", "HTTP-14")
def test_downlink_reaches_the_device_unchanged(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Posted to the URL read before any uplink, it waits for the device's next receive window and arrives decrypted."""
    answer = post_downlink(
        connection.downlink_url, {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "3E012c0A"}
    )
    lab.expect_seen(
        "the downlink is accepted",
        answer.status_code,
        {"is": lab.profile.choices.downlink_status},
        f"{answer.status_code} {answer.text[:200]}",
        proves="DL-15.a",
    )
    handed = lab.history.wait_for(lambda e: e.hop == "network.downlink", timeout_s=lab.deadlines.downlink_s)
    lab.expect_seen(
        "it is handed on to the network server", handed, {"empty": False}, "nothing came there", proves="HTTP-14"
    )
    refused = [event.facts["cause"] for event in handed if event.facts["cause"]]
    lab.expect_seen("the network server takes it, by its token", refused, {"empty": True}, proves="DL-12.a")
    lab.expect_seen("it waits for the receive window", devices[0].received, {"is": []}, proves="DL-04.b")

    for device in devices:
        device.send()

    lab.expect_downlinks({devices[0]: [(5, "3e012c0a")]}, devices)


@pytest.mark.requirement("DL-04.a", "DL-08.c")
def test_numbers_may_be_given_as_text(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """FPort, Confirmed and FlushDownlinkQueue as the documents' second regime writes them: "8", "0"."""
    texts = {"FPort": "8", "Confirmed": "0", "FlushDownlinkQueue": "0", "payload_hex": "3e08"}
    answer = post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, **texts})
    lab.expect_answer("the downlink is accepted", answer, lab.profile.choices.downlink_status, proves="DL-04.a")
    sent = [devices[0].send(), devices[0].send()]
    for device in devices[1:]:
        device.send()
    lab.expect_downlinks({devices[0]: [(8, "3e08")]}, devices, proves="DL-04.a")
    acknowledged = (sent[1].document or {})["DevEUI_uplink"].get("ACKbit")
    lab.expect_seen(
        'Confirmed "0" asks for no acknowledgement', acknowledged, {"empty": True}, str(acknowledged), proves="DL-08.c"
    )


@pytest.mark.requirement("DL-04.b")
def test_downlinks_come_in_the_next_windows_in_the_order_of_posting(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Three downlinks for a device: the first comes in its next receive window, each other in one of its own."""
    device, posted = devices[0], [(5, "3e01"), (6, "3e02"), (7, "3e03")]
    for port, text in posted:
        post_downlink(connection.downlink_url, {"DevEUI": device.dev_eui, "FPort": port, "payload_hex": text})
    for number in range(1, len(posted) + 1):
        device.send()
        lab.expect_downlinks({device: posted[:number]}, [device], proves="DL-04.b")


@pytest.mark.varies("regime", "model")
@pytest.mark.requirement("HTTP-13.b")
def test_many_devices_through_one_url_do_not_mix(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """Each downlink reaches the device that it names, in the order in which they were posted."""
    wanted: dict[LabDevice, list[tuple[int, str]]] = {device: [] for device in devices}
    for round_ in range(2):
        for number, device in enumerate(devices):
            post_downlink(
                connection.downlink_url,
                {"DevEUI": device.dev_eui, "FPort": 10 + number, "payload_hex": f"{round_:02x}{number:02x}"},
            )
            wanted[device].append((10 + number, f"{round_:02x}{number:02x}"))
    for _ in range(2):
        for device in devices:
            device.send()

    lab.expect_downlinks(wanted, devices)


@pytest.mark.requirement("DL-07.b")
def test_dev_eui_may_be_written_in_lower_case(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """DevEUI is 16 hexadecimal digits in either case."""
    post_downlink(connection.downlink_url, {"DevEUI": devices[1].dev_eui.lower(), "FPort": 1, "payload_hex": "00"})
    devices[1].send()
    lab.expect_downlinks({devices[1]: [(1, "00")]}, devices)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("COM-07.a", "DL-06.c", "COM-07.d", "DL-06.a")
def test_port_of_the_connection_is_the_default(
    lab: Lab, body: dict[str, Any], devices: list[LabDevice], connection: LabConnection, post_downlink: PostDownlink
) -> None:
    """Without FPort the connection's downlinkPort is used."""
    body["configuration"]["downlinkPort"] = 7
    connection.replace(body)
    answer = post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, "payload_hex": "aa"})
    accepted = answer.status_code == lab.profile.choices.downlink_status
    lab.expect("it is accepted", accepted, f"{answer.status_code} {answer.text[:200]}", proves="DL-06.c")
    devices[0].send()
    lab.expect_downlinks({devices[0]: [(7, "aa")]}, devices)

    post_downlink(connection.downlink_url, {"DevEUI": devices[1].dev_eui, "FPort": 9, "payload_hex": "bb"})
    devices[1].send()
    received = devices[1].received
    lab.expect_seen("a downlink's own FPort wins", received, {"is": [(9, "bb")]}, proves="COM-07.d")

    for port in (0, "0"):  # a port that is not allowed is none that is absent
        answer = post_downlink(
            connection.downlink_url, {"DevEUI": devices[2].dev_eui, "FPort": port, "payload_hex": "cc"}
        )
        lab.expect_answer(f"FPort {port!r} is refused beside a downlinkPort too", answer, 400, proves="DL-06.a")
    devices[2].send()
    lab.expect_seen("and sent to no port", devices[2].received, {"is": []}, proves="DL-06.a")


@pytest.mark.requirement("DL-06.b")
def test_first_and_last_port_are_taken(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """FPort 1 and 224, as numbers and as text, are accepted and reach the device on that port."""
    wanted: dict[LabDevice, list[tuple[int, str]]] = {}
    ports: tuple[int | str, ...] = (1, 224, "224")
    for device, port in zip(devices, ports, strict=True):
        answer = post_downlink(connection.downlink_url, {"DevEUI": device.dev_eui, "FPort": port, "payload_hex": "aa"})
        accepted = answer.status_code == lab.profile.choices.downlink_status
        lab.expect(f"FPort {port!r} is accepted", accepted, f"{answer.status_code} {answer.text[:200]}")
        wanted[device] = [(int(port), "aa")]
        device.send()
    lab.expect_downlinks(wanted, devices)


@pytest.mark.needs("replacing")
@pytest.mark.requirement("COM-06")
def test_disabled_downlinks_are_refused(
    lab: Lab, body: dict[str, Any], devices: list[LabDevice], connection: LabConnection, post_downlink: PostDownlink
) -> None:
    """With downlinkEnabled false a downlink is refused and reaches nobody."""
    body["configuration"]["downlinkEnabled"] = False
    connection.replace(body)
    answer = post_downlink(connection.downlink_url, {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa"})
    lab.expect_seen(
        "it is refused with 4xx",
        answer.status_code,
        {"least": 400, "below": 500},
        f"{answer.status_code} {answer.text[:200]}",
    )
    lab.expect_no_downlink(devices)


@pytest.mark.requirement("DL-08.a", "DL-08.b", "COM-15.c")
def test_sent_report_comes_back_with_the_correlation_id(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A confirmed downlink is acknowledged, and DevEUI_downlink_Sent arrives with its CorrelationID."""
    correlation = "00000000000A11CE"
    post_downlink(
        connection.downlink_url,
        {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa", "Confirmed": 1, "CorrelationID": correlation},
    )
    sent = [devices[0].send(), devices[0].send()]
    lab.await_delivery(sent, connection.route)

    lab.expect_downlinks({devices[0]: [(5, "aa")]}, devices, proves="DL-08.b")
    documents = lab.poll(
        lambda: [
            json.loads(r.body) for r in Bin(lab.browser, f"https://posthere.io{connection.route.path}").requests()
        ],
        {"has": "DevEUI_downlink_Sent"},
        awaited="DevEUI_downlink_Sent in the bin",
        proves="COM-15.c",
    )
    report = next(d["DevEUI_downlink_Sent"] for d in documents if "DevEUI_downlink_Sent" in d)
    lab.expect_seen(
        "the report carries the CorrelationID", str(report.get("CorrelationID")).upper(), {"is": correlation}, report
    )
    lab.expect_seen("the report says sent", str(report.get("DeliveryStatus")), {"is": "1"}, report, proves="COM-15.c")
    acknowledged = [d["DevEUI_uplink"].get("ACKbit") for d in documents if "DevEUI_uplink" in d]
    lab.expect_seen(
        "the device's next uplink acknowledges",
        acknowledged[-1],
        {"is": 1},
        acknowledged,
        hop="device",
        proves="DL-08.b",
    )


@pytest.mark.needs("flows")
@pytest.mark.requirement("DL-14")
def test_device_of_another_connection_is_refused(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """A device that is not bound to the connection cannot be reached through its URL."""
    stranger = lab.device()
    answer = post_downlink(connection.downlink_url, {"DevEUI": stranger.dev_eui, "FPort": 5, "payload_hex": "aa"})
    lab.expect_seen(
        "a foreign device is refused with 4xx",
        answer.status_code,
        {"least": 400, "below": 500},
        f"{answer.status_code} {answer.text[:200]}",
    )
    lab.expect_no_downlink([stranger, *devices])


@pytest.mark.needs("flows")
@pytest.mark.requirement("DL-14")
def test_device_that_was_released_is_reached_no_more(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], post_downlink: PostDownlink
) -> None:
    """What was bound, and reached, is refused once its flow is gone: the flows count as they stand now."""
    downlink = {"DevEUI": devices[0].dev_eui, "FPort": 5, "payload_hex": "aa"}
    answer = post_downlink(connection.downlink_url, downlink)
    lab.expect_answer("it is accepted while the device is bound", answer, lab.profile.choices.downlink_status)
    devices[0].send()
    lab.expect_downlinks({devices[0]: [(5, "aa")]}, devices)

    connection.unbind()
    answer = post_downlink(connection.downlink_url, {**downlink, "payload_hex": "bb"})
    lab.expect_seen(
        "it is refused with 4xx once the device is released",
        answer.status_code,
        {"least": 400, "below": 500},
        f"{answer.status_code} {answer.text[:200]}",
    )
    devices[0].send()
    lab.expect_seen("nothing more is received", devices[0].received, {"is": [(5, "aa")]}, devices[0].received)
