"""amqtt as a process of its own: a plain broker of MQTT 3.1.1 on a port of loopback, open to whoever gets there.

`python -m uplab.fakes.broker.amqtt_process PORT`. It ends when its stdin does: with whoever started it, however that
one ended. In a process of its own because importing it takes longer than a lab may be late.
"""

import asyncio
import contextlib
import logging
import sys
from typing import Any

__all__ = ["main", "serve"]


async def serve(port: int, stop: asyncio.Event, listening: asyncio.Event | None = None) -> None:
    """Serve until told to stop; says when it listens."""
    broker = _kept()(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"127.0.0.1:{port}"}},
            "plugins": {"uplab.fakes.broker.amqtt_plugin.Everybody": {}},
        }
    )
    await broker.start()
    if listening is not None:
        listening.set()
    try:
        await stop.wait()
    finally:
        await broker.shutdown()


def _kept() -> Any:
    """amqtt's broker, except that a session that was renewed at once is not taken for one that has ended.

    amqtt 0.12 lets a client in again while its last connection is still being closed, both with one session, and marks
    that as ended when the old connection is closed: what is published to it is then put aside for ever.
    """
    from amqtt.broker import Broker  # noqa: PLC0415 - large

    class Kept(Broker):  # type: ignore[misc]  # it has no types
        async def _handle_disconnect(self, client_session: Any, handler: Any, disconnect_waiter: Any) -> None:
            await super()._handle_disconnect(client_session, handler, disconnect_waiter)
            _, newest = self._sessions.get(client_session.client_id, (None, handler))
            if newest is not handler and not client_session.transitions.is_connected():
                client_session.transitions.connect()
                await self._publish_session_retained_messages(client_session)

    return Kept


async def _until_stdin_ends(port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    serving = loop.create_task(serve(port, stop))
    ended = loop.create_task(reader.read())
    await asyncio.wait((serving, ended), return_when=asyncio.FIRST_COMPLETED)
    stop.set()
    ended.cancel()
    await serving


def main() -> int:
    """Run it; 2 for a port that is none, or cannot be had."""
    logging.basicConfig(level=logging.CRITICAL)
    try:
        port = int(sys.argv[1])
    except (IndexError, ValueError):
        print("usage: python -m uplab.fakes.broker.amqtt_process PORT", file=sys.stderr)
        return 2
    factory = asyncio.new_event_loop
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415

        factory = uvloop.new_event_loop
    try:
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(_until_stdin_ends(port))
    except Exception as error:  # noqa: BLE001 - amqtt raises many kinds; whoever started it reads one line
        print(f"the broker cannot serve: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
