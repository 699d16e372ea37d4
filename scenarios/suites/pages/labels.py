"""What stands on a page under the labels that the documents name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

__all__ = ["control", "fields", "named", "saying", "text"]


def named(name: str) -> re.Pattern[str]:
    """A label as the documents write it, in any case, with or without its asterisk."""
    return re.compile(rf"^\s*{re.escape(name)}\s*\*?\s*$", re.IGNORECASE)


def saying(texts: list[str]) -> re.Pattern[str]:
    """Exactly one of these texts, whatever blanks are in it."""
    patterns = (r"\s+".join(map(re.escape, text.split())) for text in texts)
    return re.compile(rf"^\s*({'|'.join(patterns)})\s*$")


def fields(page: Page, label: str) -> Locator:
    """The inputs of a label that can be seen."""
    inputs = page.locator("input, textarea, select")
    return page.get_by_label(named(label)).and_(inputs).filter(visible=True)


def control(page: Page, name: str) -> Locator:
    """The links and buttons of a name."""
    pattern = named(name)
    return page.get_by_role("link", name=pattern).or_(page.get_by_role("button", name=pattern))


def text(page: Page) -> str:
    """How what a page says begins."""
    return page.locator("body").inner_text()[:400]
