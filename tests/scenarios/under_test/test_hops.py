from uplab.fakes.faults import Fault, FirstN, Status, as_data, from_data
from uplab.scenarios.under_test import hops


def test_hop_is_its_name_and_its_facts() -> None:
    said = {"method": "GET", "path": "/connections", "raw": b""}

    assert hops.api_asked(method="GET", path="/connections", raw=b"") == ("api.asked", said)


def test_planned_fault_can_be_made_again_from_what_is_said() -> None:
    fault = Fault("refused", FirstN(2), Status(503, b"\xff", retry_after="1"))

    _, facts = hops.fault_planned(fake="posthere", faults=(as_data(fault),))

    assert [from_data(data) for data in facts["faults"]] == [fault]
