"""The pictures of README and docs, made from a real run: `make pictures`, or `python -m tests.pictures FOLDER`.

A known-bad forwarder is run with a fixed seed; what it prints and the report that it leaves are drawn as they are, so
that no picture shows what uplab does not do. It needs Chromium.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from typing import TYPE_CHECKING

import httpx
from rich.console import Console

from uplab.reports.findings import find
from uplab.reports.run import read_run
from uplab.reports.terminal import render
from uplab.scenarios.suites.pages.chromium import find_chromium

if TYPE_CHECKING:
    from playwright.sync_api import Page

__all__ = ["main"]

_SEED = "9"
_SCENARIOS = ("http/test_did_it_work.py", "http/test_headers.py")
_BAD = "python -m tests.faulty drop-authorization"
_WIDTH, _HEIGHT = 1200, 820
_ROOT = Path(__file__).parent.parent


def main(place: Path) -> int:
    """Writes terminal.svg, report.png, way.png and desk.png; 1 where there is no browser or the run was none."""
    chromium = find_chromium()
    if chromium is None:
        print("there is no Chromium to draw with", file=sys.stderr)
        return 1
    place = place.resolve()
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)  # so that paths are short, and nobody's
        command = [str(Path(sys.executable).with_name("uplab")), "run", "--seed", _SEED, "--forwarder-command", _BAD]
        environment = {
            **os.environ,
            "PYTHONPATH": str(_ROOT),
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        }
        run([*command, *_SCENARIOS], env=environment, stdout=DEVNULL, check=False)
        latest = Path("reports/runs/latest")
        if not (latest / "run.json").exists():
            print("the run was none: start it by hand", file=sys.stderr)
            return 1
        (place / "terminal.svg").write_text(_terminal(latest), encoding="utf-8")
        _report(chromium, (latest / "report.html").resolve(), place)
        _desk(chromium, place)
    return 0


def _terminal(folder: Path) -> str:
    """The verdicts as a terminal shows them; the font is the reader's own, and not fetched."""
    console = Console(record=True, width=110, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    render(find(read_run(folder)), console=console)
    drawn = console.export_svg(title="uplab run")
    return re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL).replace("Fira Code", "ui-monospace")


def _report(chromium: str, page: Path, place: Path) -> None:
    from playwright.sync_api import sync_playwright  # the extra `browser`

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        shown.goto(page.as_uri())
        shown.screenshot(path=place / "report.png")
        card = shown.locator("article").first
        film, desk = card.locator(".film").bounding_box(), card.locator(".desk").bounding_box()
        assert film is not None
        assert desk is not None
        height = min(desk["y"] + desk["height"], film["y"] + 760) - film["y"] + 16
        shown.screenshot(
            path=place / "way.png",
            full_page=True,
            clip={"x": film["x"] - 12, "y": film["y"] - 8, "width": film["width"] + 24, "height": height},
        )
        browser.close()


def _desk(chromium: str, place: Path) -> None:
    """A lab that is up: two devices have sent, one has received a downlink, and then posthere was broken."""
    from playwright.sync_api import sync_playwright  # the extra `browser`

    command = [str(Path(sys.executable).with_name("uplab")), "up", "--json", "--seed", _SEED]
    with Popen(command, stdout=PIPE, text=True) as lab:
        try:
            assert lab.stdout is not None
            addresses = json.loads(lab.stdout.readline())
            to = {"headers": {}, "destinationURL": "https://posthere.io/4b19-48f6-94cc"}
            made = {"connectorId": "actility-http-iot", "name": "Hall", "configuration": to}
            httpx.post(f"{addresses['api']}/connections", json=made, timeout=30).raise_for_status()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                desk = browser.new_page(viewport={"width": 1280, "height": 900})
                desk.goto(addresses["desk"])
                _walk(desk)
                desk.screenshot(path=place / "desk.png")
                browser.close()
        finally:
            lab.terminate()


def _walk(desk: Page) -> None:
    """Does at the desk what a person would do there, and waits for what becomes of it."""
    send, down, broken = (desk.locator(f"#{name}") for name in ("send", "downlink", "break"))
    for model in ("model abeeway_position", "model elsys_ers"):
        send.locator("[name=who]").select_option(model)
        send.locator("button").click()
        send.locator("output", has_text="accepted").wait_for()
        desk.wait_for_timeout(1_500)
    down.locator("[name=dev_eui]").select_option(index=1)
    down.locator("[name=payload_hex]").fill("0a")
    down.locator("[name=port]").fill("2")
    down.locator("button").click()
    down.locator("output", has_text="accepted").wait_for()
    send.locator("button").click()
    desk.locator(".way .state", has_text="received by the device").first.wait_for()
    desk.locator(".way", has_text="DevEUI_downlink_Sent").locator(".state", has_text="delivered").wait_for()
    broken.locator("button").first.click()
    desk.locator(".parts .bad").wait_for()
    desk.locator(".way[open] .hops summary").first.click()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")))
