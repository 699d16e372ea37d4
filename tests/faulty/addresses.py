"""Bugs of the downlink URL: not the same everywhere, not its own, not gone."""

from __future__ import annotations

import uuid
from typing import Any

from tests.faulty.known_bad import Catalogue, Mark, swap
from uplab.simulator.forwarder.service import NotFoundError, Service

__all__ = ["BAD"]

BAD = Catalogue()


@BAD.bad(
    "url-changes-with-put",
    "each change of a connection gives it another downlink URL",
    requirement="DL-01.c",
    models="an id of the configuration taken for one of the connection",
    scenario="downlink/test_url.py::test_url_survives_put",
    check="promise",
)
def url_changes_with_put(mark: Mark) -> None:
    """Draws the UUID anew."""

    def make(replace: Any) -> Any:
        async def renewed(self: Service, connection_id: str, raw: object) -> Any:
            await replace(self, connection_id, raw)
            runner = self.runner(connection_id)
            mark()
            del self._by_uuid[runner.uuid]
            runner.uuid = str(uuid.uuid4())
            self._by_uuid[runner.uuid] = runner
            return self.resource(runner)

        return renewed

    swap(Service, "replace", make)


@BAD.bad(
    "unknown-url-takes-downlinks",
    "a downlink to a URL that belongs to nobody is taken",
    requirement="DL-13.a",
    models="an address that is looked up after the answer",
    scenario="downlink/test_url.py::test_unknown_uuid_answers_404",
    check="promise",
)
def unknown_url_takes_downlinks(mark: Mark) -> None:
    """Takes the oldest connection for it."""

    def make(find: Any) -> Any:
        def somebody(self: Service, text: str) -> Any:
            try:
                return find(self, text)
            except NotFoundError:
                mark()
                return self.runners[0]

        return somebody

    swap(Service, "runner_of_uuid", make)
