"""The topics of ThingsBoard's device and gateway API: what may be published, and the only filters it grants."""

import re
from typing import Final

__all__ = [
    "ATTRIBUTES",
    "ATTRIBUTE_FILTERS",
    "ATTRIBUTE_REQUEST",
    "CLAIM",
    "FILTERS",
    "FIRMWARE",
    "FIRMWARE_ERROR",
    "GATEWAY",
    "GATEWAY_ATTRIBUTES",
    "GATEWAY_ATTRIBUTES_RESPONSE",
    "GATEWAY_DISCONNECT",
    "GATEWAY_RPC",
    "PROVISION_REQUEST",
    "PROVISION_RESPONSE",
    "RPC_FILTERS",
    "RPC_REQUEST",
    "RPC_RESPONSE",
    "TELEMETRY",
    "matches",
]

_ME: Final = "v1/devices/me"

TELEMETRY: Final = frozenset({f"{_ME}/telemetry", "v2/t", "v2/t/j"})
ATTRIBUTES: Final = frozenset({f"{_ME}/attributes", "v2/a", "v2/a/j"})
CLAIM: Final = f"{_ME}/claim"

# Topics that end in a request id, longest first because `v2/a/req/` begins `v2/a/req/j/` too; the second is where the
# answer goes.
ATTRIBUTE_REQUEST: Final = {
    f"{_ME}/attributes/request/": f"{_ME}/attributes/response/",
    "v2/a/req/j/": "v2/a/res/j/",
    "v2/a/req/": "v2/a/res/",
}
RPC_REQUEST: Final = {
    f"{_ME}/rpc/request/": f"{_ME}/rpc/response/",
    "v2/r/req/j/": "v2/r/res/j/",
    "v2/r/req/": "v2/r/res/",
}
RPC_RESPONSE: Final = (f"{_ME}/rpc/response/", "v2/r/res/j/", "v2/r/res/")

# Chunks of firmware (software): the id of the request and the number of the chunk stand in the topic.
FIRMWARE: Final = re.compile(r"v2/(fw|sw)/request/(\d{1,9})/chunk/(\d{1,9})", re.ASCII)
FIRMWARE_ERROR: Final = "v2/fw/error"
PROVISION_REQUEST, PROVISION_RESPONSE = "/provision/request", "/provision/response"

GATEWAY: Final = "v1/gateway"
GATEWAY_ATTRIBUTES: Final = f"{GATEWAY}/attributes"
GATEWAY_ATTRIBUTES_RESPONSE: Final = f"{GATEWAY}/attributes/response"
GATEWAY_DISCONNECT: Final = f"{GATEWAY}/disconnect"
GATEWAY_RPC: Final = f"{GATEWAY}/rpc"

# A subscription to one of these is what makes the server push; the value is where it pushes to.
ATTRIBUTE_FILTERS: Final = {topic: topic for topic in (f"{_ME}/attributes", "v2/a", "v2/a/j", "v2/a/p")}
RPC_FILTERS: Final = {f"{topic}+": topic for topic in (*RPC_REQUEST, "v2/r/req/p/")}
FILTERS: Final = frozenset(
    {
        *ATTRIBUTE_FILTERS,
        *RPC_FILTERS,
        *(f"{topic}+" for topic in (*RPC_RESPONSE, "v2/r/res/p/")),
        *(f"{topic}+" for topic in (*ATTRIBUTE_REQUEST.values(), "v2/a/res/p/")),
        GATEWAY_ATTRIBUTES,
        GATEWAY_ATTRIBUTES_RESPONSE,
        GATEWAY_RPC,
        "v2/fw/response/+/chunk/+",
        "v2/fw/error",
        "v2/sw/response/+/chunk/+",
        "v2/sw/error",
    }
)


def matches(topic_filter: str, topic: str) -> bool:
    """Whether a granted filter (at most `+` as its last level, or twice for chunks) covers a topic."""
    if topic_filter == topic:
        return True
    wanted, given = topic_filter.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(a in ("+", b) for a, b in zip(wanted, given, strict=True))
