"""How a device sends: its data rate, its channels, its power and how often, and how a network changes that."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from uplab.simulator.lorawan.channel_mask import masked
from uplab.simulator.lorawan.mac_commands import LinkAdrAns, LinkAdrReq
from uplab.simulator.lorawan.region import Channel, Region

__all__ = ["Tuning"]

_KEEP_AS_IT_IS = 15  # data rate or power of a LinkADRReq that shall not change (LoRaWAN 1.0.4, read here too)


class Tuning:
    """What a device's next frame is sent with; `hop_among` are indices into the region's channels."""

    __slots__ = ("_channels", "data_rate", "hop_among", "payload_limit", "power_dbm", "region", "transmissions")

    def __init__(self, region: Region, tx_power: int, data_rate: int | None) -> None:
        """Start as a device does that has not joined; without a data rate in the fastest of the first channel."""
        self.region = region
        self.power_dbm = float(region.tx_power_dbm(tx_power))
        self.transmissions = 1
        self._channels: Collection[int] = ()
        self.forget(region.channels[0].max_data_rate if data_rate is None else data_rate)

    def forget(self, data_rate: int | None = None) -> None:
        """Know the default channels alone again, as before a join."""
        self.tune(self.data_rate if data_rate is None else data_rate, range(self.region.default_channels))

    def tune(self, data_rate: int, channels: Collection[int] | None = None) -> None:
        """Use these channels (None: those of before), as far as they carry the data rate; ValueError if none does."""
        region = self.region
        channels = self._channels if channels is None else channels
        hop_among = tuple(index for index in channels if _carries(region.channels[index], data_rate))
        if not hop_among:
            raise ValueError(f"data_rate: no channel of the device in {region.name} carries DR{data_rate}")
        self.data_rate = data_rate
        self._channels = channels
        self.hop_among = hop_among
        self.payload_limit = region.data_rates[data_rate].max_payload_bytes

    def bring(self, cf_list: bytes) -> None:
        """Take the channels that a join accept brings, where they are channels of the region."""
        brought = {int.from_bytes(cf_list[at : at + 3], "little") * 100 for at in range(0, len(cf_list) - 1, 3)}
        known, plan = self.region.default_channels, self.region.channels
        self.tune(
            self.data_rate, [index for index, one in enumerate(plan) if index < known or one.frequency_hz in brought]
        )

    def to_join(self, tries: int) -> tuple[int, Sequence[int]]:
        """Return data rate and channels of a join request after so many others.

        Its own data rate where a device may ask in that; else those of the region in turn, as US915 wants it (LoRaWAN
        Regional Parameters 1.0.2 rev B, 2.2.2).
        """
        region = self.region
        rates = region.join_data_rates
        data_rate = self.data_rate if self.data_rate in rates else rates[tries % len(rates)]
        defaults = range(region.default_channels)
        return data_rate, [index for index in defaults if _carries(region.channels[index], data_rate)]

    def adapt(self, requests: Sequence[LinkAdrReq]) -> LinkAdrAns:
        """Take what a block of requests asks for all together, or nothing (LoRaWAN 1.0.2, 5.2).

        Their masks count one after the other; data rate, power and transmissions are those of the last one.
        """
        region, last = self.region, requests[-1]
        data_rate = self.data_rate if last.data_rate == _KEEP_AS_IT_IS else last.data_rate
        channels: list[int] | None = list(self._channels)
        for request in requests:
            channels = masked(region, channels or (), request)
        answer = LinkAdrAns(
            power_ok=last.tx_power in (_KEEP_AS_IT_IS, *range(region.max_tx_power + 1)),
            data_rate_ok=data_rate in region.rx1_data_rates,
            channel_mask_ok=any(_carries(region.channels[index], data_rate) for index in channels or ()),
        )
        if answer == LinkAdrAns():
            if last.tx_power != _KEEP_AS_IT_IS:
                self.power_dbm = float(region.tx_power_dbm(last.tx_power))
            self.transmissions = max(1, last.transmissions)
            self.tune(data_rate, channels)
        return answer


def _carries(channel: Channel, data_rate: int) -> bool:
    return channel.min_data_rate <= data_rate <= channel.max_data_rate
