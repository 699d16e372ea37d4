"""signoff.html: the sign-off on pages of A4, without a script, and with nothing from elsewhere."""

from collections.abc import Mapping

from uplab.reports.pages import environment
from uplab.reports.paper.signoff import SignOff
from uplab.reports.text import SIGNS, counted, moment, one_line, seconds

__all__ = ["page"]

_SIGNS = {**SIGNS, "agreed deviation": "≈", "not tested": "○"}


def page(one: SignOff, *, made: str, links: Mapping[str, str], carries: bool) -> str:
    """The page; `links` are the reports by the names of their runs, `carries` whether the histories go with it.

    `made` is when it was made, in ISO 8601.
    """
    templates = environment()
    templates.filters.update(
        line=one_line,
        moment=moment,
        seconds=seconds,
        counted=counted,
        slug=lambda verdict: str(verdict).replace(" ", "-"),
        sign=lambda verdict: _SIGNS.get(verdict, "·"),
    )
    return templates.get_template("signoff.html").render(one=one, made=made, links=links, carries=carries)
