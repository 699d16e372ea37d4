"""The keys of a LoRaWAN 1.0.x session and the two things done with them: payload encryption and integrity code."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC

from uplab.simulator.lorawan.ids import DevAddr, Key

__all__ = ["PayloadCipher", "SessionKeys", "crypt_payload", "mic"]

# The blocks A_i and B0 (LoRaWAN 1.0.2, 4.3.3 and 4.4) are: a start, direction, DevAddr, 32 bits of FCnt, zero, a count.
A_START: Final = (b"\x01\0\0\0\0\0", b"\x01\0\0\0\0\1")  # with the direction, 0 up and 1 down
B0_START: Final = (b"\x49\0\0\0\0\0", b"\x49\0\0\0\0\1")
_COUNT: Final = tuple(bytes((0, value)) for value in range(256))


class SessionKeys:
    """The two keys of a session with their ciphers ready, since making a cipher costs more than a frame does."""

    __slots__ = ("app_cipher", "app_s_key", "cmac", "nwk_cipher", "nwk_s_key")

    def __init__(self, nwk_s_key: Key, app_s_key: Key) -> None:
        self.nwk_s_key = nwk_s_key
        self.app_s_key = app_s_key
        self.nwk_cipher = PayloadCipher(nwk_s_key)
        self.app_cipher = PayloadCipher(app_s_key)
        self.cmac = CMAC(algorithms.AES(nwk_s_key))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SessionKeys):
            return NotImplemented
        return (self.nwk_s_key, self.app_s_key) == (other.nwk_s_key, other.app_s_key)

    def __hash__(self) -> int:
        return hash((self.nwk_s_key, self.app_s_key))

    def __repr__(self) -> str:
        return "SessionKeys(hidden)"


class PayloadCipher:
    """Encrypts and decrypts (the same) FRMPayloads with one key; it keeps no state, so any thread may use it."""

    __slots__ = ("_blocks",)

    def __init__(self, key: Key) -> None:
        self._blocks = Cipher(algorithms.AES(key), modes.ECB()).encryptor().update  # noqa: S305 (the mode is below)

    def crypt(self, payload: bytes, start: bytes) -> bytes:
        """Return the payload XOR the key stream; `start` is what its blocks A_i share, 14 bytes (4.3.3)."""
        size = len(payload)
        if size <= 16:
            stream = self._blocks(start + b"\0\1")
        elif size <= 32:
            stream = self._blocks(start + b"\0\1" + start + b"\0\2")
        else:
            stream = self._blocks(b"".join([start + _COUNT[block] for block in range(1, (size + 31) // 16)]))
        # Whole numbers are the fastest XOR of the standard library.
        mixed = int.from_bytes(payload) ^ int.from_bytes(stream[:size])
        return mixed.to_bytes(size)


def mic(keys: SessionKeys, message: bytes, start: bytes) -> bytes:
    """Return the integrity code of MHDR to FRMPayload; `start` are the first 14 bytes of the block B0 (4.4)."""
    code = keys.cmac.copy()
    code.update(start + _COUNT[len(message)] + message)
    return code.finalize()[:4]


def crypt_payload(payload: bytes, *, key: Key, dev_addr: DevAddr, f_cnt: int, downlink: bool = False) -> bytes:
    """Encrypt or decrypt (the same) an FRMPayload by itself, as an application that was given the key does."""
    return PayloadCipher(key).crypt(payload, A_START[downlink] + dev_addr.wire() + f_cnt.to_bytes(4, "little"))
