"""The names of a fake's host: who asks it by another one has been led here by somebody else's name.

Such a name may lead to 127.0.0.1 like any other, and in a browser the page that came from it may then read and change
what is answered here.
"""

from ipaddress import ip_address

__all__ = ["Hosts", "from_another_site"]


class Hosts:
    """The names that are answered. Addresses in figures and localhost are always among them."""

    def __init__(self, *names: str) -> None:
        self._names = {"localhost"}
        self.allow(*names)

    def allow(self, *names: str) -> None:
        """Answer to these names too, each without its port."""
        self._names.update(name.lower() for name in names)

    def knows(self, host: str | None) -> bool:
        """Whether the value of a header Host names this host; without the header it is no browser that asks."""
        if host is None:
            return True
        name = host.lower().strip()
        name = name[1 : name.find("]")] if name.startswith("[") and "]" in name else name.split(":", 1)[0]
        return name.rstrip(".") in self._names or name.endswith(".localhost") or _in_figures(name)


def from_another_site(site: str, origin: str, host: str) -> bool:
    """Whether a browser asks for a page that is not of this host, by the values of Sec-Fetch-Site, Origin and Host.

    Both are empty where no browser asks.
    """
    if site and site not in ("same-origin", "none"):
        return True
    return bool(origin) and origin.partition("://")[2].lower() != host.lower()


def _in_figures(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
