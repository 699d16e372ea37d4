"""What is known of devices from their own documents: tags for flows, the driver for downlinks, the customer."""

from collections.abc import Iterable, KeysView
from typing import Any

import orjson

from uplab.simulator.forwarder.documents.document import Document

__all__ = ["Devices"]

_NO_TAGS: frozenset[str] = frozenset()


class Devices:
    """Learns from every document, and remembers over restarts what it is told to store."""

    def __init__(self, stored: Iterable[tuple[str, bytes]] = ()) -> None:
        """Begin with what was stored: DevEUI and facts."""
        self._facts: dict[str, dict[str, Any]] = {dev_eui: orjson.loads(facts) for dev_eui, facts in stored}
        self._tags: dict[str, frozenset[str]] = {
            dev_eui: frozenset(facts.get("tags", ())) for dev_eui, facts in self._facts.items()
        }

    def learn(self, document: Document) -> bytes | None:
        """Take in a document; give what is to be stored when it tells something new."""
        if not document.dev_eui:
            return None
        known = self._facts.get(document.dev_eui)
        tags = document.tags
        driver = document.content.get("DriverCfg")
        customer = document.content.get("CustomerID")
        if known is not None and (
            (tags is None or tags == self._tags[document.dev_eui])
            and (not isinstance(driver, dict) or driver == known.get("driver"))
            and (customer is None or customer == known.get("customer"))
        ):
            return None
        facts = dict(known or {})
        if tags is not None:
            facts["tags"] = sorted(tags)
        if isinstance(driver, dict):
            facts["driver"] = driver
        if customer is not None:
            facts["customer"] = customer
        self._facts[document.dev_eui] = facts
        self._tags[document.dev_eui] = frozenset(facts.get("tags", ()))
        return orjson.dumps(facts)

    def known(self) -> KeysView[str]:
        """The DevEUIs of all devices that were heard; nothing is copied, and none ever goes."""
        return self._facts.keys()

    def tags(self, dev_eui: str) -> frozenset[str]:
        """The device's tags in lower case; none of a device that was never heard."""
        return self._tags.get(dev_eui, _NO_TAGS)

    def driver(self, dev_eui: str) -> dict[str, Any] | None:
        """The DriverCfg of the device's last document that had one."""
        return self._facts.get(dev_eui, {}).get("driver")

    def customer(self, dev_eui: str) -> object:
        """The CustomerID of the device's last document, as it was written."""
        return self._facts.get(dev_eui, {}).get("customer")
