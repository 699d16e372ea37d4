"""The API of the forwarder under test, as a client uses it; every request and answer is a line of the history."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from uplab.scenarios.checks.verdict import CheckFailed, Verdict
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test.belongings import Belongings

__all__ = ["ForwarderApi", "NoAnswerError", "answer_expected", "post_downlink"]

Emit = Callable[[str, dict[str, Any]], None]


class NoAnswerError(CheckFailed):
    """The forwarder gave no answer at all. `sent` says whether it may have got the request."""

    verdict: Verdict

    def __init__(self, verdict: Verdict, *, sent: bool = True) -> None:
        super().__init__(verdict.text())
        self.verdict = verdict
        self.sent = sent


@contextmanager
def answer_expected(question: str, *, timeout_s: float) -> Iterator[None]:
    """Makes a NoAnswerError of a request, as "POST /flows", that the forwarder does not answer."""
    try:
        yield
    except httpx.ConnectError as error:
        raise _no_answer(f"{question} could not be sent: {_why(error)}", sent=False) from None
    except httpx.ConnectTimeout:
        raise _no_answer(f"{question} could not be sent: no connection within {timeout_s:g} s", sent=False) from None
    except httpx.TimeoutException:
        raise _no_answer(f"{question} was not answered within {timeout_s:g} s") from None
    except httpx.TransportError as error:
        why = str(error)
        disconnected = not why or "without sending a response" in why or isinstance(error, httpx.NetworkError)
        raise _no_answer(
            f"{question} was cut off without an answer" if disconnected else f"{question} got no HTTP answer: {why}"
        ) from None


def _why(error: httpx.ConnectError) -> str:
    """The reason as a user knows it; the number of the system's error says nothing to him."""
    text = str(error).partition("] ")[2] if str(error).startswith("[Errno") else str(error)
    return "connection refused" if text.lower() == "connection refused" else text or "no connection"


def _no_answer(happened: str, *, sent: bool = True) -> NoAnswerError:
    advice = "the forwarder's log says what it did at that time"
    return NoAnswerError(
        Verdict("answer", "failed", 1, "every request is answered", happened, hop="forwarder", advice=advice), sent=sent
    )


def post_downlink(client: httpx.Client, url: str, downlink: dict[str, Any], *, emit: Emit) -> httpx.Response:
    """POST of a DevEUI_downlink to a connection's downlink URL; the answer is a line of the history."""
    facts = {
        "dev_eui": downlink.get("DevEUI"),
        "f_port": downlink.get("FPort"),
        "payload_hex": downlink.get("payload_hex"),
        "correlation_id": downlink.get("CorrelationID"),
    }
    with answer_expected("POST to the downlink URL", timeout_s=10.0):
        response = client.post(url, json={"DevEUI_downlink": downlink})
    said = {"answer": redact_text(response.text)[:500], "headers": response.headers.multi_items()}
    emit("downlink.posted", {**facts, "url": url, "status": response.status_code, **said, "raw": response.content})
    return response


class ForwarderApi:
    """Calls /iot-flow/v1 and its siblings. Answers come back whole: a scenario judges status and body itself.

    Whatever is made comes to the `belongings`, also where a scenario had expected a refusal.
    """

    def __init__(
        self,
        base: str,
        *,
        emit: Emit,
        token: str | None = None,
        timeout_s: float = 10.0,
        belongings: Belongings | None = None,
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.base = base
        self._belongings = belongings or Belongings()
        self._emit = emit
        self._timeout_s = timeout_s
        self._client = httpx.Client(timeout=timeout_s, trust_env=False, headers=headers)

    def request(self, method: str, path: str, body: Any = None, *, content: bytes | None = None) -> httpx.Response:
        """One request; `content` sends bytes as they are, for bodies that are no JSON.

        NoAnswerError, which fails a scenario, where none comes.
        """
        url = f"{self.base}{path}"
        request = self._client.build_request(
            method,
            url,
            json=body if content is None and body is not None else None,
            content=content,
            headers={"Content-Type": "application/json"} if content is not None else None,
        )
        self._emit("api.asked", {"method": method, "path": path, "raw": request.content})
        try:
            with answer_expected(f"{method} {path}", timeout_s=self._timeout_s):
                response = self._client.send(request)
        except NoAnswerError as error:
            if error.sent:
                self._belongings.note_silence(method, path, body)
            raise
        self._belongings.note(method, path, response.status_code, response.content)
        answer = {"status": response.status_code, "headers": response.headers.multi_items(), "raw": response.content}
        self._emit("api.answered", {"method": method, "path": path, **answer})
        return response

    def create(self, body: Any) -> httpx.Response:
        """POST /connections."""
        return self.request("POST", "/connections", body)

    def get(self, connection_id: str) -> httpx.Response:
        """GET /connections/{id}."""
        return self.request("GET", f"/connections/{connection_id}")

    def replace(self, connection_id: str, body: Any) -> httpx.Response:
        """PUT /connections/{id}: the whole configuration again."""
        return self.request("PUT", f"/connections/{connection_id}", body)

    def delete(self, connection_id: str) -> httpx.Response:
        """DELETE /connections/{id}."""
        return self.request("DELETE", f"/connections/{connection_id}")

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()
