"""The first look at a forwarder that runs elsewhere, before any scenario asks it something."""

import httpx

from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.under_test.answer import NoAnswerError
from uplab.scenarios.under_test.api import ForwarderApi
from uplab.scenarios.under_test.process import ForwarderStartError

__all__ = ["probe"]

_TRY_ADDRESS = "start that forwarder first, and compare its address with that of --forwarder-api"
_TRY_SIGNED_IN = (
    "give a token in UPLAB_FORWARDER_TOKEN, or UPLAB_FORWARDER_CLIENT_ID and UPLAB_FORWARDER_CLIENT_SECRET to fetch one"
    " (UPLAB_FORWARDER_OAUTH_URL where that is not /oauth/token beside the API)"
)
_TRY_OTHERS = "it was given a token and does not take it: compare UPLAB_FORWARDER_... with the account's own"


def probe(api: ForwarderApi, *, has_token: bool) -> None:
    """Asks for the connections; ForwarderStartError when nobody answers, or the lab is not let in."""
    try:
        status = api.request("GET", "/connections").status_code
    except NoAnswerError as error:
        raise _told(api, f"cannot be reached: {error.verdict.happened}", _TRY_ADDRESS) from None
    except httpx.InvalidURL as error:
        raise _told(api, f"cannot be reached: its address is none: {error}", _TRY_ADDRESS) from None
    if status in (401, 403):
        advice = _TRY_OTHERS if has_token else _TRY_SIGNED_IN
        raise _told(api, f"does not let this lab in: GET /connections was answered {status}", advice)


def _told(api: ForwarderApi, what: str, advice: str) -> ForwarderStartError:
    return ForwarderStartError(f"the forwarder {what}\n  api       {redact_text(api.base)}\n  to try    {advice}")
