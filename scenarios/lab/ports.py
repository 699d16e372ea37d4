"""The ports on which the lab listens, and what is said where one cannot be had."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["PortError", "listening"]

_TROUBLE = {
    errno.EADDRINUSE: "is in use already",
    errno.EACCES: "may not be used by you",
    errno.EADDRNOTAVAIL: "is at no address of this machine",
}


class PortError(Exception):
    """The lab cannot listen; the text names the port, what it is for, and the option that changes it."""


@contextmanager
def listening(host: str, port: int, *, name: str, first: int = 0, count: int = 0) -> Iterator[None]:
    """Makes a PortError of the OSError of whoever listens in it, for `name`; port 0 was any free one.

    `first` and `count` are the fixed ports of which it is one, as --base-port chose them.
    """
    try:
        yield
    except OSError as error:
        what = _TROUBLE.get(error.errno or 0)
        if not port or what is None:
            raise PortError(f"cannot listen on {host}:{port} for {name}: {error.strerror or error}") from None
        raise PortError(
            f"port {port} of {host} {what}; {name} was to be found there\n"
            f"  to try    end what listens there (ss -ltnp 'sport = :{port}' names it), or choose another first port:\n"
            f"            --base-port N, with N to N+{count - 1} all free (it was {first})"
        ) from None
