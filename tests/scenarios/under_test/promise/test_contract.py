"""The table of policies: one in CONTRACT.md and in the code."""

import re
from pathlib import Path

from uplab.scenarios.checks.policy.declared import DeliveryPolicy

CONTRACT = Path(__file__).parents[4] / "scenarios" / "CONTRACT.md"


def test_contract_shows_the_same_table() -> None:
    text = CONTRACT.read_text(encoding="utf-8").partition("| key of `[delivery]` |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)` \| .+ \| (.+) \|$", text, re.MULTILINE)

    assert rows == [(name, field.description) for name, field in DeliveryPolicy.model_fields.items()]
