"""What the conversations with a delivery share: answers, messages, and how a list of commands is read."""

from random import Random

from tests.simulator.forwarder.making import OTHER_EUI, uplink
from uplab.simulator.forwarder.delivery.backlog import Backlog, Uplink
from uplab.simulator.forwarder.delivery.command import Command, Policy, Post, StateChanged
from uplab.simulator.forwarder.delivery.decisions import Delivery
from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.destinations.sink import Answer

OK = Answer("delivered", 200)
NO = Answer("refused", 503, "HTTP 503")
GONE = Answer("unreachable", None, "refused")
LOST = Answer("unclear", None, "no answer")
LOCKED = Answer("authentication_failed", None, "wrong password")
U1, U2, U3 = uplink(1), uplink(2), uplink(3)
V1 = uplink(4, OTHER_EUI)


def opened(policy: Policy | None = None, backlog: Backlog | None = None) -> Delivery:
    """A delivery in OPENED."""
    delivery = Delivery(policy or Policy(), Random(7), backlog)
    delivery.start(0.0)
    delivery.opened(OK, 0.0)
    return delivery


def states(commands: list[Command]) -> list[State]:
    """The states that a list of commands goes through."""
    return [command.new for command in commands if isinstance(command, StateChanged)]


def posts(commands: list[Command]) -> list[Uplink]:
    """The messages that a list of commands sends."""
    return [command.uplink for command in commands if isinstance(command, Post)]
