"""What failed is tried again as the profile declares: so often, at such times, after such answers, and no further."""

import math
import time

import pytest

from uplab.fakes.faults import Drip, Fault, FirstN, Hang, Nth, Status
from uplab.scenarios import Faults, Lab, LabConnection, LabDevice, Verdict
from uplab.scenarios.checks import checks
from uplab.scenarios.suites.common.destination import connect_bin
from uplab.scenarios.suites.common.several import await_success
from uplab.scenarios.suites.delivery.terms import IN_FLIGHT_S, Terms, examples
from uplab.scenarios.under_test.promise.signature import problem_of

pytestmark = [
    pytest.mark.needs("http"),
    pytest.mark.delivery,
    pytest.mark.generation("blame", "strict-resend", "none", "own"),  # strict-close has scenarios of its own
]

ENDLESS = 100_000_000  # bytes: at ten in a second nobody sees their end
FEW = 2  # failures after which an uplink is taken, where more are allowed


@pytest.mark.requirement("HTTP-16.a")
def test_refused_uplink_is_tried_as_declared(lab: Lab, faults: Faults, device: LabDevice, terms: Terms) -> None:
    """Refused with 503 a few times: tried again as declared until it is taken, or once; what comes after arrives."""
    few = max((n for n in range(1, FEW + 1) if terms.policy.leaves_time(n, each_s=IN_FLIGHT_S)), default=0)
    again = few > 0 and terms.policy.tries_after(503)
    after_s = terms.after_s(lab, max(1, few))
    faults.plan(Fault("refuses", FirstN(max(1, few)), Status(503)))
    connection = connect_bin(lab, "/delivery-refused", device, **terms.configuration)

    refused = device.send()
    faults.happened(count=max(1, few), after_s=after_s)
    if again:
        await_success(lab, [refused], connection.route, after_s=after_s)
    sent = [device.send(), *lab.barrier(device)]
    await_success(lab, sent, connection.route, after_s=after_s)

    taken = [refused, *sent] if again else sent
    battery = [terms.as_declared(lab, [refused.id], connection.route)]
    if not terms.policy.stops_at(503):
        battery += lab.delivery_checks([one.id for one in taken], connection.route)
    lab.judge(*checks.judged(lab.history.events, battery))


@pytest.mark.requirement("HTTP-16.a")
def test_uplink_is_given_up_as_declared(lab: Lab, faults: Faults, device: LabDevice, trying_again: Terms) -> None:
    """Refused as often as it may be tried: it is tried so often and not once more; the uplink behind it arrives."""
    policy = trying_again.policy
    if not policy.attempts and policy.end_s is None:
        pytest.skip("the profile declares that an uplink is tried until it is taken")
    if not policy.tries_after(503):
        pytest.skip("the profile declares that 503 is the end")
    limit_s = policy.end_s if policy.end_s is not None else math.inf
    most = policy.most_attempts(limit_s)
    after_s = trying_again.after_s(lab, most)
    faults.plan(Fault("refuses", FirstN(most), Status(503)))
    connection = connect_bin(lab, "/delivery-given-up", device, **trying_again.configuration)

    lost = device.send()
    faults.happened(count=most, after_s=after_s)
    kept = [device.send(), *lab.barrier(device)]
    await_success(lab, kept, connection.route, after_s=after_s)
    trying_again.await_one_more(lab, [lost.id], connection.route, failures=most)

    ids = [one.id for one in kept]
    battery = [trying_again.as_declared(lab, [lost.id], connection.route)]
    lab.judge(*checks.judged(lab.history.events, [*battery, *lab.delivery_checks(ids, connection.route)]))


@pytest.mark.requirement("HTTP-16.a")
def test_each_answer_leads_to_what_is_declared(
    lab: Lab, faults: Faults, device: LabDevice, trying_again: Terms
) -> None:
    """Each answer that ends an uplink ends it, and 400, 404, 429 and 500, where they are none of them, do not."""
    policy = trying_again.policy
    answers = [one for one in (*examples(policy.never_again), 400, 404, 429, 500) if not policy.stops_at(one)]
    codes = list(dict.fromkeys(answers))
    faults.plan(*(Fault(f"answer {code}", Nth(1), Status(code), only=f"/delivery-{code}") for code in codes))
    connections = {code: connect_bin(lab, f"/delivery-{code}", device, **trying_again.configuration) for code in codes}
    after_s = trying_again.after_s(lab, 1)

    first = device.send()
    faults.happened(count=len(codes), after_s=after_s)
    again = [connection.route for code, connection in connections.items() if policy.tries_after(code)]
    await_success(lab, [first], *again, after_s=after_s)
    rest = [device.send(), *lab.barrier(device)]
    await_success(lab, rest, *(connection.route for connection in connections.values()), after_s=after_s)
    ended = [connection.route for code, connection in connections.items() if not policy.tries_after(code)]
    if ended:
        trying_again.await_one_more(lab, [first.id], *ended, failures=1)

    battery: list[checks.Check] = []
    for code, connection in connections.items():
        battery.append(trying_again.as_declared(lab, [first.id], connection.route))
        kept = [first, *rest] if policy.tries_after(code) else rest
        battery += lab.delivery_checks([one.id for one in kept], connection.route)
    lab.judge(*checks.judged(lab.history.events, battery))


@pytest.mark.requirement("HTTP-16.g")
def test_answer_that_stops_is_the_last(lab: Lab, faults: Faults, device: LabDevice, terms: Terms) -> None:
    """After an answer that is declared to stop the connection, nothing more is sent there."""
    codes = examples(terms.policy.stops)
    if not codes:
        pytest.skip("the profile declares no answer that stops a connection")
    faults.plan(Fault("stops", Nth(1), Status(codes[0])))
    connection = connect_bin(lab, "/delivery-stopped", device, **terms.configuration)

    first = device.send()
    faults.happened()
    later = [device.send(), *lab.barrier(device)]
    ids = [one.id for one in (first, *later)]
    terms.await_one_more(lab, ids, connection.route, failures=1)

    lab.judge(*checks.judged(lab.history.events, [terms.as_declared(lab, ids, connection.route)]))


@pytest.mark.full
@pytest.mark.requirement("HTTP-19.a")
def test_answer_that_never_comes_is_given_up_as_declared(
    lab: Lab, faults: Faults, device: LabDevice, terms: Terms
) -> None:
    """A destination that never answers is left within the declared time; what follows is as after a refusal."""
    if lab.profile.choices.failure_generation == "strict-resend":
        pytest.skip("in strict-resend no answer closes the connection, and the strategy opens it again after minutes")
    timeout_s = terms.policy.timeout_s
    after_s = timeout_s + terms.after_s(lab, 1)
    if after_s > lab.deadlines.scenario_s / 2:
        pytest.skip(f"an answer is awaited for {timeout_s:g} s by what is declared, longer than a scenario may last")
    faults.plan(Fault("hangs", Nth(1), Hang()))
    connection = connect_bin(lab, "/delivery-hanging", device, **terms.configuration)

    hung = device.send()
    faults.happened()
    rest = [device.send()]
    again = terms.policy.leaves_time(1, each_s=timeout_s + lab.deadlines.attempt_s)
    await_success(lab, [hung, *rest] if again else rest, connection.route, after_s=after_s)

    within = _left_in_time(lab, hung.id, connection, timeout_s)
    battery = [terms.as_declared(lab, [hung.id], connection.route)]
    battery += lab.delivery_checks([one.id for one in rest], connection.route)
    lab.judge(within, *checks.judged(lab.history.events, battery))


@pytest.mark.full
@pytest.mark.requirement("HTTP-19.a")
def test_body_that_does_not_end_is_as_declared(lab: Lab, faults: Faults, device: LabDevice, terms: Terms) -> None:
    """A 2xx whose body drips for ever holds nothing up; where the declared time covers the body, it is no delivery."""
    policy = terms.policy
    wait_s = policy.timeout_s if policy.timeout_covers == "body" else max(policy.timeout_s, lab.deadlines.unanswered_s)
    after_s = wait_s + terms.after_s(lab, 1)
    if after_s > lab.deadlines.scenario_s / 2:
        pytest.skip(f"an answer is awaited for {wait_s:g} s by what is declared, longer than a scenario may last")
    faults.plan(Fault("drips", Nth(1), Drip(10.0, body=ENDLESS)))
    connection = connect_bin(lab, "/delivery-dripping", device, **terms.configuration)

    begun = device.send()
    faults.happened()
    rest = [device.send()]
    again = policy.timeout_covers == "body" and policy.leaves_time(1, each_s=wait_s + lab.deadlines.attempt_s)
    await_success(lab, [begun, *rest] if again else rest, connection.route, after_s=after_s)

    battery = lab.delivery_checks([one.id for one in rest], connection.route)
    verdicts = []
    if policy.timeout_covers == "body":
        battery.append(terms.as_declared(lab, [begun.id], connection.route))
        verdicts.append(_left_in_time(lab, begun.id, connection, policy.timeout_s))
    lab.judge(*verdicts, *checks.judged(lab.history.events, battery))


def _left_in_time(lab: Lab, id_: str, connection: LabConnection, timeout_s: float) -> Verdict:
    """Whether the first attempt was given up when its time was over."""
    tries = [d for d in checks.deliveries(lab.history.events, connection.route) if id_ in d.ids]
    left = tries[0].answered if tries else None
    promised = f"an answer is awaited for {timeout_s:g} s at most"
    if left is None:
        happened, kept = "the connection is still open", False
    else:
        waited_s = left.monotonic_s - tries[0].arrived.monotonic_s
        kept = waited_s <= timeout_s + lab.deadlines.attempt_s
        happened = f"it was left after {waited_s:.1f} s"
    return Verdict("timing", "passed" if kept else "failed", 1, promised, happened, None if kept else "forwarder")


@pytest.mark.requirement("HTTP-16.a")
def test_retry_after_is_waited_for(lab: Lab, faults: Faults, device: LabDevice, trying_again: Terms) -> None:
    """A 503 with Retry-After, longer than the pause that is declared: the next attempt comes no sooner."""
    if not trying_again.policy.retry_after:
        pytest.skip("the profile does not declare that Retry-After is obeyed")
    asked_s = math.ceil(trying_again.policy.window(1).most_s) + 1
    faults.plan(Fault("later", Nth(1), Status(503, retry_after=str(asked_s))))
    connection = connect_bin(lab, "/delivery-later", device, **trying_again.configuration)

    sent = [device.send()]
    await_success(lab, sent, connection.route, after_s=asked_s + trying_again.after_s(lab, 1))

    declared = trying_again.as_declared(lab, [sent[0].id], connection.route, retry_after_s=asked_s)
    lab.judge(*checks.judged(lab.history.events, [declared]))
    lab.judge_delivery(sent, connection)


@pytest.mark.requirement("HTTP-12.a")
def test_id_of_a_document_is_its_own_and_stays(
    lab: Lab, faults: Faults, devices: list[LabDevice], terms: Terms
) -> None:
    """The declared header has a value of its own for each document, and the same one in each attempt."""
    header = terms.policy.id_header
    if header is None:
        pytest.skip("the profile declares no header with an id")
    faults.plan(Fault("refused", Nth(1), Status(503)))
    connection = connect_bin(lab, "/delivery-id", *devices, **terms.configuration)

    sent = [device.send() for device in devices]
    kept = sent[1:] if terms.policy.sent_once else sent
    await_success(lab, kept, connection.route, after_s=terms.after_s(lab, 1))

    values: dict[str, set[str]] = {}
    for delivery in checks.deliveries(lab.history.events, connection.route):
        given = [value for name, value in delivery.arrived.facts["headers"] if name.lower() == header.lower()]
        for id_ in delivery.ids:
            values.setdefault(id_, set()).add(given[0] if len(given) == 1 else f"{len(given)} of them")
    each = [value for found in values.values() for value in found]
    right = bool(values) and all(len(found) == 1 for found in values.values()) and len(set(each)) == len(each)
    lab.expect(f"{header} is each document's own, in every attempt", right, {k: sorted(v) for k, v in values.items()})


@pytest.mark.requirement("HTTP-05.a")
def test_signature_is_right(lab: Lab, devices: list[LabDevice], terms: Terms) -> None:
    """Each delivery is signed by the Standard Webhooks form: id, time and body, with the secret that was given."""
    if terms.policy.signature is None:
        pytest.skip("the profile declares no signature")
    connection = connect_bin(lab, "/delivery-signed", *devices)

    sent = [device.send() for device in devices]
    await_success(lab, sent, connection.route)

    found = []
    for delivery in checks.deliveries(lab.history.events, connection.route):
        facts, raw = delivery.arrived.facts, delivery.arrived.raw or b""
        found.append(problem_of(facts["headers"], raw, lab.signing_secret, now_s=time.time()))
    wrong = [problem for problem in found if problem]
    lab.expect("each delivery is signed", bool(found) and not wrong, wrong[:1] or f"{len(found)} signed deliveries")
