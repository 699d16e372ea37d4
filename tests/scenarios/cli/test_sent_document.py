from __future__ import annotations

import json
from pathlib import Path

import pytest

from uplab.scenarios.cli.sent_document import DocumentError, check_document, read_document
from uplab.scenarios.history.identity import ROOTS

BAD = [
    ('{"DevEUI_uplink": {\n  "FPort": 5,\n}}', ", line 3, column 1: no JSON: "),
    ("", ", line 1, column 1: no JSON: Expecting value"),
    ("[]", ': a document is one JSON object, such as {"DevEUI_uplink": {...}}, not an array'),
    ("null", ': a document is one JSON object, such as {"DevEUI_uplink": {...}}, not null'),
    ("{}", ': a document has exactly one root, such as {"DevEUI_uplink": {...}}; this one has 0: none'),
    (
        '{"DevEUI_uplink": {}, "DevEUI_location": {}}',
        ': a document has exactly one root, such as {"DevEUI_uplink": {...}}; this one has 2: '
        "DevEUI_uplink, DevEUI_location",
    ),
    ('{"DevEUI_uplnk": {}}', ": 'DevEUI_uplnk' is no root of a document; did you mean DevEUI_uplink?"),
    ('{"Zzz": {}}', f": 'Zzz' is no root of a document; there are {', '.join(ROOTS)}"),
    ('{"DevEUI_uplink": 5}', ": DevEUI_uplink holds an object, not a number"),
    ("[" * 200_000, ": it is nested too deeply"),
    (b"\xff\xfe{", ": it is no text in UTF-8"),
]


@pytest.mark.parametrize(("content", "words"), BAD)
def test_file_that_is_no_document_is_named_with_its_fault(tmp_path: Path, content: str | bytes, words: str) -> None:
    path = tmp_path / "mine.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(DocumentError) as caught:
        read_document(path)

    assert str(caught.value).startswith(f"--document {path}{words}")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("name", "words"), [("nowhere.json", "No such file or directory"), ("", "Is a directory")])
def test_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / name)

    assert str(caught.value) == f"--document {tmp_path / name}: {words}"


@pytest.mark.parametrize("root", ROOTS)
def test_every_document_of_the_network_may_be_sent(tmp_path: Path, root: str) -> None:
    raw = json.dumps({root: {"DevEUI": "0018B20000001234", "odd": 1e400}}, indent=3).encode()
    (tmp_path / "mine.json").write_bytes(raw)

    assert read_document(tmp_path / "mine.json") == raw
    check_document({root: {}})
