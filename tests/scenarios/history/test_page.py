from pathlib import Path

from uplab.scenarios.history.hops import FORMAT, HOPS
from uplab.scenarios.history.page import page

PAGE = Path(__file__).parents[3] / "scenarios" / "HISTORY.md"


def test_page_says_what_the_vocabulary_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m uplab.scenarios.history.page > scenarios/HISTORY.md"


def test_each_hop_has_its_facts_on_the_page() -> None:
    sections = page().split("\n## ")
    for hop in HOPS.values():
        (section,) = [one for one in sections if one.startswith(f"{hop.name}\n")]
        assert all(f"| `{fact.name}` |" in section for fact in hop.facts)
    assert f'"format": {FORMAT}' in page()
