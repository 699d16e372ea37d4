"""A simulated device, as a scenario holds it: it joins, it sends, it has received."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from uplab.scenarios.lab.air.troubled import Troubled, troubled
from uplab.simulator.lorawan.region import Region
from uplab.simulator.thingpark.documents import ROOTS, UPLINK, device_of, root_of, time_of
from uplab.simulator.troubles.table import TROUBLES

if TYPE_CHECKING:
    from uplab.scenarios.history.history import History
    from uplab.scenarios.lab.upstream import Upstream
    from uplab.simulator.air import Conditions
    from uplab.simulator.devices.device import Device
    from uplab.simulator.network.tunnel import Outcome

__all__ = ["LabDevice", "Sent", "posted"]


@dataclass(frozen=True, slots=True)
class Sent:
    """An uplink that a device sent: its id in the history, what was measured, and the forwarder's answer to it.

    `f_cnt` of a document of the user's own is as the document says it, and None where it says nothing.
    `outcome` is accepted, refused or unclear; None where no gateway heard the frame.
    """

    id: str
    dev_eui: str
    f_cnt: Any
    time: str
    readings: Any
    document: dict[str, Any] | None
    outcome: str | None
    status: int | None
    reason: str


def posted(document: dict[str, Any], outcome: Outcome, id_: str) -> Sent:
    """A document that was posted as it is, with what it says of itself."""
    root, report = root_of(document) or (ROOTS[UPLINK], next(iter(document.values())))
    told = time_of(root, report)
    return Sent(
        id_,
        device_of(root, report),
        report.get("FCntUp"),
        str(told[1]) if told else "",
        None,
        document,
        outcome.kind,
        outcome.status,
        outcome.reason,
    )


class LabDevice:
    """Drives one simulated device from a synchronous scenario."""

    def __init__(
        self,
        upstream: Upstream,
        history: History,
        device: Device,
        *,
        on_answer: Callable[[int | None], None] | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """`on_answer` is told the status with which the forwarder answered an uplink; None where it gave none.

        `before` is called before anything is sent.
        """
        self._before = before
        self._on_answer = on_answer
        self._upstream = upstream
        self._history = history
        self.device = device

    @property
    def dev_eui(self) -> str:
        """16 upper-case hexadecimal digits."""
        return str(self.device.dev_eui)

    @property
    def region(self) -> Region:
        """The regional plan by which it sends."""
        return self.device.region

    @property
    def name(self) -> str:
        """The device's name for people."""
        return self.device.name

    @property
    def received(self) -> list[tuple[int, str]]:
        """The downlinks it decrypted, oldest first: (FPort, payload in hexadecimal)."""
        return [(one.f_port, one.payload.hex()) for one in self.device.received]

    def join(self, *, told: bool = True) -> None:
        """Joins the network over the air; the join's own documents go through the tunnel, where it is `told`."""
        if told:
            self._before()
        self._upstream.join(self.device, told=told)

    def trouble(self, name: str) -> Troubled:
        """Has this go wrong on the air, by its name in `TROUBLES`; waits for the forwarder's answers.

        ValueError names the troubles there are.
        """
        if name not in TROUBLES:
            raise ValueError(f"there is no trouble {name}; there are {', '.join(TROUBLES)}")
        self._before()
        mark = self._history.mark
        documents, outcomes, wanted = self._upstream.trouble(self.device, TROUBLES[name])
        return troubled(TROUBLES[name], self.dev_eui, wanted, self._history.since(mark), documents, outcomes)

    def send(self, **readings: Any) -> Sent:
        """Sends one measurement, or the readings given by name, and waits for the forwarder's answer."""
        measured, payload, f_port = self._upstream.measure(self.device, readings)
        return self.send_bytes(payload, f_port=f_port, readings=measured)

    def send_bytes(
        self,
        payload: bytes,
        *,
        f_port: int,
        confirmed: bool = False,
        readings: Any = None,
        under: Conditions | None = None,
    ) -> Sent:
        """Sends a payload as it is; waits for the forwarder's answer to it, not for its delivery."""
        self._before()
        mark = self._history.mark
        documents, outcomes = self._upstream.send(self.device, payload, f_port=f_port, confirmed=confirmed, under=under)
        frame = next(
            e for e in self._history.since(mark) if e.hop == "device.sent" and e.facts["dev_eui"] == self.dev_eui
        )
        uplinks = [(d, o) for d, o in zip(documents, outcomes, strict=True) if "DevEUI_uplink" in d]
        document, outcome = uplinks[0] if uplinks else (None, None)
        if outcome and self._on_answer:
            self._on_answer(outcome.status)
        return Sent(
            id=frame.ids[0],
            dev_eui=self.dev_eui,
            f_cnt=frame.facts["f_cnt"],
            time=frame.facts["time"],
            readings=readings,
            document=document,
            outcome=outcome.kind if outcome else None,
            status=outcome.status if outcome else None,
            reason=outcome.reason if outcome else "no gateway heard the frame",
        )
