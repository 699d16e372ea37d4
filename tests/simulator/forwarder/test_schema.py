"""The API against its own description, by a tool that nobody here wrote: no 5xx, no status that is not described."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.simulator.forwarder.process import Forwarder

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]


def test_api_keeps_to_its_description(forwarder: Forwarder) -> None:
    schema = schemathesis.openapi.from_url(f"{forwarder.ready['api']}/openapi.json")
    examined = 0
    # Not by the tool's own pytest plugin, which needs what pytest 9.2 no longer has.
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        operation = result.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def check(case: Any) -> None:
            case.call_and_validate(checks=CHECKS)

        check()
        examined += 1

    assert examined >= 20
