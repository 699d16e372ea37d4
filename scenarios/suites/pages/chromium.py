"""The browser of a worker: Debian's Chromium, driven by Playwright, and what to do where one of them is missing."""

import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest

from uplab.scenarios import CheckFailed
from uplab.scenarios.history.secrets import found_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, ProxySettings

__all__ = ["REQUIRED", "find_chromium", "forget", "holds_secret", "launched", "missing", "traced", "unavailable"]

REQUIRED = "UPLAB_REQUIRE_CLIENTS"
# The shell without windows first: the same engine for two fifths of the work.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")


def find_chromium() -> str | None:
    """The path of a Chromium, None where there is none."""
    return next((path for path in map(shutil.which, PROGRAMS) if path), None)


def missing() -> str | None:
    """What has to be installed before a browser can be driven; None when all is there."""
    wanted = []
    if find_spec("playwright") is None:
        wanted.append("the Python package playwright (pip install playwright)")
    if find_chromium() is None:
        wanted.append("Chromium (Debian: apt-get install chromium-headless-shell)")
    return f"no browser can be driven; install {' and '.join(wanted)}" if wanted else None


def unavailable(reason: str) -> None:
    """Makes the scenario not applicable; it fails where the environment demands all clients."""
    if os.environ.get(REQUIRED) == "1":
        raise CheckFailed(f"{reason} ({REQUIRED}=1 demands it)")
    pytest.skip(reason)


def _through(proxy: str | None) -> "ProxySettings | None":
    if proxy is None:
        return None
    parts = urlsplit(proxy)
    through: ProxySettings = {"server": f"http://{parts.hostname}:{parts.port or 80}"}
    if parts.username:
        through |= {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return through


@contextmanager
def launched(*hosts: str, proxy: str | None = None) -> Iterator["Browser"]:
    """Runs one browser that finds no other hosts than these, whatever a page names, by a proxy where there is one."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - it may be missing

    through = _through(proxy)
    known = [*hosts, *([urlsplit(proxy).hostname or ""] if proxy else [])]
    rules = " , ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in known)])
    flags = [*FLAGS, f"--host-resolver-rules={rules}"]
    if os.geteuid() == 0:
        flags.append("--no-sandbox")  # Chromium has no sandbox for root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags, proxy=through)
        try:
            yield browser
        finally:
            browser.close()


def forget(context: "BrowserContext") -> None:
    """Closes every page, and lets nothing of what they stored reach the next visitor."""
    for page in context.pages:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(page.url))
        if origin.startswith("http"):
            session = context.new_cdp_session(page)
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        page.close()
    context.clear_cookies()


@contextmanager
def traced(context: "BrowserContext", path: Path, *, failed: Callable[[], bool]) -> Iterator[None]:
    """Keeps a trace of what happens inside, where something failed; `tracing.start` was called before.

    None is kept in which a secret of the user's stands: no filter can take it out of an archive.
    """
    context.tracing.start_chunk()
    try:
        yield
    finally:
        context.tracing.stop_chunk(path=path if failed() else None)
        if path.exists() and holds_secret(path):
            path.unlink()


def holds_secret(archive: Path) -> bool:
    """Whether a secret of the user's stands in a file of an archive."""
    with zipfile.ZipFile(archive) as packed:
        return any(found_in(packed.read(name)) for name in packed.namelist())
