from __future__ import annotations

import json
from pathlib import Path

import pytest

from uplab.scenarios.captures.masking import Mask

FIELD = Path(__file__).parents[2] / "vectors" / "field"


def test_same_value_gets_the_same_stand_in_and_nothing_else_changes() -> None:
    mask = Mask()
    first = '{"DevEUI_uplink": {"DevEUI": "0018B20000001234", "LrrRSSI": -91.000000, "LrrLAT": 48.5, "LrrLON": "2.1"}}'
    second = '{"DevEUI_uplink": {"DevEUI": "0018b20000001234", "CustomerData": {"name": "Mine", "tags": ["a"]}}}'

    assert mask.document(first) == (
        '{"DevEUI_uplink": {"DevEUI": "0000000000000001", "LrrRSSI": -91.000000, "LrrLAT": 1.5, "LrrLON": "2"}}'
    )
    assert json.loads(mask.document(second)) == {
        "DevEUI_uplink": {"DevEUI": "0000000000000001", "CustomerData": {"name": "name-1", "tags": ["name-2"]}}
    }


@pytest.mark.parametrize("path", sorted(FIELD.glob("[!np]*.json")), ids=lambda path: path.stem)
def test_document_of_the_field_keeps_its_shape(path: Path) -> None:
    text = path.read_text()

    masked = Mask().document(text)

    before, after = json.loads(text), json.loads(masked)
    assert before.keys() == after.keys()
    report = next(iter(before.values()))
    for name in ("DevEUI", "CustomerID"):
        if name in report:
            assert report[name] not in masked
    assert json.dumps(after).count(":") >= json.dumps(before).count(":") - text.count("T0") * 2 - text.count("://") * 9
