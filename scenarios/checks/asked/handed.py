"""What becomes of downlinks on their way: handed on to the network as they were posted, and told of as promised."""

from collections.abc import Mapping, Sequence
from typing import Any

from uplab.scenarios.checks.asked.pointer import parsed
from uplab.scenarios.checks.check import Check
from uplab.scenarios.checks.deliveries import ANSWERS, ARRIVALS, Arrivals
from uplab.scenarios.checks.verdict import Verdict
from uplab.scenarios.history.history import Event
from uplab.scenarios.history.identity import find_report

__all__ = ["HandedOn", "Reported"]

Handed = Sequence[Any]
"""FPort (null in a flush alone), payload in hexadecimal, CorrelationID (null where none was given)."""


class HandedOn(Check):
    """The network was handed each device's downlinks as they were posted, in order; a confirmed one is acknowledged.

    Each was handed on before its POST was answered: a 2xx says that the network has taken it.

    `confirmed` says of payloads whether the device was asked for an acknowledgement.
    """

    name = "handed on"
    promise = (
        "each downlink is handed on to the network with the port, payload and CorrelationID that it was posted with"
    )
    source = ("DL-04", "DL-08", "DL-09", "CONTRACT 5")
    asks = "what was the network asked for, for each device, in its order?"
    advice = "compare network.downlink in the timeline with what was posted"
    hops = frozenset({"network.downlink", "device.received", "downlink.posted"})

    def __init__(self, wanted: Mapping[str, Sequence[Handed]], confirmed: Mapping[str, bool]) -> None:
        self._wanted = {device: [tuple(one) for one in each] for device, each in wanted.items()}
        self._confirmed = dict(confirmed)
        self._found: dict[str, list[tuple[Any, ...]]] = {device: [] for device in wanted}
        self._wrong: list[str] = []
        self._taken: dict[str, int] = dict.fromkeys(wanted, 0)

    def see(self, event: Event) -> None:
        """One that was handed on, or received."""
        facts = event.facts
        device = str(facts.get("dev_eui")).upper()
        found = self._found.get(device)
        if found is None:
            return
        if event.hop == "network.downlink":
            correlation = facts.get("correlation_id")
            told = str(correlation).upper() if correlation else None
            one = facts.get("f_port"), str(facts.get("payload_hex") or "").lower(), told
            if facts["outcome"] == "queued" or one in self._wanted[device]:  # else it is refused, by the network
                found.append(one)
        elif event.hop == "downlink.posted":
            self._posted_to(device, facts)
        elif (asked := self._confirmed.get(str(facts["payload_hex"]))) not in (None, facts["confirmed"]):
            self._wrong.append(f"{facts['payload_hex']} came {'un' * bool(asked)}confirmed to {facts['dev_eui']}")

    def _posted_to(self, device: str, facts: Mapping[str, Any]) -> None:
        """A POST that was answered with success: the network has as many as were taken, at least."""
        if not 200 <= int(facts.get("status") or 0) < 300:
            return
        self._taken[device] += 1
        if len(self._found[device]) < self._taken[device]:
            posted = facts.get("payload_hex") or "a flush"
            self._wrong.append(f"{posted} for {device} was answered with {facts['status']} before the network had it")

    def verdict(self) -> Verdict:
        """All or nothing."""
        examined = sum(len(each) for each in self._wanted.values())
        if self._found != self._wanted:
            wrong = {device: each for device, each in self._found.items() if each != self._wanted[device]}
            happened = f"handed on {wrong}, posted { {device: self._wanted[device] for device in wrong} }"
            return self.broken(examined, happened[:1500])
        if self._wrong:
            return self.broken(examined, "; ".join(self._wrong[:3]))
        return self.says("passed" if examined else "unknown", examined, f"{examined} handed on as they were posted")

    def asked(self) -> dict[str, Any]:
        """What was posted."""
        wanted = {device: [list(one) for one in each] for device, each in self._wanted.items()}
        return {"wanted": wanted, "confirmed": self._confirmed}


class Reported(Check):
    """Each downlink that the network rejected is told of at its connection's destination, once, with its id."""

    name = "reported"
    promise = "what the network rejects comes back through the connection as DevEUI_downlink_Rejected"
    source = ("DL-11", "DL-12", "CONTRACT 5")
    asks = "which reports of rejected downlinks came to which destination?"
    advice = "is the answer of the network read, and is its cause told?"
    hops = ARRIVALS | ANSWERS

    def __init__(self, wanted: Sequence[Sequence[str]]) -> None:
        """`wanted` are fake, path, DevEUI, and CorrelationID."""
        self._wanted = [tuple(one) for one in wanted]
        self._arrivals = Arrivals()
        self._found: list[tuple[str, ...]] = []
        self._untold: list[str] = []

    def see(self, event: Event) -> None:
        """One that was taken at its destination."""
        delivery = self._arrivals.see(event)
        if delivery is None or not delivery.delivered:
            return
        found = find_report(parsed(delivery.arrived.raw))
        if found is None or found[0] != "DevEUI_downlink_Rejected":
            return
        facts, report = delivery.arrived.facts, found[1]
        place = str(facts.get("fake")), str(facts.get("topic") or str(facts.get("url", "")).partition("?")[0])
        told = str(report.get("DevEUI")).upper(), str(report.get("CorrelationID")).upper()
        self._found.append((*place, *told))
        if not report.get("DownlinkRejectionCause"):
            self._untold.append(told[1])

    def verdict(self) -> Verdict:
        """Each once, with a cause."""
        missing = [one for one in self._wanted if self._found.count(one) != 1]
        if missing:
            count = self._found.count(missing[0])
            return self.broken(
                len(self._wanted), f"the report of {missing[0][3]} came {count} times to {missing[0][1]}"
            )
        if untold := [one[3] for one in self._wanted if one[3] in self._untold]:
            return self.broken(len(self._wanted), f"the report of {untold[0]} has no DownlinkRejectionCause")
        count = len(self._wanted)
        return self.says("passed" if count else "unknown", count, f"{count} reports came, each once")

    def asked(self) -> dict[str, Any]:
        """The reports."""
        return {"wanted": [list(one) for one in self._wanted]}
