"""The ingest: POST /v1/input-node/actility with a ThingPark document and the device's access token.

Answers: 200 when the document was taken in (200 and not 202, because it can be read back at once); 401 when the token
is missing, wrong or revoked, or belongs to another device; 400 when the document is none; 404 when nobody has such a
device. The real service documents only that the token is needed; the rest is ours.
"""

from collections.abc import Sequence
from typing import Any, Final

from uplab.fakes.widgelix.device import Device
from uplab.fakes.widgelix.documents import DocumentError, parse
from uplab.fakes.widgelix.errors import NotFoundError
from uplab.fakes.widgelix.state import WidgelixState

__all__ = ["PATH", "ingest"]

PATH: Final = "/v1/input-node/actility"
_BLANKS: Final = " \t"


def ingest(state: WidgelixState, authorizations: Sequence[str], body: bytes) -> tuple[int, dict[str, Any]]:
    """Take in a body that came with these Authorization headers; returns the status and body of the answer.

    The token is looked at first, so that whoever has none learns nothing about documents and devices.
    """
    holder = _holder(state, authorizations)
    if isinstance(holder, str):
        return 401, {"error": holder}
    try:
        document = parse(body)
        # The alarm of a base station is about no device: it is kept with the one whose token brought it.
        device = state.admitted(holder, document.dev_eui or holder.dev_eui)
    except DocumentError as error:
        return 400, {"error": str(error)}
    except NotFoundError as error:
        return 404, {"error": str(error)}
    if device is None:
        return 401, {"error": f"the access token belongs to another device than {document.dev_eui}"}
    state.accept(device, document)
    return 200, {"status": "accepted", "deviceId": device.dev_eui}


def _holder(state: WidgelixState, authorizations: Sequence[str]) -> Device | str:
    """Return whose token came, or why it is none."""
    if not authorizations:
        return "the Authorization header is missing"
    if len(authorizations) > 1:
        return "the Authorization header came more than once"
    # RFC 9110 11.1 and 11.4: the scheme in either case, blanks, one token. "Bearer Bearer x" holds two.
    scheme, _, token = authorizations[0].strip(_BLANKS).partition(" ")
    token = token.lstrip(" ")
    if scheme.lower() != "bearer":
        return 'expected "Authorization: Bearer <access token>"'
    return state.holder_of(token) or "the access token is wrong or revoked"
