"""The first look at a forwarder that runs elsewhere, before any scenario asks it something."""

import json

import httpx

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test.access.advice import advice_for
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.process import ForwarderStartError

__all__ = ["TokenRefusedError", "expect_token_taken", "probe"]

_TRY_ADDRESS = "start that forwarder first, and compare its address with that of --forwarder-api"
_ELSEWHERE = (404, 405, 410, 501)
_TRY_PATH = "--forwarder-api takes the address below which /connections is found, as http://host:8080/iot-flow/v1"
_TRY_SIGNED_IN = (
    "give a token in UPLAB_FORWARDER_TOKEN, or UPLAB_FORWARDER_CLIENT_ID and UPLAB_FORWARDER_CLIENT_SECRET to fetch one"
    " (UPLAB_FORWARDER_OAUTH_URL where that is not /oauth/token beside the API); what stands before it may want"
    " headers, UPLAB_FORWARDER_HEADERS"
)
_TRY_OTHERS = "it was given a token and does not take it: compare UPLAB_FORWARDER_... with the account's own"


class TokenRefusedError(Exception):
    """The ingress of a forwarder that runs elsewhere does not take the lab's token; the text says what to compare."""


def expect_token_taken(status: int | None) -> None:
    """TokenRefusedError for the answer to a right document that tells of a wrong key."""
    if status in (401, 403):
        raise TokenRefusedError(
            f"the forwarder's ingress does not take this lab's token ({status}): "
            "compare UPLAB_AS_KEY and UPLAB_AS_ID with the forwarder's own"
        )


def probe(api: ForwarderApi, *, has_token: bool) -> None:
    """Asks for the connections; ForwarderStartError when nobody answers, or the lab is not let in."""
    try:
        answer = api.request("GET", "/connections")
    except NoAnswerError as error:
        happened = error.verdict.happened
        raise _told(api, f"cannot be reached: {happened}", advice_for(happened) or _TRY_ADDRESS) from None
    except httpx.InvalidURL as error:
        raise _told(api, f"cannot be reached: its address is none: {error}", _TRY_ADDRESS) from None
    status = answer.status_code
    if status in (401, 403):
        advice = _TRY_OTHERS if has_token else _TRY_SIGNED_IN
        raise _told(api, f"does not let this lab in: GET /connections was answered {status}", advice)
    if status in _ELSEWHERE or 300 <= status < 400:
        raise _told(api, f"has no such API there: GET /connections was answered {status}", _TRY_PATH)
    if 200 <= status < 300 and not _is_json(answer.content):
        said = f"{answer.headers.get('Content-Type', 'something')} of {len(answer.content)} bytes"
        raise _told(
            api, f"has no such API there: GET /connections was answered {status} with {said}, no JSON", _TRY_PATH
        )


def _is_json(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content), list | dict)
    except ValueError:
        return False


def _told(api: ForwarderApi, what: str, advice: str) -> ForwarderStartError:
    return ForwarderStartError(f"the forwarder {what}\n  api       {redact_text(api.base)}\n  to try    {advice}")
