"""The picture of each step on a page, for the report; none where a secret of the user's would be in it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from uplab.scenarios.history.secrets import found_in, redact_text

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["SCALE", "Pictures"]

SCALE = 0.5
"""A picture has half as many pixels in each direction as its page: words can be read, at a quarter of the bytes."""

_MOST = 60  # of one scenario
_QUALITY = 45  # of JPEG, in percent

# What stands on a page: its text, and what was typed into its fields.
_TEXT = """() => [
    document.body.innerText, ...[...document.querySelectorAll('input, textarea')].map(field => field.value)
].join('\\n')"""


class Pictures:
    """Takes them into a folder of the run. No filter sees into a picture, so it is asked of the page's text before."""

    def __init__(self, folder: Path, scenario: str) -> None:
        """`folder` is the run's; the files are named by the scenario."""
        self._folder = folder
        self.name = re.sub(r"[^A-Za-z0-9]+", "-", redact_text(scenario).replace(".py::", "-")).strip("-")[:100]
        self._count = 0

    def take(self, page: Page) -> str | None:
        """The file's name below the run's folder; None where there are enough, or a secret of the user's stands there.

        What is typed into a field for passwords is covered.
        """
        from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

        if self._count >= _MOST:
            return None
        name = f"pictures/{self.name}-{self._count + 1:02d}.jpg"
        try:
            if found_in(page.evaluate(_TEXT)):
                return None
            covered = [page.locator("input[type=password]")]
            (self._folder / "pictures").mkdir(exist_ok=True)
            page.screenshot(path=self._folder / name, type="jpeg", quality=_QUALITY, mask=covered, mask_color="#888888")
        except Error:
            return None  # the page went away meanwhile
        self._count += 1
        return name
