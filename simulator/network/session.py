"""What the network server remembers of a device and of each of its sessions."""

from __future__ import annotations

from uplab.simulator.lorawan.frame import MAX_FCNT_GAP, SessionKeys, reconstruct_f_cnt
from uplab.simulator.lorawan.ids import DevAddr, JoinEUI, Key
from uplab.simulator.lorawan.mac_commands import LinkAdrReq, MacCommand
from uplab.simulator.network.documents import Context
from uplab.simulator.network.downlink_queue import DownlinkQueue

__all__ = ["KnownDevice", "NetworkSession", "next_f_cnt"]

_PER_WINDOW = 32
_PER_MASK = (1 << _PER_WINDOW) - 1


class NetworkSession:
    """One session of a device: its address, its keys and its counters.

    InstantPER is the share of lost uplinks among the last 32, MeanPER among all.
    """

    __slots__ = (
        "_expected",
        "_lost",
        "_seen",
        "asked_adr",
        "commands",
        "dev_addr",
        "device",
        "f_cnt_down",
        "f_cnt_up",
        "instant_per",
        "keys",
        "lrr_id",
        "mean_per",
        "nb_trans",
        "phy",
        "tx_power_dbm",
    )

    def __init__(self, device: KnownDevice, dev_addr: DevAddr, keys: SessionKeys, tx_power_dbm: float) -> None:
        self.device = device
        self.dev_addr = dev_addr
        self.keys = keys
        self.f_cnt_up: int | None = None  # of the last uplink
        self.f_cnt_down = 0  # of the next downlink
        self.phy = b""  # of the last uplink
        self.lrr_id = ""  # of the gateway that heard it best, and is there to answer
        self.tx_power_dbm = tx_power_dbm
        self.nb_trans = 1
        self.commands: list[MacCommand] = []
        self.asked_adr: LinkAdrReq | None = None
        self._seen = 0
        self._expected = 0
        self._lost = 0
        self.instant_per = 0.0
        self.mean_per = 0.0

    def count(self, f_cnt: int, phy: bytes) -> None:
        """Take the counter of a new uplink; the ones skipped are lost."""
        last = self.f_cnt_up
        lost = f_cnt if last is None else f_cnt - last - 1
        self._seen = ((self._seen << (lost + 1)) | 1) & _PER_MASK if lost < _PER_WINDOW else 1
        self._expected += lost + 1
        self.f_cnt_up = f_cnt
        self.phy = phy
        if lost or self._lost:
            self._lost += lost
            self.instant_per = round(1.0 - self._seen.bit_count() / min(self._expected, _PER_WINDOW), 6)
            self.mean_per = round(self._lost / self._expected, 6)


class KnownDevice:
    """A provisioned device; `fresh` is the session of a join that no uplink has confirmed yet."""

    __slots__ = ("app_key", "context", "fresh", "join_eui", "queue", "session", "used_nonces")

    def __init__(self, join_eui: JoinEUI, app_key: Key, context: Context) -> None:
        self.join_eui = join_eui
        self.app_key = app_key
        self.context = context
        self.queue = DownlinkQueue()
        self.session: NetworkSession | None = None
        self.fresh: NetworkSession | None = None
        self.used_nonces: set[int] = set()


def next_f_cnt(low16: int, last: int | None) -> int | str:
    """Return the 32-bit counter of a received frame, or the reason for which it cannot be one: "replay" or "f_cnt_gap".

    The last counter itself is returned again: whether its frame is a true repeat only the MIC can tell.
    """
    if last is None:
        return low16 if low16 <= MAX_FCNT_GAP else "f_cnt_gap"
    full = reconstruct_f_cnt(low16, last)
    if full is not None:
        return full
    return "replay" if (last - low16) & 0xFFFF <= MAX_FCNT_GAP else "f_cnt_gap"
