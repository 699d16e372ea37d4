"""Numbers stay what they are, also those that a careless program would round."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest

from uplab.fakes.faults import Fault, Nth, Status
from uplab.scenarios import Faults, Lab, LabDevice
from uplab.scenarios.suites.common.destination import connect_bin, requests
from uplab.scenarios.suites.common.ingress import Ingress
from uplab.scenarios.suites.common.reports import uplink
from uplab.scenarios.suites.common.several import await_success, expect_accepted
from uplab.scenarios.suites.faults.presumed import presume_trying_again

pytestmark = [pytest.mark.needs("http", "ingress", "form"), pytest.mark.delivery]

LITERALS = {
    "twenty-digits": "12345678901234567890",
    "beyond-64-bits": "340282366920938463463374607431768211455",
    "beyond-53-bits": "9007199254740993",
    "many-decimals": "0.1000000000000000055511151231257827",
    "small": "4.9e-324",
    "large": "1.7976931348623157e308",
    "negative-zero": "-0.0",
    "exponent": "1E5",
    "price": "10.50",
}


def raw_with(document: dict[str, Any], values: dict[str, str]) -> bytes:
    """The document as JSON text, with these number literals, letter for letter, in a field CustomerData."""
    text = json.dumps(document)
    literals = ", ".join(f'"{name}": {literal}' for name, literal in values.items())
    return re.sub(r'"CustomerData": "HERE"', f'"CustomerData": {{{literals}}}', text).encode()


@pytest.mark.requirement("COM-16.a")
def test_large_and_long_numbers_keep_their_value(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """Integers beyond 53 and 64 bits and long fractions come out with every digit of their value."""
    connection = connect_bin(lab, "/numbers", device)
    document = uplink(device, CustomerData="HERE")

    sent, _ = ingress.post(document, raw=raw_with(document, LITERALS))
    expect_accepted(lab, sent)
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection)
    body = json.loads(requests(lab, connection)[0].body, parse_float=Decimal, parse_int=Decimal)
    shown = body["DevEUI_uplink"]["CustomerData"]
    if lab.profile.choices.numbers == "exact":
        changed = [name for name, text in LITERALS.items() if shown.get(name) != Decimal(text)]
    else:  # what an IEEE double makes of it, and no digit less
        changed = [name for name, text in LITERALS.items() if float(shown.get(name, "nan")) != float(text)]
    lab.expect_seen(
        "each number has the value that is promised",
        changed,
        {"empty": True},
        {name: str(shown.get(name)) for name in changed},
    )


@pytest.mark.requirement("COM-16.a")
@pytest.mark.needs("exact")
def test_whole_floats_keep_their_point_zero(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """The documents write -46.0 and 42.0 so; they do not become -46 and 42, which a typed reader takes for integers."""
    connection = connect_bin(lab, "/floats", device)
    values = {"a": "42.0", "b": "-46.0", "c": "0.0", "d": "42"}
    document = uplink(device, CustomerData="HERE")

    sent, _ = ingress.post(document, raw=raw_with(document, values))
    expect_accepted(lab, sent)
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection)
    body = json.loads(requests(lab, connection)[0].body, parse_float=str, parse_int=str)
    shown = body["DevEUI_uplink"]["CustomerData"]
    lab.expect_seen("each number stays written as it was", shown, {"is": values}, f"sent {values}, received {shown}")


@pytest.mark.requirement("COM-16.a")
def test_what_is_tried_again_keeps_its_numbers(lab: Lab, faults: Faults, ingress: Ingress, device: LabDevice) -> None:
    """Refused, kept and sent again, a document is the same: what is queued is not what somebody made of it."""
    presume_trying_again(lab)
    faults.plan(Fault("refused", Nth(1), Status(503), only="/kept-numbers"))
    connection = connect_bin(lab, "/kept-numbers", device, blamePeriod=1)
    document = uplink(device, CustomerData="HERE")

    sent, _ = ingress.post(document, raw=raw_with(document, LITERALS))
    expect_accepted(lab, sent)
    faults.happened()
    await_success(lab, [sent], connection.route, after_s=1.0)

    lab.judge_delivery([sent], connection)


@pytest.mark.requirement("HTTP-15.c")
def test_document_with_blanks_and_escapes_is_the_same_document(lab: Lab, ingress: Ingress, device: LabDevice) -> None:
    """Written over many lines, with letters as \\u escapes, it is the same JSON and arrives as such."""
    connection = connect_bin(lab, "/pretty", device)
    document = uplink(device, CustomerData={"name": "Größe 温度", "tags": ["a b", "}{"]})

    sent, _ = ingress.post(document, raw=json.dumps(document, indent=4, ensure_ascii=True).encode())
    expect_accepted(lab, sent)
    lab.await_delivery([sent], connection.route)

    lab.judge_delivery([sent], connection)
