"""What the HTTP suite is given: a connection with the document's own body, and the bin that it names."""

import copy
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from uplab.scenarios import Bin, Lab, LabConnection, LabDevice, Route, example_body
from uplab.scenarios.suites.faults.presumed import presume_trying_again

if TYPE_CHECKING:
    pass

# The document's headers, as functions of the DevEUI: {DevEUI} becomes the device's, the others stay.
HEADERS: dict[str, Callable[[str], str]] = {
    name: partial(value.replace, "{DevEUI}")
    for name, value in example_body("http.md")["configuration"]["headers"].items()
}


@pytest.fixture
def soon(lab: Lab) -> dict[str, Any]:
    """Configuration with which a failed delivery is tried again after a second."""
    presume_trying_again(lab)
    return {"blamePeriod": 1}


@pytest.fixture
def body(lab: Lab) -> dict[str, Any]:
    """The document's example of POST /connections, verbatim; a fresh copy that a scenario may change.

    Headers with a pattern are left away where the profile has no patterns.
    """
    body = copy.deepcopy(example_body("http.md"))
    if not lab.profile.features.patterns:
        found = body["configuration"]["headers"]
        body["configuration"]["headers"] = {name: value for name, value in found.items() if "{" not in value}
    return body


@pytest.fixture
def headers(body: dict[str, Any]) -> dict[str, Callable[[str], str]]:
    """What each delivery must carry."""
    return {name: value for name, value in HEADERS.items() if name in body["configuration"]["headers"]}


@pytest.fixture
def posthere_bin(lab: Lab, body: dict[str, Any]) -> Bin:
    """The bin of the document's destinationURL, read as a user reads it."""
    return Bin(lab.browser, body["configuration"]["destinationURL"])


@pytest.fixture
def connection(lab: Lab, body: dict[str, Any], posthere_bin: Bin, devices: list[LabDevice]) -> LabConnection:
    """A connection with the document's body, open, with three devices bound to it."""
    return lab.connect(body, Route("posthere", urlsplit(posthere_bin.url).path), *devices)
