"""Makes the document that a step posts, as of now."""

from __future__ import annotations

import copy
import time
from datetime import datetime, timedelta, timezone
from typing import Any, Final

from uplab.scenarios.worlds.plan import Post
from uplab.scenarios.worlds.space.documents import ROOTS, UPLINK

__all__ = ["document_of"]

_COUNTED: Final = {"uplink": "FCntUp", "location": "DevUlFCntUpUsed"}  # of the others it is FCntDn


def document_of(step: Post, dev_eui: str, customer_data: Any, number: int) -> dict[str, Any]:
    """The document that a step posts, as of now; `number` makes it another one than every other of the device."""
    own = copy.deepcopy(dict(UPLINK if step.root == "uplink" else ROOTS[step.root]))
    report = {
        "Time": _written(step.age_s - number / 1000, step.offset),
        "DevEUI": dev_eui.lower() if step.lower else dev_eui,
        _COUNTED.get(step.root, "FCntDn"): 40_000 + number,
        "CustomerID": "100002164",
        **({"CustomerData": customer_data} if step.root == "uplink" else {}),
        **own,
        **step.change,
        **({"pad": "x" * step.pad} if step.pad else {}),
    }
    kept = {name: value for name, value in report.items() if value is not None}
    return {f"DevEUI_{step.root}": dict(reversed(kept.items())) if step.reverse else kept}


def _written(age_s: float, offset: str) -> str:
    """The moment so many seconds ago, to the millisecond, as a place with this offset writes it."""
    away = (1 if offset[0] == "+" else -1) * timedelta(hours=int(offset[1:3]), minutes=int(offset[4:6]))
    return datetime.fromtimestamp(time.time() - age_s, timezone(away)).isoformat(timespec="milliseconds")
