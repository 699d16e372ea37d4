"""From a command that ThingsBoard gives to a device to the downlink that it stands for, and to what is answered."""

from typing import Any

from uplab.simulator.forwarder.destinations.connector import Back
from uplab.simulator.forwarder.documents.document import DOWNLINK

__all__ = ["carry_out"]


async def carry_out(back: Back, dev_eui: str, method: str, params: Any) -> dict[str, Any]:
    """Send the downlink of a command, and say what became of it.

    No document says how an RPC becomes a downlink. Ours: params holds the fields of DevEUI_downlink; or it is a
    string of hexadecimal digits, the payload; or any other object, which the device's driver encodes.
    """
    content: dict[str, Any] = {"DevEUI": dev_eui}
    if isinstance(params, str):
        content["payload_hex"] = params
    elif isinstance(params, dict) and {"payload_hex", "payload", "FlushDownlinkQueue"} & params.keys():
        content = {**params, "DevEUI": dev_eui}
    else:
        content["payload"] = params if isinstance(params, dict) else {method: params}
    wrong = await back.downlink({DOWNLINK: content})
    return {"error": wrong} if wrong else {"status": "accepted"}
