"""A request to the forwarder under test that it must answer, and what is said where it does not."""

from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from uplab.scenarios.checks.verdict import CheckFailed, Verdict

__all__ = ["NoAnswerError", "answer_expected"]


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
        if "SSL" in why:  # such as a client certificate that is wanted
            raise _no_answer(f"{question} was cut off: {why}") from None
        if isinstance(error, httpx.ProxyError):
            raise _no_answer(f"{question} could not be sent: the proxy answered {why}", sent=False) from None
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
