"""The API against its own description, by a tool that nobody here wrote: no 5xx, and no status that is not described."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from tests.simulator.forwarder.process import Forwarder


@pytest.fixture(scope="module")
def api_schema(running: Forwarder) -> schemathesis.BaseSchema:
    """The description that the running forwarder gives of itself."""
    return schemathesis.openapi.from_url(f"{running.ready['api']}/openapi.json")


schema = schemathesis.pytest.from_fixture("api_schema")


@schema.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_api_keeps_to_its_description(case: schemathesis.Case) -> None:
    case.call_and_validate(checks=[not_a_server_error, status_code_conformance, content_type_conformance])
