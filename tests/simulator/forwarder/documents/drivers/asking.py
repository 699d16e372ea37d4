"""How the tests ask the drivers."""

from __future__ import annotations

from typing import Any

from uplab.simulator.forwarder.documents.drivers import decode

__all__ = ["cfg", "decoded", "failure"]


def cfg(module: tuple[str, str]) -> dict[str, Any]:
    reference = {"pId": module[0], "mId": module[1], "ver": "1"}
    return {"mod": reference, "app": reference}


def decoded(module: tuple[str, str], f_port: int, payload_hex: str) -> dict[str, Any]:
    answer = decode(cfg(module), f_port, bytes.fromhex(payload_hex))
    assert answer.error is None
    assert answer.payload is not None
    return answer.payload


def failure(module: tuple[str, str], f_port: int, payload_hex: str) -> str:
    answer = decode(cfg(module), f_port, bytes.fromhex(payload_hex))
    assert answer.payload is None
    assert answer.driver_id is None
    assert answer.error is not None
    assert answer.error["code"] == "com-5002"
    return answer.error["message"].removeprefix("driver internal error: Error: ")
