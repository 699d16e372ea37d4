"""An OTA package: what is said of it, its checksum, and the chunks that a device fetches."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

__all__ = ["CHECKSUMS", "FIRMWARE", "Package", "checksum", "chunk"]

FIRMWARE: Final = "FIRMWARE"
CHECKSUMS: Final[dict[str, Callable[[bytes], str]]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA256": lambda data: hashlib.sha256(data).hexdigest(),
    "SHA384": lambda data: hashlib.sha384(data).hexdigest(),
    "SHA512": lambda data: hashlib.sha512(data).hexdigest(),
}


@dataclass(slots=True, eq=False)
class Package:
    """An OTA package: what is said of it (`fields`, as it came), and its bytes once they were uploaded."""

    id: str
    tenant_id: str
    created_ms: int
    fields: dict[str, Any]
    data: bytes = b""
    file: dict[str, Any] = field(default_factory=dict)  # fileName, contentType, checksum, checksumAlgorithm


def checksum(algorithm: str, data: bytes) -> str:
    """The checksum of a package's data in hex; raises KeyError for an algorithm that is not known."""
    return CHECKSUMS[algorithm](data)


def chunk(package: Package, size: int, number: int) -> bytes:
    """One chunk of a package, counted from 0; all of it when the size is 0."""
    return package.data[number * size : (number + 1) * size] if size else package.data
