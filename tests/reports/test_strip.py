"""A user's steps on pages, as the report shows them: a strip of small pictures with the words of each step."""

import base64
from dataclasses import replace
from pathlib import Path

from tests.reports.page import Page
from uplab.reports import html
from uplab.reports.findings import find
from uplab.reports.html import write_html
from uplab.reports.run import Run
from uplab.reports.way.steps import Step

JPEG = b"\xff\xd8\xff\xe0 not much of a picture"


def _shown(run: Run, folder: Path, *steps: Step) -> str:
    """The page of this run in another folder, of which the first scenario took these steps."""
    plain = [replace(one, history=None) for one in run.scenarios]
    plain[0] = replace(plain[0], steps=steps)
    write_html(find(replace(run, folder=folder, scenarios=tuple(plain))), folder / "page.html")
    return (folder / "page.html").read_text("utf-8")


def _stored(folder: Path, name: str, raw: bytes = JPEG) -> str:
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / name).write_bytes(raw)
    return name


def test_each_step_stands_under_its_picture(run: Run, tmp_path: Path) -> None:
    names = [_stored(tmp_path, f"pictures/a-{n}.jpg") for n in (1, 2)]

    source = _shown(
        run, tmp_path, Step("'Create' leads on", True, names[0]), Step("there is <a field>", False, names[1])
    )

    url = f"data:image/jpeg;base64,{base64.b64encode(JPEG).decode()}"
    assert source.count(f'src="{url}"') == 2
    assert "img-src data:" in source
    assert "'Create' leads on there is <a field>: it could not be done" in Page(source).text


def test_what_is_no_picture_is_none(run: Run, tmp_path: Path) -> None:
    name = _stored(tmp_path, "pictures/a-1.jpg", b"<script>alert(1)</script>")

    source = _shown(run, tmp_path, Step("a step", True, name), Step("another", True, None))

    assert "<img" not in source
    assert f'href="{name}"' in source


def test_page_has_room_for_so_many(run: Run, tmp_path: Path) -> None:
    names = [_stored(tmp_path, f"pictures/a-{n}.jpg") for n in range(3)]
    one = len("data:image/jpeg;base64,") + len(base64.b64encode(JPEG))

    steps = tuple(Step("a step", True, name) for name in names)
    first, *others = run.scenarios
    told = replace(run, folder=tmp_path, scenarios=(replace(first, steps=steps), *others))

    assert list(html._pictures(told, 2 * one)) == names[:2]
