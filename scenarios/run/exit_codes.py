"""The exit codes of every command: those of pytest, and three of our own."""

__all__ = [
    "ERROR",
    "FAILED",
    "MEANINGS",
    "NOTHING_SELECTED",
    "NOT_STARTED",
    "PASSED",
    "STOPPED",
    "UNKNOWN",
    "UNWRITTEN",
    "WRONG_USAGE",
]

PASSED = 0
FAILED = 1
STOPPED = 2
# The forwarder or the lab did not come up, or the harness broke: nothing was judged, so nothing has failed.
# pytest calls it an internal error; servers of continuous integration take it for trouble of the job, not of a test.
NOT_STARTED = 3
WRONG_USAGE = 4
NOTHING_SELECTED = 5
ERROR = 6
UNWRITTEN = 7
UNKNOWN = 10

MEANINGS = {
    PASSED: "passed",
    FAILED: "a scenario failed, or the gate; any other command: it could not do what it was asked",
    STOPPED: "stopped by Ctrl-C or SIGTERM, or a suite cannot be read",
    NOT_STARTED: "the forwarder or the lab did not start, or cannot be reached: nothing was judged",
    WRONG_USAGE: "wrong usage",
    NOTHING_SELECTED: "no scenario was selected, with --gate or without",
    ERROR: "nothing failed, but a check or a scenario itself broke, which says nothing about the forwarder",
    UNWRITTEN: "what was found could not be written down, as on a full disk: the run stopped there",
    UNKNOWN: "nothing failed, but something could not be decided",
}
