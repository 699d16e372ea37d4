"""The pages of reports as templates, and what fills them in."""

from jinja2 import Environment, PackageLoader, StrictUndefined

__all__ = ["environment"]


def environment() -> Environment:
    """Templates of this folder by their names: all that is put in is escaped, and what is missing is an error."""
    return Environment(
        loader=PackageLoader("uplab.reports", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
