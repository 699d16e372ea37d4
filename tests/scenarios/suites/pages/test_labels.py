import pytest

from uplab.scenarios.suites.pages.labels import named, saying


@pytest.mark.parametrize("label", ["Destination URL", "destination url", "  Destination URL * ", "Destination URL*"])
def test_label_is_known_in_any_case_with_or_without_its_asterisk(label: str) -> None:
    assert named("Destination URL").match(label)


@pytest.mark.parametrize(
    "label", ["Destination", "Destination URL of another", "The Destination URL", "Destination.URL"]
)
def test_other_labels_are_others(label: str) -> None:
    assert not named("Destination URL").match(label)


def test_text_is_known_whatever_blanks_are_in_it() -> None:
    pattern = saying(["Application  added", "Saved."])

    assert pattern.match(" Application\n added ")
    assert pattern.match("Saved.")
    assert not pattern.match("Saved!")
    assert not pattern.match("Application added to it")
