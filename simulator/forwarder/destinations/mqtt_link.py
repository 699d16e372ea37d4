"""One MQTT 3.1.1 session over aiomqtt: to where a name really is, verified by its name, and heard when it ends."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import DisconnectFlags
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

__all__ = ["Link", "NamedContext"]

UNSPECIFIED = 0x80


class NamedContext(ssl.SSLContext):
    """A client's TLS context that verifies one name, whatever address the connection goes to."""

    server_name: str

    @classmethod
    def trusting(cls, ca_file: Path | None, server_name: str, *, authorities: str | None = None) -> "NamedContext":
        """Trust the authorities in a PEM file, or those of the system when there is none; or just those of a text."""
        context = cls(ssl.PROTOCOL_TLS_CLIENT)  # certificate and name are checked by default
        context.server_name = server_name
        if authorities is not None:
            context.load_verify_locations(cadata=authorities)
        elif ca_file is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(cafile=ca_file)
        return context

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        """Begin TLS with the name that this context stands for, not the address that the client knows.

        The handshake is done here, because paho leaves the socket open when its own attempt at it fails.
        """
        ours = {"server_hostname": self.server_name, "do_handshake_on_connect": True}
        return super().wrap_socket(*args, **(options | ours))


class Link(aiomqtt.Client):
    """aiomqtt's client with two additions: it tells of its end at once, and can be dropped in any state.

    aiomqtt leaves connect and publish waiting when the connection ends under them, and the socket open when the server
    refuses or never answers CONNECT. To change that takes its inner client: one more reason to stay below version 3.
    """

    def __init__(self, *, on_end: Callable[[str], None], connect_timeout_s: float, **options: Any) -> None:
        """Prepare a session; `on_end` is called with the reason, once or more, from the loop."""
        super().__init__(protocol=aiomqtt.ProtocolVersion.V311, **options)
        self._client.connect_timeout = connect_timeout_s  # for TCP, and again for TLS
        self._client.max_inflight_messages = 0  # no limit here: whoever publishes limits itself
        self.pending_calls_threshold = 65_535  # many in flight are normal, and worth no warning
        self._on_end = on_end

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        super()._on_disconnect(client, userdata, flags, reason_code, properties)
        # All that paho knows of a connection that the other side ended is "unspecified error".
        reason = "the server closed the connection" if reason_code.value == UNSPECIFIED else str(reason_code)
        if not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(f"no CONNACK: {reason}"))
        self._loop.call_soon_threadsafe(self._on_end, reason)

    def drop(self) -> None:
        """Close the socket, if there is one, with a DISCONNECT where it can still be written."""
        self._client.disconnect()
