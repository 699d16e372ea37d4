import pytest

from uplab.reports.fields import Fields, ReportError
from uplab.reports.way.steps import Step, read_step


@pytest.mark.parametrize("picture", [None, "pictures/pages-test-http-01.jpg"])
def test_step_is_read(picture: str | None) -> None:
    row = Fields("run.json", {"step": "Create", "done": True, "picture": picture})

    assert read_step(row) == Step("Create", True, picture)


@pytest.mark.parametrize("picture", ["../secret.jpg", "pictures/../../x.jpg", "pictures/x.svg", "history/a.jsonl"])
def test_picture_stands_in_its_folder(picture: str) -> None:
    with pytest.raises(ReportError, match="picture must be a plain name"):
        read_step(Fields("run.json", {"step": "Create", "done": True, "picture": picture}))
