"""http.md, "Checking if it worked": whoever looks for a device in Devices List has logged in before."""

import pytest

from uplab.scenarios import Lab, LabDevice
from uplab.scenarios.suites.pages.visitor import Visitor

pytestmark = pytest.mark.needs("pages", "pages_login", "http")


@pytest.mark.requirement("HTTP-11.d")
def test_devices_list_is_shown_after_the_login_and_to_nobody_before(
    lab: Lab, visitor: Visitor, device: LabDevice
) -> None:
    """The device is found by who has logged in; at the same address a stranger is shown no device."""
    visitor.go("Devices List")
    visitor.find(device.dev_eui)

    stranger = lab.browser.get(visitor.page.url, follow_redirects=True)

    shown = device.dev_eui in stranger.text.upper()
    lab.expect_seen("who has not logged in is shown no device", shown, {"is": False}, hop="page", proves="HTTP-11.d")
