"""The API of the forwarder under test, as a client uses it; every request and answer is a line of the history."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import httpx

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.access.pace import Limits, expect_no_limit
from uplab.scenarios.under_test.answer import NoAnswerError, answer_expected
from uplab.scenarios.under_test.made.belongings import Belongings
from uplab.simulator.devices.namespace import is_anothers_name, is_marked

__all__ = ["LINE", "ForwarderApi", "post_downlink"]

UNLIMITED: Final = Limits()

Tell = Callable[[str, dict[str, Any]], int | None]
"""Takes a hop and its facts, and gives the number of its line, where there is one."""

LINE: Final = "uplab.line"
"""Under this name an answer has among its `extensions` the number of its line."""


def post_downlink(
    client: httpx.Client, url: str, downlink: dict[str, Any], *, emit: Tell, timeout_s: float
) -> httpx.Response:
    """POST of a DevEUI_downlink to a connection's downlink URL; the answer is a line of the history."""
    with answer_expected("POST to the downlink URL", timeout_s=timeout_s):
        response = client.post(url, json={"DevEUI_downlink": downlink}, timeout=timeout_s)
    said = hops.downlink_posted(
        dev_eui=downlink.get("DevEUI"),
        f_port=downlink.get("FPort"),
        payload_hex=downlink.get("payload_hex"),
        correlation_id=downlink.get("CorrelationID"),
        url=url,
        status=response.status_code,
        answer=redact_text(response.text)[:500],
        headers=response.headers.multi_items(),
        raw=response.content,
    )
    response.extensions[LINE] = emit(*said)
    return response


def _place(body: Any) -> str:
    """Where a connection leads, as its body says it; empty where it does not."""
    configuration = body.get("configuration") if isinstance(body, dict) else None
    named = configuration if isinstance(configuration, dict) else {}
    return str(named.get("destinationURL") or named.get("hostName") or "")


class ForwarderApi:
    """Calls /iot-flow/v1 and its siblings. Answers come back whole: a scenario judges status and body itself.

    Whatever is made comes to the `belongings`, also where a scenario had expected a refusal.
    """

    def __init__(
        self,
        base: str,
        *,
        emit: Tell,
        token: str | None = None,
        timeout_s: float = 10.0,
        belongings: Belongings | None = None,
        addressed: Callable[[Any], Any] = lambda body: body,
        transport: httpx.BaseTransport | None = None,
        limits: Limits = UNLIMITED,
        shared: bool = False,
        mark: str = "",
    ) -> None:
        """`addressed` makes the body of a connection or a flow this run's own, with the lab's addresses where need be.

        `transport` is the way there, where it is none as usual. An account that is `shared` may have enough of us: that
        is TooManyError. What is made beyond the `limits` is not asked for, and NotApplicableError. `mark` is the
        namespace in the names of what this run has made.
        """
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.base = base
        self.authorization: Mapping[str, str] = headers
        """What a client of one's own has to send."""
        self._belongings = belongings or Belongings()
        self._emit = emit
        self._timeout_s = timeout_s
        self._addressed = addressed
        self._limits, self.shared, self._mark = limits, shared, mark
        self._asked: set[str] = set()  # for connections to these places
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, headers=headers, transport=transport)

    def request(self, method: str, path: str, body: Any = None, *, content: bytes | None = None) -> httpx.Response:
        """One request; `content` sends bytes as they are, for bodies that are no JSON.

        NoAnswerError, which fails a scenario, where none comes.
        """
        url = f"{self.base}{path}"
        if path.startswith(("/connections", "/flows")):
            body = self._addressed(body)
        if self.shared and method in ("POST", "PUT"):
            self._asked.add(_place(body))
        if method == "POST":
            self._belongings.expect_room(path, self._limits)
        request = self._client.build_request(
            method,
            url,
            json=body if content is None and body is not None else None,
            content=content,
            headers={"Content-Type": "application/json"} if content is not None else None,
        )
        self._emit(*hops.api_asked(method=method, path=path, raw=request.content))
        try:
            with answer_expected(f"{method} {path}", timeout_s=self._timeout_s):
                response = self._client.send(request)
        except NoAnswerError as error:
            if error.sent:
                self._belongings.note_silence(method, path, body)
            raise
        self._belongings.note(method, path, response.status_code, response.content)
        said = hops.api_answered(
            method=method,
            path=path,
            status=response.status_code,
            headers=response.headers.multi_items(),
            raw=response.content,
        )
        response.extensions[LINE] = self._emit(*said)
        if self.shared and method != "DELETE":  # what is not taken away is told as such
            expect_no_limit(response.status_code, "the API", "requests_per_s")
        return response

    def create(self, body: Any) -> httpx.Response:
        """POST /connections."""
        return self.request("POST", "/connections", body)

    def get(self, connection_id: str) -> httpx.Response:
        """GET /connections/{id}."""
        return self.request("GET", f"/connections/{connection_id}")

    def listed(self) -> list[dict[str, Any]]:
        """GET /connections, page by page where an answer names the next one in a header Link (RFC 8288)."""
        found: list[dict[str, Any]] = []
        path: str | None = "/connections"
        seen = {path}
        while path is not None:
            answer = self.request("GET", path)
            found += answer.json()
            url = str(answer.url.join(answer.links.get("next", {}).get("url", "")))
            path = url.removeprefix(self.base) if url.startswith(f"{self.base}/connections?") else None
            if path in seen:  # a page that names itself, or one before
                break
            seen.add(path)
        return found

    def own(self) -> list[dict[str, Any]]:
        """Of those listed the ones that this run has made, or may have: others may make theirs at the same time.

        They are known by their names, and by where they lead: what another run makes leads to another lab.
        """
        known = set(self._belongings.ids("connections"))
        listed = self.listed()
        if not self.shared:
            return listed
        return [
            one
            for one in listed
            if str(one.get("id")) in known or _place(one) in self._asked or is_marked(one.get("name"), self._mark)
        ]

    def but_others(self) -> list[dict[str, Any]]:
        """Those listed without what runs of another namespace have named."""
        return [one for one in self.listed() if not is_anothers_name(one.get("name"), self._mark)]

    def replace(self, connection_id: str, body: Any) -> httpx.Response:
        """PUT /connections/{id}: the whole configuration again."""
        return self.request("PUT", f"/connections/{connection_id}", body)

    def delete(self, connection_id: str) -> httpx.Response:
        """DELETE /connections/{id}."""
        return self.request("DELETE", f"/connections/{connection_id}")

    @property
    def headers(self) -> httpx.Headers:
        """What is sent with each request, the token among it."""
        return self._client.headers

    def hurry(self, timeout_s: float) -> None:
        """From now on no answer is awaited for longer."""
        self._timeout_s = min(self._timeout_s, timeout_s)
        self._client.timeout = self._timeout_s

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
