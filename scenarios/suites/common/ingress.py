"""The ingress as a network server sees it: documents byte for byte, with a query of one's own making."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from uplab.scenarios import Lab, Sent, redact_text
from uplab.scenarios.suites.common.reports import iso
from uplab.scenarios.under_test.answer import answer_expected
from uplab.simulator import hops
from uplab.simulator.network.tunnel import sign_uplink

__all__ = ["Ingress"]

Pairs = Sequence[tuple[str, str]]

_KNOWN_BY = ("Time", "DevEUI", "FCntUp", "FCntDn")  # what the ledger recognises a document by
_attempts = itertools.count(-1, -1)  # the tunnel of the lab counts upwards


class Ingress:
    """Posts what the lab's own tunnel never would, and writes the same hops to the history."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._client = lab.stranger()

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def sign(
        self, document: dict[str, Any], *, key: str | None = None, time: str | None = None
    ) -> list[tuple[str, str]]:
        """The right query for a document, decoded and in its order; with another key it is a wrong one."""
        as_id = self._lab.options.as_id
        return sign_uplink(
            document,
            as_id=as_id,
            as_key=key or self._lab.as_key,
            time=time or iso(),
            lrn_infos=f"{as_id}-1-1",
            reading=self._lab.way_in.reading,
        )

    def _usual(self, document: dict[str, Any]) -> list[tuple[str, str]]:
        """What the lab's own tunnel would send."""
        return [pair for pair in self.sign(document) if self._lab.way_in.signed or pair[0] != "Token"]

    def post(
        self,
        document: dict[str, Any],
        *,
        raw: bytes | None = None,
        pairs: Pairs | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[Sent, httpx.Response]:
        """Posts a document, or other bytes in its place, with its right query and headers unless others are given."""
        self._lab.hand_over()
        [(root, report)] = document.items()
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs or self._usual(document))
        url, body = f"{self._lab.endpoints.ingress}?{query}", raw if raw is not None else json.dumps(document).encode()
        dev_eui, f_cnt, time = (report.get(name) for name in ("DevEUI", "FCntUp", "Time"))
        known = {name: report[name] for name in _KNOWN_BY if name in report}
        emit, mark, attempt = self._lab.history.emit, self._lab.history.mark, next(_attempts)
        emit(*hops.network_document(root=root, dev_eui=dev_eui, f_cnt=f_cnt, time=time, document={root: known}))
        emit(*hops.tunnel_sent(attempt=attempt, dev_eui=dev_eui, f_cnt=f_cnt, url=url, raw=body))
        with answer_expected("POST to the ingress", timeout_s=self._lab.deadlines.answer_s):
            given = self._lab.way_in.headers if headers is None else headers
            answer = self._client.post(url, content=body, headers={"Content-Type": "application/json", **given})
        outcome = "accepted" if answer.is_success else "refused"
        reason = "" if answer.is_success else redact_text(answer.text)[:300]
        said = hops.tunnel_answered(
            attempt=attempt,
            outcome=outcome,
            status=answer.status_code,
            reason=reason,
            headers=[[name, value] for name, value in answer.headers.multi_items()],
            raw=answer.content,
        )
        emit(*said)
        ids = [id_ for e in self._lab.history.since(mark) if e.hop == "network.document" for id_ in e.ids]
        sent = Sent(
            ids[0] if ids else "?",
            str(report.get("DevEUI")),
            report.get("FCntUp", 0),
            str(report.get("Time")),
            None,
            document,
            outcome,
            answer.status_code,
            reason,
        )
        return sent, answer
