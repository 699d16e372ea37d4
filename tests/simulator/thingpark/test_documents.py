"""The lists of ThingPark's documents, and the forwarder's own copy of them: the same vectors judge both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from uplab.simulator.forwarder.documents import report
from uplab.simulator.thingpark import documents

VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "vectors" / "documents.json").read_text("utf-8")
)
READERS = pytest.mark.parametrize("reader", [documents, report], ids=["thingpark", "forwarder"])


@READERS
@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["about"])
def test_device_and_instant_are_those_of_the_vector(reader: Any, vector: dict[str, Any]) -> None:
    root, content = vector["root"], vector["content"]

    assert reader.device_of(reader.ROOTS[root], content) == vector["device"]
    if "wrong" in vector:
        with pytest.raises(reader.WrongTimeError, match=vector["wrong"]):
            reader.instant_of(reader.ROOTS[root], content)
    else:
        assert reader.instant_of(reader.ROOTS[root], content) == vector["ts"]


def test_forwarder_and_everybody_else_know_the_same_roots() -> None:
    told = [{name: (root.times, root.device) for name, root in one.ROOTS.items()} for one in (documents, report)]

    assert told[0] == told[1]
    assert {vector["root"] for vector in VECTORS} == set(documents.ROOTS)


NUMBERS = [
    (17, 17),
    ("17", 17),
    ("17.000000", None),
    (17.0, None),
    ("-1", -1),
    (0, 0),
    ("0", 0),
    (True, None),
    (None, None),
]
NUMBERS += [("", None), ("1.5", None), (1.5, None), ("17 ", None), ("abc", None), ([], None), ("9" * 400, None)]


@READERS
@pytest.mark.parametrize(("written", "number"), NUMBERS, ids=repr)
def test_whole_number_is_read_in_each_of_its_forms(reader: Any, written: object, number: int | None) -> None:
    read = reader.whole(written)

    assert (read, type(read)) == (number, type(number))


def test_only_a_document_with_one_root_has_one() -> None:
    assert documents.root_of({"DevEUI_uplink": {}, "downlinkUrl": "x"}) == (documents.ROOTS["DevEUI_uplink"], {})
    others: list[Any] = [{}, [], None, {"DevEUI_uplink": 5}, {"DevEUI_downlink": {}}]
    others.append({"DevEUI_uplink": {}, "BS_alarm": {}})
    for other in others:
        assert documents.root_of(other) is None
