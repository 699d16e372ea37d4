"""What a simulated day leaves in a folder: documents, frames and gateways as NDJSON, devices and ledger."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Self

import orjson

from uplab.simulator.devices.device import Device
from uplab.simulator.fleets.ledger import Ledger
from uplab.simulator.network.documents import Document
from uplab.simulator.radio.gateway import Gateway

__all__ = ["FRAMES", "Output"]

FRAMES = {"device.sent", "gateway.heard", "gateway.sent"}
"""The hops that are written as frames."""

_BUFFER_BYTES = 1 << 20


class Output:
    """A folder; or a stream, which gets the documents alone. What is written is whole lines."""

    def __init__(self, folder: Path | None, stream: IO[bytes] | None = None, *, frames: bool = False) -> None:
        """Begin; OSError where the folder cannot be written to."""
        self._closing = ExitStack()
        self.folder = folder
        self._documents = stream
        self._frames: IO[bytes] | None = None
        self._posts: IO[bytes] | None = None
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            self._documents = self._open("documents.ndjson")
            self._frames = self._open("frames.ndjson") if frames else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._closing.close()

    def document(self, document: Document) -> None:
        """One line."""
        if self._documents is not None:
            self._documents.write(orjson.dumps(document) + b"\n")

    def frame(self, hop: str, facts: Mapping[str, Any]) -> None:
        """One line for what was on the air, as the simulator tells its hops."""
        if self._frames is not None and hop in FRAMES:
            self._frames.write(orjson.dumps({"hop": hop, **facts}) + b"\n")

    def post(self, facts: Mapping[str, Any]) -> None:
        """One line for what the ingress said of a document."""
        if self.folder is None:
            return
        if self._posts is None:
            self._posts = self._open("posts.ndjson")
        self._posts.write(orjson.dumps(facts) + b"\n")

    def fleet(self, devices: Sequence[Device], gateways: Sequence[Gateway], *, keys: bool) -> None:
        """Devices as a CSV that can be read back where it has their keys; gateways with where they stand."""
        if self.folder is None:
            return
        with (self.folder / "devices.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(
                ["dev_eui", "join_eui", *(["app_key"] if keys else []), "model", "name", "tags", "x_m", "y_m"]
            )
            for one in devices:
                key = [bytes(one.app_key).hex()] if keys else []
                tags = " ".join(tag.replace(" ", "_") for tag in one.tags)
                rows.writerow([one.dev_eui, one.join_eui, *key, one.model, one.name, tags, *one.position_m])
        with self._open("gateways.ndjson") as stands:
            for gateway in gateways:
                told = {"LrrID": gateway.lrr_id, "LrrLAT": gateway.latitude, "LrrLON": gateway.longitude}
                stands.write(orjson.dumps(told) + b"\n")

    def ledger(self, ledger: Ledger, about: Mapping[str, Any]) -> None:
        """The sums as JSON, and a row for each device as CSV."""
        if self.folder is None:
            return
        with (self.folder / "ledger.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["dev_eui", "model", *ledger.COLUMNS])
            rows.writerows(ledger.rows())
        whole = {**about, **ledger.total()}
        (self.folder / "ledger.json").write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")

    def _open(self, name: str) -> IO[bytes]:
        assert self.folder is not None
        return self._closing.enter_context((self.folder / name).open("wb", buffering=_BUFFER_BYTES))
