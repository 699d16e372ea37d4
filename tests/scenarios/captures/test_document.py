from __future__ import annotations

import json
from pathlib import Path

import pytest

from uplab.scenarios.captures.document import DocumentError, sendable
from uplab.simulator.thingpark.documents import ROOTS

FIELD = Path(__file__).parents[2] / "vectors" / "field"
EUI = "0018B20000001234"
BAD = [
    (
        b'{"DevEUI_uplink": {\n  "FPort": 5,\n}}',
        "line 3, column 1: DevEUI_uplink expected a name in quotes, found '}}'",
    ),
    (b"", "line 1, column 1: expected a value, found the end"),
    (b"[]", 'a document is one JSON object, such as {"DevEUI_uplink": {...}}, not an array'),
    (b"null", 'a document is one JSON object, such as {"DevEUI_uplink": {...}}, not null'),
    (b"{}", 'a document has exactly one root, such as {"DevEUI_uplink": {...}}; this one has 0: none'),
    (
        b'{"DevEUI_uplink": {}, "DevEUI_location": {}}',
        'a document has exactly one root, such as {"DevEUI_uplink": {...}}; this one has 2: '
        "DevEUI_uplink, DevEUI_location",
    ),
    (
        b'{"DevEUI_uplink": {"DevEUI": "0018B20000001234"}, "mine": 1}',
        'a document has exactly one root, such as {"DevEUI_uplink": {...}}; this one has 2: DevEUI_uplink, mine',
    ),
    (b'{"DevEUI_uplnk": {}}', "'DevEUI_uplnk' is no root of a document; did you mean DevEUI_uplink?"),
    (b'{"Zzz": {}}', f"'Zzz' is no root of a document; there are {', '.join(ROOTS)}"),
    (b'{"DevEUI_uplink": 5}', "DevEUI_uplink holds an object, not a number"),
    (b'{"DevEUI_uplink": {"FPort": 1}}', "DevEUI_uplink.DevEUI is missing: nobody can know whose document it is"),
    (b'{"DevEUI_location": {"DevEUI": null}}', "DevEUI_location.DevEUI is missing"),
    (b'{"DevEUI_uplink": {"DevEUI": "00-18"}}', "DevEUI_uplink.DevEUI is '00-18'; it has 16 hexadecimal digits"),
    (b'{"DevEUI_uplink": {"DevEUI": 5}}', "DevEUI_uplink.DevEUI is '5'; it has 16 hexadecimal digits"),
    (b'{"BS_alarm": {"DevEUI": []}}', "BS_alarm.DevEUI is an array; it has 16 hexadecimal digits"),
    (b"[" * 200_000, "line 1, column 65: it is nested too deeply"),
    (b"\xff\xfe{", "it is no text in UTF-16 (byte 2)"),
    ('{"DevEUI_uplink": {}}'.encode("utf-16"), "it is no text in UTF-8 (byte 0) but in UTF-16: save it as UTF-8"),
    (b" " * 1_000_001, "it has 1000001 bytes; a document has at most 1000000"),
    ((FIELD / "nan.json").read_bytes(), "line 1, column 267: DevEUI_uplink.LrrSNR is NaN, which is no JSON value"),
]


@pytest.mark.parametrize(("raw", "words"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_what_cannot_be_sent_is_named_with_place_and_value(raw: bytes, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        sendable(raw)

    assert str(caught.value).startswith(words)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("root", ROOTS)
def test_document_of_each_root_keeps_its_bytes(root: str) -> None:
    raw = json.dumps({root: {"DevEUI": EUI, "odd": 1}}, indent=3).encode()

    assert sendable(raw).raw == raw


@pytest.mark.parametrize("path", sorted(FIELD.glob("*.json")), ids=lambda path: path.stem)
def test_document_of_the_field_is_sent_as_it_is_unless_a_forwarder_had_it(path: Path) -> None:
    raw = path.read_bytes()
    if path.stem in ("nan", "payload-vectors"):
        pytest.skip("no document: judged elsewhere")

    sent = sendable(raw)

    assert sendable(raw, as_is=True).raw == raw
    assert (sent.raw == raw) == (b"downlinkUrl" not in raw)
    assert not sent.taken_off or "downlinkUrl" not in sent.raw.decode()


def test_what_a_forwarder_added_is_cut_out_and_nothing_else() -> None:
    inner = '"DevEUI": "0018B20000001234", "LrrRSSI": -91.000000, "DriverCfg": {"app": {"pId": "elsys"}%s}%s'
    whole = (
        '{"DevEUI_uplink": {'
        + inner % (', "id": "elsys:generic:1"', ', "payload": {"t": 1}, "downlinkUrl": "x"')
        + "}}"
    )

    sent = sendable(whole.encode())

    assert sent.raw.decode() == '{"DevEUI_uplink": {' + inner % ("", "") + "}}"
    assert sent.taken_off == ("DevEUI_uplink.payload", "DevEUI_uplink.downlinkUrl", "DevEUI_uplink.DriverCfg.id")


def test_alarm_of_a_base_station_needs_no_device() -> None:
    assert sendable(b'{"BS_alarm": {"LrrID": "0F0E0D0C"}}').document == {"BS_alarm": {"LrrID": "0F0E0D0C"}}
