"""kill -9 under traffic, again and again: what was accepted arrives, whenever the process ends.

`python -m tests.simulator.forwarder.killed --times 100` kills it that often, and tells what became of the uplinks.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
from collections import Counter
from pathlib import Path

import httpx

from tests.simulator.forwarder.destination import Destination
from tests.simulator.forwarder.making import document, tunnel_query
from tests.simulator.forwarder.process import AS_ID, AS_KEY, Forwarder

__all__ = ["kill_often"]

DEVICES = [f"20635F01080004{number:02X}" for number in range(4)]
MOST = 40  # uplinks that are accepted between two kills
Uplink = tuple[str, int]


class _Traffic:
    """Devices that send one uplink after the other until the forwarder is gone."""

    def __init__(self) -> None:
        self.accepted: list[Uplink] = []
        self.unclear: set[Uplink] = set()
        """What got no answer."""
        self._counters = dict.fromkeys(DEVICES, 0)
        self._news = threading.Condition()

    def during(self, forwarder: Forwarder, count: int) -> None:
        """Lets all devices send, and kills the forwarder when so many more are accepted; the others are under way."""
        wanted = len(self.accepted) + count
        senders = [threading.Thread(target=self._send, args=(device, forwarder.ready["ingress"])) for device in DEVICES]
        for sender in senders:
            sender.start()
        with self._news:
            assert self._news.wait_for(lambda: len(self.accepted) >= wanted, 60)
        forwarder.kill()
        for sender in senders:
            sender.join()

    def _send(self, device: str, ingress: str) -> None:
        with httpx.Client(trust_env=False, timeout=20.0) as client:
            while True:
                self._counters[device] += 1
                one = (device, self._counters[device])
                body = document(DevEUI=device, FCntUp=one[1])
                query = tunnel_query(next(iter(body.values())), as_id=AS_ID, key=AS_KEY)
                try:
                    answer = client.post(f"{ingress}?{query}", json=body)
                except httpx.HTTPError:
                    self.unclear.add(one)
                    return
                assert answer.status_code == 200, answer.text
                with self._news:
                    self.accepted.append(one)
                    self._news.notify_all()


def kill_often(folder: Path, times: int, seed: int) -> Counter[str]:
    """Kills it so often under traffic, lets it deliver what is left, and counts."""
    chance, traffic = random.Random(seed), _Traffic()
    with Destination() as destination:
        forwarder = Forwarder(folder)
        with forwarder:
            forwarder.bind(forwarder.create(destination.url), *DEVICES)
            for _ in range(times):
                traffic.during(forwarder, chance.randint(1, MOST))
                forwarder.start()
            wanted = set(traffic.accepted)

            def arrived() -> Counter[Uplink]:
                return Counter((one.uplink["DevEUI"], int(one.uplink["FCntUp"])) for one in destination.arrivals)

            forwarder.wait_until("all that was accepted arrives", lambda: wanted <= arrived().keys(), 60)
            found = arrived()
    return Counter(
        {
            "kills": times,
            "accepted": len(wanted),
            "lost": len(wanted - found.keys()),
            "arrived twice": sum(count > 1 for count in found.values()),
            "without an answer": len(traffic.unclear),
            "of these arrived": len(traffic.unclear & found.keys()),
            "invented": len(found.keys() - wanted - traffic.unclear),
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="killed-") as folder:
        print(dict(kill_often(Path(folder), wanted.times, wanted.seed)))


if __name__ == "__main__":
    main()
