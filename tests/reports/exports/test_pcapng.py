"""packets.pcapng: its blocks, its checksums, and what Wireshark's own reader finds in it where there is one."""

import shutil
import struct
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.exports.traffic import TRAFFIC
from uplab.reports.exports.pcapng import pcapng

TSHARK = shutil.which("tshark")


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        assert length % 4 == 0
        assert struct.unpack_from("<I", data, at + length - 4) == (length,)
        yield kind, data[at + 8 : at + length - 4]
        at += length


def _packets(data: bytes) -> list[bytes]:
    found = []
    for kind, body in _blocks(data):
        if kind == 6:
            _, _, _, kept, whole = struct.unpack_from("<IIIII", body)
            assert kept == whole
            found.append(body[20 : 20 + kept])
    return found


def _sums_up(data: bytes) -> bool:
    data += b"\x00" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def test_the_file_begins_with_its_section_and_its_interface() -> None:
    kinds = [kind for kind, _ in _blocks(pcapng(TRAFFIC, version="1"))]

    assert kinds[:2] == [0x0A0D0D0A, 1]
    assert set(kinds[2:]) == {6}


def test_lengths_and_checksums_of_every_packet_are_right() -> None:
    packets = _packets(pcapng(TRAFFIC, version="1"))

    assert len(packets) > 30
    for packet in packets:
        assert struct.unpack_from("!H", packet, 2) == (len(packet),)
        assert _sums_up(packet[:20])
        assert _sums_up(packet[12:20] + struct.pack("!BBH", 0, 6, len(packet) - 20) + packet[20:])


def test_no_history_is_a_file_without_packets() -> None:
    assert _packets(pcapng((), version="1")) == []


def test_mqtt_packets_are_those_of_their_level() -> None:
    payloads = [packet[40:] for packet in _packets(pcapng(TRAFFIC[8:], version="1")) if len(packet) > 40]

    assert payloads[0].startswith(b"\x10\x11\x00\x04MQTT\x05\x80\x00\x3c\x00")
    assert payloads[2].startswith(b"\x3a")
    assert payloads[2].endswith(b'\x00\x4d\x00{"D": []}')
    assert payloads[3] == b"\x40\x02\x00\x4d"


@pytest.mark.skipif(TSHARK is None, reason="tshark is not installed")
def test_wireshark_reads_all_of_it(tmp_path: Path) -> None:
    file = tmp_path / "packets.pcapng"
    file.write_bytes(pcapng(TRAFFIC, version="1"))

    def read(*words: str) -> list[str]:
        command = [str(TSHARK), "-r", str(file), "-o", "tcp.check_checksum:TRUE", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.split()

    assert read("-Y", "http.request", "-T", "fields", "-e", "http.request.method") == ["POST"] * 5
    assert read("-Y", "http.response", "-T", "fields", "-e", "http.response.code") == ["201", "200", "503", "202"]
    assert read("-Y", "mqtt.topic", "-T", "fields", "-e", "mqtt.topic") == ["v1/gateway/telemetry"]
    assert (
        read(
            "-Y",
            "_ws.malformed or tcp.checksum.status == 0 or ip.checksum.status == 0",
            "-T",
            "fields",
            "-e",
            "frame.number",
        )
        == []
    )
