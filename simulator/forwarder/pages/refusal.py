"""What is refused, in the form in which a page shows it; the words are those of the API."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from uplab.simulator.forwarder.delivery.queue import QueueError
from uplab.simulator.forwarder.invalid import InvalidError
from uplab.simulator.forwarder.service import LimitError, NotFoundError

__all__ = ["ForeignError", "RefusedError", "refusals"]


class ForeignError(Exception):
    """A form that another site has posted."""


class RefusedError(Exception):
    """What was asked for is not done; `path` is the API's name of the field that is wrong, empty when none is."""

    def __init__(self, status: int, path: str, message: str) -> None:
        """Keep the status that the API would answer with."""
        super().__init__(message)
        self.status, self.path = status, path


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the service refuses into a RefusedError, with the status that the API gives it."""
    try:
        yield
    except InvalidError as error:
        raise RefusedError(400, error.field, str(error)) from None
    except LimitError as error:
        raise RefusedError(403, "", str(error)) from None
    except NotFoundError as error:
        raise RefusedError(404, "", str(error)) from None
    except (QueueError, sqlite3.Error):
        raise RefusedError(503, "", "the state cannot be written now; try again later") from None
