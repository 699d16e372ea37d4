"""Which of the two ThingsBoard sinks a connection gets: the port in its hostName decides."""

from collections.abc import Collection, Mapping
from pathlib import Path

from simulator.forwarder.resolve import Endpoint
from simulator.forwarder.sink import Sink
from simulator.forwarder.thingsboard import Account
from simulator.forwarder.thingsboard_rest_sink import ThingsBoardRestSink
from simulator.forwarder.thingsboard_sink import OnLost, OnRpc, ThingsBoardSink

__all__ = ["thingsboard_sink"]


def thingsboard_sink(
    account: Account,
    *,
    resolve: Mapping[Endpoint, Endpoint],
    ca_file: Path | None,
    known_devices: Collection[str] = (),
    on_rpc: OnRpc | None = None,
    on_lost: OnLost | None = None,
    timeout_s: float = 10.0,
) -> Sink:
    """Make the sink for an account: MQTT for 1883 and 8883, REST for all other ports (there without commands)."""
    if account.transport in {"http", "https"}:
        return ThingsBoardRestSink(account, resolve=resolve, ca_file=ca_file, timeout_s=timeout_s)
    return ThingsBoardSink(
        account,
        resolve=resolve,
        ca_file=ca_file,
        known_devices=known_devices,
        on_rpc=on_rpc,
        on_lost=on_lost,
        timeout_s=timeout_s,
    )
