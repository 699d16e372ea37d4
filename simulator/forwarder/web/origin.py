"""Whether a form comes from these pages themselves: another site must not be able to post in a user's browser."""

from collections.abc import Mapping
from urllib.parse import urlsplit

__all__ = ["is_foreign"]


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Judge a request by what browsers tell, and scripts cannot alter (Fetch Metadata, RFC 6454).

    A client that tells neither is no browser: it holds nothing that somebody else could misuse.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return True
    if origin is None:
        return False
    # The scheme is not compared: it may have ended at a proxy in front of us.
    return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
