"""The namespace of a run: others may test a forwarder that runs elsewhere, and no two runs have a device alike."""

import re
import secrets
from typing import Final

__all__ = ["NAMESPACE", "drawn_namespace", "is_anothers"]

NAMESPACE: Final = re.compile(r"[0-9a-f]{4}")
"""Four hexadecimal digits: they follow the first byte of each DevEUI of the run."""

_LOCAL = "02"  # what the DevEUI of every simulated device begins with: it was given out locally


def drawn_namespace() -> str:
    """One that nobody can foresee: two runs with the same seed have different ones."""
    return secrets.token_hex(2)


def is_anothers(dev_eui: str, namespace: str) -> bool:
    """Whether a device is one of another run's; nobody's are where this run has no namespace."""
    return bool(namespace) and dev_eui.startswith(_LOCAL) and dev_eui[2:6].lower() != namespace
