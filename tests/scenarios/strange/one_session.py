"""Tells ThingsBoard over one MQTT 5 session of its own making for all connections to one host, a broker over another.

What is not acknowledged is sent again, in a new session. SESSION_QOS=0 sends without wanting an acknowledgement. A
message to a broker has what MQTT 5 allows beside its payload: when it expires, its type, a word of its sender's; and
each session there begins with "online".
"""

import asyncio
import datetime as dt
import json
import os
import threading
from typing import Any

from tests.scenarios.strange.ingress import connections, serve

QOS = int(os.environ.get("SESSION_QOS", "1"))
AGAIN_S = 0.5
Message = tuple[str, bytes]


def text(value: str) -> bytes:
    """As MQTT writes a text."""
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


ASIDE = (
    b"\x02" + (3600).to_bytes(4, "big") + b"\x03" + text("application/json") + b"\x26" + text("by") + text("strange")
)


def packet(kind: int, body: bytes) -> bytes:
    """A packet with its length."""
    length, left = b"", len(body)
    while True:
        left, digit = divmod(left, 128)
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([kind]) + length + body


class Session:
    """One host, and what is to be told there."""

    def __init__(self, configuration: dict[str, Any]) -> None:
        host, _, port = configuration["hostName"].rpartition(":")
        self.is_broker = "uplinkTopicPattern" in configuration
        self.place, self.account = (host, int(port)), (configuration["username"], configuration["password"])
        self.waiting: asyncio.Queue[tuple[str, Message]] = asyncio.Queue()

    async def run(self) -> None:
        """A session after the other."""
        untold: tuple[str, Message] | None = None
        while True:
            try:
                reader, writer = await asyncio.open_connection(*self.place)
                name, password = self.account
                body = text("MQTT") + b"\x05\xc2\x00\x3c\x00" + text("") + text(name) + text(password)
                writer.write(packet(0x10, body))
                await self.read(reader, 0x20)
                known: set[str] = set()
                if self.is_broker:
                    await self.publish(reader, writer, ("strange/status", b"online"), 1)
                while True:
                    untold = untold or await self.waiting.get()
                    await self.tell(reader, writer, known, *untold)
                    untold = None
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.wait([asyncio.get_running_loop().create_task(asyncio.Event().wait())], timeout=AGAIN_S)

    async def tell(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        known: set[str],
        device: str,
        message: Message,
    ) -> None:
        """One uplink, to its acknowledgement."""
        if message[0] == TELEMETRY and device not in known:
            told = json.dumps({"device": device}).encode()
            await self.publish(reader, writer, ("v1/gateway/connect", told), 1)
            known.add(device)
        await self.publish(reader, writer, message, QOS)

    async def publish(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, message: Message, qos: int
    ) -> None:
        """One message."""
        topic, told = message
        number = b"\x00\x01" if qos else b""
        aside = b"" if topic.startswith("v1/") else ASIDE
        writer.write(packet(0x30 | qos << 1, text(topic) + number + bytes([len(aside)]) + aside + told))
        await writer.drain()
        if qos:
            await self.read(reader, 0x40)

    async def read(self, reader: asyncio.StreamReader, kind: int) -> None:
        """The next packet of a kind; others are passed over."""
        while True:
            head = await asyncio.wait_for(reader.readexactly(1), 5)
            length, shift = 0, 0
            while True:
                digit = (await reader.readexactly(1))[0]
                length |= (digit & 0x7F) << shift
                shift += 7
                if not digit & 0x80:
                    break
            await reader.readexactly(length)
            if head[0] & 0xF0 == kind:
                return


TELEMETRY = "v1/gateway/telemetry"
loop = asyncio.new_event_loop()
sessions: dict[str, Session] = {}
topics: dict[str, list[str]] = {}  # of each session the patterns; none at ThingsBoard


async def begin() -> None:
    """A session for each host."""
    for connection in connections():
        configuration = connection["configuration"]
        sessions.setdefault(configuration["hostName"], Session(configuration))
        if pattern := configuration.get("uplinkTopicPattern"):
            topics.setdefault(configuration["hostName"], []).append(pattern)
    await asyncio.gather(*(session.run() for session in sessions.values()))


def take(document: dict[str, Any], raw: bytes) -> None:
    """Has it told to each host."""
    for host, patterns in topics.items():
        for pattern in patterns:
            device = next(iter(document.values()))["DevEUI"]
            loop.call_soon_threadsafe(
                sessions[host].waiting.put_nowait, (device, (pattern.replace("{DevEUI}", device), raw))
            )
    report = document.get("DevEUI_uplink")
    if report is None or report.get("FCntUp") is None:
        return
    ts = round(dt.datetime.fromisoformat(report["Time"]).timestamp() * 1000)
    names = {"FCntUp": "FCntUp", "FPort": "FPort", "RSSI": "LrrRSSI", "SNR": "LrrSNR"}
    values = {name: float(report[of]) if "." in str(report[of]) else int(report[of]) for name, of in names.items()}
    told = json.dumps({report["DevEUI"]: [{"ts": ts, "values": values}]}).encode()
    for session in (session for host, session in sessions.items() if host not in topics):
        loop.call_soon_threadsafe(session.waiting.put_nowait, (report["DevEUI"], (TELEMETRY, told)))


threading.Thread(target=loop.run_until_complete, args=(begin(),), daemon=True).start()
serve(take)
