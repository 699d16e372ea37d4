"""What can be wrong with a request, by kind; the protocol turns each kind into its status code."""

__all__ = ["ConflictError", "InvalidError", "NotFoundError"]


class InvalidError(ValueError):
    """A value that cannot be (400); `field` names it as the client does, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotFoundError(LookupError):
    """There is no such thing in the organisation of the one who asks (404)."""


class ConflictError(ValueError):
    """It is there already, something else still needs it, or something has to be set first (409)."""
