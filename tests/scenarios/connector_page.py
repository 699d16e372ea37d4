"""A connector document of our own, about a cloud that nobody has, and what uplab would store of it."""

import hashlib
from dataclasses import replace

from uplab.scenarios.documents.connector_document import KnownDocument
from uplab.scenarios.documents.vendor_document import read_vendor_document

__all__ = ["PAGE", "known_page"]

PAGE = """\
---
sidebar: 1
---

# The Nimbus connection

## Over the API

Nimbus takes one link for each account.

```json
POST /connections
{
  "connectorId": "nimbus-cloud-iot",
  "configuration": {
    "destinationURL": "https://nimbus.example/in",
    "retries": [1, 5]
  }
}
```

| Member | What it is |
| ------ | ---------- |
| `connectorId` | Always nimbus-cloud-iot |
| `pauseS` | Seconds between attempts, else 20 |

::: tip Note
Read [the manual](https://nimbus.example/manual) first.
:::

## On the page

1. Press **Add**.

![add](./pictures/add.png)

## What it cannot do

All is well.
"""


def known_page(text: str = PAGE) -> KnownDocument:
    """The page as uplab would store it."""
    read = read_vendor_document(text.encode())
    facts = tuple(replace(fact, line=None, rows=("NIM-01",) if fact.kind == "parameter" else ()) for fact in read.facts)
    digest = hashlib.sha256(text.encode()).hexdigest()
    return KnownDocument("nimbus.md", "Nimbus", read.title, "unknown", digest, facts, read.examples)
