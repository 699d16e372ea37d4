"""The API against its own description, by a tool that nobody here wrote: no 5xx, no status that is not described."""

import os
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.simulator.forwarder.making import DEV_EUI
from tests.simulator.forwarder.process import Forwarder

pytestmark = pytest.mark.timeout(600)  # the tool thinks for seconds about some operations
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]
EXAMPLES = int(os.environ.get("UPLAB_EXAMPLES", "6"))  # of each operation and mode; each costs about 70 ms of CPU


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["right", "wrong"])
def test_api_keeps_to_its_description(forwarder: Forwarder, mode: GenerationMode) -> None:
    connection = forwarder.create("http://127.0.0.1:1/")
    flow = forwarder.bind(connection, DEV_EUI)
    # Ids that exist, for half of the requests: the others end at 404 before anything of theirs is looked at.
    known = {"connection_id": connection, "flow_id": flow, "connector_id": "actility-http-iot"}
    known["uuid"] = urlsplit(forwarder.show(connection)["downlinkUrl"]).path.rpartition("/")[2]
    schema = schemathesis.openapi.from_url(f"{forwarder.ready['api']}/openapi.json")
    examined, statuses = 0, set()
    # Not by the tool's own pytest plugin, which needs what pytest 9.2 no longer has.
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(case=operation.as_strategy(generation_mode=mode), exists=st.booleans())
        @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def check(case: Any, exists: bool) -> None:
            if exists and case.method != "DELETE":
                case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            answer = case.call()
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)

        try:
            check()
        except Unsatisfiable:  # there is no wrong way to ask it
            assert mode is GenerationMode.NEGATIVE
            continue
        examined += 1

    assert examined >= (20 if mode is GenerationMode.POSITIVE else 12)
    assert statuses >= ({200, 201, 404} if mode is GenerationMode.POSITIVE else {400, 404})
