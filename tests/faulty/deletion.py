"""Bugs of PUT and DELETE: what is left out stays, what is deleted is still there, or ends its work first."""

from __future__ import annotations

from typing import Any

from tests.faulty.bodies import change_body
from tests.faulty.known_bad import Catalogue, Kill, Mark, swap
from uplab.simulator.forwarder.delivery.runner import Runner
from uplab.simulator.forwarder.service import Service

__all__ = ["BAD"]

BAD = Catalogue()
HTTP = "http/test_api.py::"
WIDGELIX = "widgelix/test_api.py::"
THINGSBOARD = "thingsboard/test_api.py::"


@BAD.bad(
    "put-keeps-the-rest",
    "a key of the body that PUT leaves out stays as it was, mandatory ones too",
    requirement="HTTP-02.d",
    models="a PUT that is a PATCH",
    scenario=f"{HTTP}test_put_without_name_or_connector_changes_nothing",
    check="answered",
    also=(
        Kill("WGX-07.b", f"{WIDGELIX}test_put_without_any_other_mandatory_key_changes_nothing", "answered"),
        Kill("TB-04.b", f"{THINGSBOARD}test_put_replaces_all_or_nothing", "answered"),
    ),
)
def put_keeps_the_rest(mark: Mark) -> None:
    """Lays the new body over the old one."""

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        return None if stored is None else {**stored.given, **raw}

    change_body(mark, change)


@BAD.bad(
    "options-stay",
    "an option that PUT leaves out stays as it was",
    requirement="HTTP-02.e",
    models="defaults that are filled in at creation only",
    scenario=f"{HTTP}test_put_without_an_option_takes_its_default",
    check="seen",
    also=(
        Kill("WGX-07.d", f"{WIDGELIX}test_put_takes_back_a_further_header_and_every_option", "seen"),
        Kill("TB-04.d", f"{THINGSBOARD}test_put_replaces_all_or_nothing", "seen"),
    ),
)
def options_stay(mark: Mark) -> None:
    """Keeps every option but the headers and the description."""
    kept = ("sendMetadata", "uplinkTimeValidity", "downlinkEnabled", "downlinkPort", "reconnectStrategy", "blamePeriod")

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        if stored is None or not isinstance(raw.get("configuration"), dict):
            return None
        old = {key: value for key, value in stored.given["configuration"].items() if key in kept}
        return {**raw, "configuration": {**old, **raw["configuration"]}}

    change_body(mark, change)


@BAD.bad(
    "further-headers-stay",
    "a header that PUT leaves out stays where the key is given again",
    requirement="WGX-07.e",
    models="headers merged one by one",
    scenario=f"{WIDGELIX}test_put_takes_back_a_further_header_and_every_option",
    check="seen",
)
def further_headers_stay(mark: Mark) -> None:
    """Merges the headers alone."""

    def change(raw: dict[str, Any], stored: Any) -> dict[str, Any] | None:
        headers = (raw.get("configuration") or {}).get("headers")
        if stored is None or not headers:
            return None
        old = stored.given["configuration"].get("headers") or {}
        return {**raw, "configuration": {**raw["configuration"], "headers": {**old, **headers}}}

    change_body(mark, change)


@BAD.bad(
    "deleted-is-listed",
    "a deleted connection delivers nothing more, and is still listed",
    requirement="HTTP-03.a",
    models="a cache that outlives the row",
    scenario=f"{HTTP}test_nothing_is_delivered_after_delete",
    check="seen",
    also=(
        Kill("WGX-08.a", f"{WIDGELIX}test_nothing_is_delivered_after_delete", "seen"),
        Kill("TB-05.b", f"{THINGSBOARD}test_nothing_is_delivered_after_delete", "seen"),
    ),
)
def deleted_is_listed(mark: Mark) -> None:
    """Shows every connection that ever was."""
    gone: list[dict[str, Any]] = []

    def make_delete(delete: Any) -> Any:
        async def remembering(self: Service, connection_id: str) -> None:
            resource = self.resource(self.runner(connection_id))
            await delete(self, connection_id)
            gone.append(resource)

        return remembering

    def make_list(listed: Any) -> Any:
        def more(self: Service) -> list[dict[str, Any]]:
            if gone:
                mark()
            return [*listed(self), *gone]

        return more

    swap(Service, "delete", make_delete)
    swap(Service, "connections", make_list)


@BAD.bad(
    "deleted-ends-its-queue",
    "a deleted connection delivers what waits, and ends only then",
    requirement="HTTP-03.c",
    models="an orderly end where none was asked for",
    scenario=f"{HTTP}test_what_waits_is_dropped_with_delete",
    check="nothing after delete",
    also=(
        Kill("WGX-08.c", f"{WIDGELIX}test_what_waits_is_dropped_with_delete", "nothing after delete"),
        Kill("TB-05.c", "thingsboard/test_session.py::test_what_waits_is_dropped_with_delete", "seen"),
    ),
)
def deleted_ends_its_queue(mark: Mark) -> None:
    """Leaves the runner at work; no flow leads to it any more."""

    def make(stop: Any) -> Any:
        async def going_on(self: Runner, patience_s: float) -> None:
            if self._gone:
                mark()
                return
            await stop(self, patience_s)

        return going_on

    swap(Runner, "stop", make)
