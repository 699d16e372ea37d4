"""Malformed downlinks: refused with a code and the field's name, and nothing reaches any device."""

from typing import Any

import pytest

from uplab.scenarios import Lab, LabConnection, LabDevice
from uplab.scenarios.suites.downlink.conftest import PostDownlink

pytestmark = pytest.mark.needs("downlinks")

DEV = "the device"  # replaced by the DevEUI of a bound device


@pytest.mark.parametrize(
    ("downlink", "field"),
    [
        pytest.param(
            {"FPort": 5, "payload_hex": "aa"}, "DevEUI", id="no-DevEUI", marks=pytest.mark.requirement("DL-07.a")
        ),
        pytest.param(
            {"DevEUI": "20635F", "FPort": 5, "payload_hex": "aa"},
            "DevEUI",
            id="short-DevEUI",
            marks=pytest.mark.requirement("DL-07.a"),
        ),
        pytest.param(
            {"DevEUI": "X" * 16, "FPort": 5, "payload_hex": "aa"},
            "DevEUI",
            id="DevEUI-no-hex",
            marks=pytest.mark.requirement("DL-07.a"),
        ),
        pytest.param(
            {"DevEUI": 5, "FPort": 5, "payload_hex": "aa"},
            "DevEUI",
            id="DevEUI-number",
            marks=pytest.mark.requirement("DL-07.a"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 0, "payload_hex": "aa"},
            "FPort",
            id="FPort-0",
            marks=pytest.mark.requirement("DL-06.a"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 225, "payload_hex": "aa"},
            "FPort",
            id="FPort-225",
            marks=pytest.mark.requirement("DL-06.a"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": "five", "payload_hex": "aa"},
            "FPort",
            id="FPort-text",
            marks=pytest.mark.requirement("DL-06.a"),
        ),
        pytest.param(
            {"DevEUI": DEV, "payload_hex": "aa"}, "FPort", id="no-FPort", marks=pytest.mark.requirement("DL-06.d")
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 5, "payload_hex": "aa", "payload": {"a": 1}},
            "payload",
            id="both-payloads",
            marks=pytest.mark.requirement("DL-05.a"),
        ),
        pytest.param({"DevEUI": DEV, "FPort": 5}, "payload", id="no-payload", marks=pytest.mark.requirement("DL-05.b")),
        pytest.param(
            {"DevEUI": DEV, "FPort": 5, "payload_hex": "abc"},
            "payload_hex",
            id="odd-hex",
            marks=pytest.mark.requirement("DL-13.c"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 5, "payload_hex": "zz"},
            "payload_hex",
            id="no-hex",
            marks=pytest.mark.requirement("DL-13.c"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 5, "payload_hex": 12},
            "payload_hex",
            id="hex-number",
            marks=pytest.mark.requirement("DL-13.c"),
        ),
        pytest.param(
            {"DevEUI": DEV, "FPort": 5, "payload_hex": "aa", "Confirmed": "maybe"},
            "Confirmed",
            id="Confirmed",
            marks=pytest.mark.requirement("DL-13.c"),
        ),
    ],
)
def test_malformed_downlink_is_refused_by_field(
    lab: Lab,
    connection: LabConnection,
    devices: list[LabDevice],
    post_downlink: PostDownlink,
    downlink: dict[str, Any],
    field: str,
) -> None:
    """The answer is 400 with a code and a message that names the field; the device receives nothing."""
    filled = {key: devices[0].dev_eui if value == DEV else value for key, value in downlink.items()}
    answer = post_downlink(connection.downlink_url, filled)
    lab.expect_seen(
        f"a wrong {field} answers 400", answer.status_code, {"is": 400}, f"{answer.status_code} {answer.text[:200]}"
    )
    told = answer.json()
    lab.expect(
        f"there is a code and the message names {field}",
        bool(told.get("code")) and field in str(told.get("message")),
        told,
    )
    lab.expect_no_downlink(devices)


@pytest.mark.requirement("DL-13.c")
@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b"null",
        b'"DevEUI_downlink"',
        b'{"DevEUI_uplink": {}}',
        b'{"DevEUI_downlink": []}',
        b"\xff\xfe",
        b"[" * 100_000,
        b" " * 2_000_000,
    ],
    ids=["broken", "array", "null", "text", "other-root", "root-is-array", "no-utf8", "deep", "huge"],
)
def test_body_that_is_no_downlink_is_refused(
    lab: Lab, connection: LabConnection, devices: list[LabDevice], content: bytes
) -> None:
    """Broken JSON, wrong types and huge bodies answer 4xx, and reach no device."""
    answer = lab.browser.post(connection.downlink_url, content=content, headers={"Content-Type": "application/json"})
    lab.expect_seen(
        "it answers 4xx", answer.status_code, {"least": 400, "below": 500}, f"{answer.status_code} {answer.text[:200]}"
    )
    lab.expect_no_downlink(devices)
