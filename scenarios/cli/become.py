"""The commands whose arguments go as they are to what they become, and which start without the rest of uplab."""

import os
import sys
from collections.abc import Sequence

__all__ = ["BECOME"]


def become_run(arguments: Sequence[str]) -> None:
    """Become pytest over the suites; asked for help, print it."""
    from uplab.scenarios.run import launch  # noqa: PLC0415

    if "--help" in arguments or "-h" in arguments:
        print(launch.run_help())
        return
    launch.become_pytest(arguments)


def become_forwarder(arguments: Sequence[str]) -> None:
    """Become the reference forwarder, which is a process of its own in every run too."""
    os.execv(sys.executable, [sys.executable, "-m", "uplab.simulator.forwarder", *arguments])  # noqa: S606


def become_fake(arguments: Sequence[str]) -> None:
    """Become one fake, which reads its command line itself."""
    from uplab.scenarios.cli import fake  # noqa: PLC0415

    fake.become_fake(arguments)


BECOME = {"run": become_run, "forwarder": become_forwarder, "fake": become_fake}
"""By the name of the command."""
