"""The log: one line of JSON for each record on stderr, never with a header, a token, a query string or a body in it."""

import logging
import sys
from datetime import UTC, datetime

import orjson

__all__ = ["LEVELS", "log", "start_logging"]

LEVELS = ("debug", "info", "warning", "error")

log = logging.getLogger("uplab.forwarder")


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info and record.exc_info[0]:
            # The text of a foreign exception may hold an address with a key in it, so only its place is written.
            trace = record.exc_info[2]
            while trace and trace.tb_next:
                trace = trace.tb_next
            where = f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"
            line["error"] = f"{record.exc_info[0].__name__} at {where}"
        return orjson.dumps(line, default=str).decode()


def start_logging(level: str) -> None:
    """Send our records to stderr from the given level on, and those of libraries from warning on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    log.setLevel(level.upper())
