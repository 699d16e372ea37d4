"""Over-the-air activation of LoRaWAN 1.0.x: join request, join accept, session keys (LoRaWAN 1.0.2, chapter 6)."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from uplab.simulator.lorawan.frame import JOIN_ACCEPT, JOIN_REQUEST, FrameError, MicError, SessionKeys, read_m_type
from uplab.simulator.lorawan.ids import DevAddr, DevEUI, JoinEUI, Key

__all__ = [
    "JoinAccept",
    "JoinRequest",
    "decode_join_accept",
    "decode_join_request",
    "derive_session_keys",
    "encode_join_accept",
    "encode_join_request",
    "peek_join_request",
]

_REQUEST_BYTES = 23
_ACCEPT_BYTES = (17, 33)  # without and with a CFList


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """What a device sends to join; `dev_nonce` has 16 bits."""

    join_eui: JoinEUI
    dev_eui: DevEUI
    dev_nonce: int


@dataclass(frozen=True, slots=True)
class JoinAccept:
    """What the network answers: nonce and NetID of 24 bits, RxDelay of 4, CFList of 0 or 16 bytes."""

    app_nonce: int
    net_id: int
    dev_addr: DevAddr
    rx1_dr_offset: int = 0
    rx2_data_rate: int = 0
    rx_delay: int = 1
    cf_list: bytes = b""

    @property
    def rx_delay_s(self) -> int:
        """So many seconds after an uplink RX1 opens: RxDelay 0 means one second, as 1 does (5.7)."""
        return self.rx_delay or 1


def encode_join_request(request: JoinRequest, app_key: Key) -> bytes:
    """Return the 23 bytes of the request; FrameError when `dev_nonce` does not fit."""
    nonce = _little_endian("dev_nonce", request.dev_nonce, 2)
    message = bytes((JOIN_REQUEST << 5,)) + request.join_eui.wire() + request.dev_eui.wire() + nonce
    return message + _mic(app_key, message)


def peek_join_request(phy: bytes) -> JoinRequest:
    """Return the request without looking at its integrity code, to find the device's key; FrameError when malformed."""
    if read_m_type(phy) != JOIN_REQUEST:
        raise FrameError(f"message type {phy[0] >> 5} is no join request")
    if len(phy) != _REQUEST_BYTES:
        raise FrameError(f"join request of {len(phy)} bytes, expected {_REQUEST_BYTES}")
    return JoinRequest(JoinEUI.from_wire(phy[1:9]), DevEUI.from_wire(phy[9:17]), int.from_bytes(phy[17:19], "little"))


def decode_join_request(phy: bytes, app_key: Key) -> JoinRequest:
    """Return the request; FrameError when it is malformed, MicError when its integrity code does not fit."""
    request = peek_join_request(phy)
    if _mic(app_key, phy[:-4]) != phy[-4:]:
        raise MicError(f"wrong MIC {phy[-4:].hex()} in the join request of {request.dev_eui}")
    return request


def encode_join_accept(accept: JoinAccept, app_key: Key) -> bytes:
    """Return the 17 or 33 bytes of the accept; FrameError names the field that does not fit."""
    if not 0 <= accept.rx1_dr_offset <= 7:
        raise FrameError(f"rx1_dr_offset: {accept.rx1_dr_offset} does not fit 3 bits")
    if not 0 <= accept.rx2_data_rate <= 15:
        raise FrameError(f"rx2_data_rate: {accept.rx2_data_rate} does not fit 4 bits")
    if not 0 <= accept.rx_delay <= 15:
        raise FrameError(f"rx_delay: {accept.rx_delay} does not fit 4 bits")
    if len(accept.cf_list) not in (0, 16):
        raise FrameError(f"cf_list: {len(accept.cf_list)} bytes, expected 0 or 16")
    clear = (
        _little_endian("app_nonce", accept.app_nonce, 3)
        + _little_endian("net_id", accept.net_id, 3)
        + accept.dev_addr.wire()
        + bytes((accept.rx1_dr_offset << 4 | accept.rx2_data_rate, accept.rx_delay))
        + accept.cf_list
    )
    header = bytes((JOIN_ACCEPT << 5,))
    # The network deciphers, so that a device needs the AES encryption only (6.2.5).
    return header + _ecb(app_key).decryptor().update(clear + _mic(app_key, header + clear))


def decode_join_accept(phy: bytes, app_key: Key) -> JoinAccept:
    """Return the accept; FrameError when it is malformed, MicError when its integrity code does not fit."""
    if read_m_type(phy) != JOIN_ACCEPT:
        raise FrameError(f"message type {phy[0] >> 5} is no join accept")
    if len(phy) not in _ACCEPT_BYTES:
        raise FrameError(f"join accept of {len(phy)} bytes, expected 17 or 33")
    clear = _ecb(app_key).encryptor().update(phy[1:])
    if _mic(app_key, phy[:1] + clear[:-4]) != clear[-4:]:
        raise MicError("wrong MIC in a join accept")
    return JoinAccept(
        app_nonce=int.from_bytes(clear[0:3], "little"),
        net_id=int.from_bytes(clear[3:6], "little"),
        dev_addr=DevAddr.from_wire(clear[6:10]),
        rx1_dr_offset=clear[10] >> 4 & 7,
        rx2_data_rate=clear[10] & 15,
        rx_delay=clear[11] & 15,
        cf_list=clear[12:-4],
    )


def derive_session_keys(app_key: Key, *, app_nonce: int, net_id: int, dev_nonce: int) -> SessionKeys:
    """Return the session keys that both sides make of a join (6.2.5); FrameError names a nonce that does not fit."""
    nonces = (
        _little_endian("app_nonce", app_nonce, 3)
        + _little_endian("net_id", net_id, 3)
        + _little_endian("dev_nonce", dev_nonce, 2)
        + bytes(7)
    )
    cipher = _ecb(app_key).encryptor()
    return SessionKeys(Key(cipher.update(b"\x01" + nonces)), Key(cipher.update(b"\x02" + nonces)))


def _little_endian(field: str, value: int, size: int) -> bytes:
    if not 0 <= value < 1 << 8 * size:
        raise FrameError(f"{field}: {value} does not fit {8 * size} bits")
    return value.to_bytes(size, "little")


def _ecb(key: Key) -> Cipher[modes.ECB]:
    return Cipher(algorithms.AES(key), modes.ECB())  # noqa: S305 (single blocks, as the standard asks)


def _mic(key: Key, message: bytes) -> bytes:
    code = CMAC(algorithms.AES(key))
    code.update(message)
    return code.finalize()[:4]
