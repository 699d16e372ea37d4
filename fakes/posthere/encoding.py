"""Bodies as they were before their Content-Encoding: what people want to read beside the bytes that came."""

import gzip
import io
import zlib
from collections.abc import Callable
from typing import Final

__all__ = ["unpacked"]


def unpacked(body: bytes, encoding: str, most: int) -> bytes | None:
    """The body without its encodings, the last one first; None where one is unknown, wrong, or makes it too large.

    An empty encoding and "identity" leave it as it is.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",") if part.strip()]):
        if name == "identity":
            continue
        unpack = _KNOWN.get(name)
        if unpack is None:
            return None
        try:
            body = unpack(body, most + 1)
        except (OSError, EOFError, zlib.error):
            return None
        if len(body) > most:
            return None
    return body


def _gzip(body: bytes, most: int) -> bytes:
    with gzip.GzipFile(fileobj=io.BytesIO(body)) as file:
        return file.read(most)


def _deflate(body: bytes, most: int) -> bytes:
    """zlib (RFC 1950), as the name promises, or the bare deflate (RFC 1951) that some clients send."""
    bare = body[:1] and (body[0] & 0x0F != 8 or int.from_bytes(body[:2], "big") % 31)
    return zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS).decompress(body, most)


_KNOWN: Final[dict[str, Callable[[bytes, int], bytes]]] = {"gzip": _gzip, "x-gzip": _gzip, "deflate": _deflate}
