"""Becomes pytest, as `uplab run` wants it: run by its path, because pytest must be the first to import our modules.

Until the run has something to clean up, Ctrl-C or SIGTERM ends it with one line; `python -m pytest` would show its
imports, or say nothing.
"""

import os
import signal
import sys

STOPPED = 2  # scenarios/run/exit_codes.py, which may not be imported here


def end(*_: object) -> None:
    """Says that it was stopped, and ends."""
    os.write(2, b"\nuplab: stopped before the first scenario ended\n")
    os._exit(STOPPED)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})  # held back over the start, not lost
    sys.path.append(str(os.getcwd()))  # last: a folder called http there hides nothing of Python's
    import runpy

    runpy.run_module("pytest", run_name="__main__", alter_sys=True)
