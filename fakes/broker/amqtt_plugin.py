"""Who comes to amqtt has come through the relay, which knows who may: here everybody may."""

from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

__all__ = ["Everybody"]


class Everybody(BaseAuthPlugin):  # type: ignore[misc]  # amqtt has no types
    """Let everybody in. amqtt's own plugin for that keeps no session over a lost connection."""

    async def authenticate(self, *, session: Session) -> bool:
        """Let this one in."""
        del session
        return True
