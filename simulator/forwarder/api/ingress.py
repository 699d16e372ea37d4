"""The ingress: where the network server's tunnel posts its documents. Plain ASGI, since every uplink goes this way."""

import hmac
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import replace
from typing import Any

from uplab.simulator.forwarder.agent import AGENT
from uplab.simulator.forwarder.delivery.queue import QueueError
from uplab.simulator.forwarder.documents.document import Document, DocumentError, read_document
from uplab.simulator.forwarder.documents.token import QueryError, check_token, parse_query
from uplab.simulator.forwarder.logs import log
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.service import Service

__all__ = ["BODY_MAX_BYTES", "INGRESS_PATH", "Ingress"]

INGRESS_PATH = "/ingress"
BODY_MAX_BYTES = 1_000_000

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_AGENT = AGENT.encode()
# W3C Trace Context, version 0; one of zeros alone is none, and what is none is not passed on.
_TRACE = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_EMPTY: tuple[tuple[bytes, bytes], ...] = ((b"content-length", b"0"),)


class _RefusedError(Exception):
    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status, self.field = status, field


class Ingress:
    """Checks each document and its token, and answers 200 when it is on disk."""

    def __init__(self, service: Service) -> None:
        """Accept for this service."""
        self._service = service
        self._as_id, self._as_key = service.settings.as_id, service.settings.as_key
        self._zero_port = service.settings.zero_port

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            document = await self._read(scope, receive)
            if document is None:  # the sender is gone, and nobody waits for an answer
                return
            await self._service.accept(document)
        except _RefusedError as refused:
            await _refuse(send, refused.status, str(refused), refused.field)
        except QueueError:
            await _refuse(send, 503, "the document cannot be stored now; send it again later", "")
        else:
            await send({"type": "http.response.start", "status": 200, "headers": _EMPTY})
            await send({"type": "http.response.body"})

    async def _read(self, scope: Message, receive: Receive) -> Document | None:
        if scope["method"] != "POST":
            raise _RefusedError(405, "the ingress takes POST only")
        if (b"user-agent", _AGENT) in scope["headers"]:
            raise _RefusedError(508, "this document has been sent by a forwarder already, and would go round for ever")
        body = await _body(scope, receive)
        if body is None:
            return None
        try:
            document = read_document(body)
        except DocumentError as error:
            raise _RefusedError(400, str(error), error.field) from None
        self._authenticate(scope["query_string"].decode("latin-1"), document)
        trace = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        return replace(document, traceparent=trace.decode()) if _TRACE.fullmatch(trace) else document

    def _authenticate(self, raw_query: str, document: Document) -> None:
        try:
            query = parse_query(raw_query)
        except QueryError as error:
            raise _RefusedError(400, str(error)) from None
        named = query.get("LrnDevEui")
        if named is not None and named.upper() != document.dev_eui:
            raise _RefusedError(400, "LrnDevEui is not the DevEUI of the document", "LrnDevEui")
        if self._as_id is None or self._as_key is None:
            return
        for name in ("AS_ID", "Time", "Token"):
            if not query.get(name):
                raise _RefusedError(401, f"{name} is missing in the query", name)
        # Receivers of the tunnel compare AS_ID without case (ThingsBoard's does); the token covers it as it was sent.
        if not hmac.compare_digest(query["AS_ID"].lower().encode(), self._as_id.lower().encode()):
            raise _RefusedError(403, "AS_ID is unknown", "AS_ID")
        # The token is over the digits of the document, which 1e2 or a long number lose when they are read.
        root = document.root
        if not (self._signed(query, root, document.content) or self._signed(query, root, document.as_written())):
            raise _RefusedError(403, "Token is wrong for this document, query and key", "Token")

    def _signed(self, query: dict[str, str], root: str, content: dict[str, Any]) -> bool:
        key = self._as_key
        return key is not None and check_token(query, root, content, key, zero_port=self._zero_port)


async def _body(scope: Message, receive: Receive) -> bytes | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > BODY_MAX_BYTES:
            raise _RefusedError(413, f"the document is larger than {BODY_MAX_BYTES} bytes")
    message = await receive()
    if message["type"] != "http.request":
        return None
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        return _limited(body)
    chunks, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] != "http.request":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_MAX_BYTES:
            break
    return _limited(b"".join(chunks))


def _limited(body: bytes) -> bytes:
    if len(body) > BODY_MAX_BYTES:
        raise _RefusedError(413, f"the document is larger than {BODY_MAX_BYTES} bytes")
    return body


async def _refuse(send: Send, status: int, message: str, field: str) -> None:
    log.warning("a document is refused", extra={"facts": {"status": status, "reason": message}})
    body = problem(status, message, field)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if status == 413:
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
