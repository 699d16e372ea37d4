"""One sentence of the contract, three times: what the network server signs, every forwarder of ours takes.

Section 2 of scenarios/CONTRACT.md says which elements of a document a token covers. Simulator, reference forwarder and
the second forwarder each have their own reading of it, and share no code.
"""

import hashlib
import itertools
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from uplab.simulator.forwarder.documents.document import ROOTS
from uplab.simulator.forwarder.documents.token import check_token, uplink_query
from uplab.simulator.network.tunnel import sign_uplink

FOLDER = Path(__file__).parent
VECTORS = json.loads((FOLDER / "vectors" / "tunnel-tokens.json").read_text("utf-8"))["uplink"]
FROM_THE_FIELD = json.loads((FOLDER / "vectors" / "uplink-without-fcntup.json").read_text("utf-8"))
AS_ID, KEY = "lab.AS", "46ab678cd45df4a4e4b375Eacd096acc"
FIELDS = {"FPort": 5, "FCntUp": 18, "FCntDn": 7, "payload_hex": "0100e2"}
ABSENT = object()


def bodies() -> list[dict[str, Any]]:
    """What stands under a root, in each combination of there, null and absent."""
    made = []
    for kept in itertools.product((True, None, ABSENT), repeat=len(FIELDS)):
        chosen = zip(FIELDS.items(), kept, strict=True)
        fields = {name: value if there else None for (name, value), there in chosen if there is not ABSENT}
        made.append({"DevEUI": "0A0B0C0D0E0F003C", "CustomerID": "199999999", **fields})
    return made


BODIES = bodies()


def promised(root: str, body: dict[str, Any]) -> str:
    """The elements that the contract names."""
    counter = "FCntDn" if root == "DevEUI_downlink_Sent" or body.get("FCntUp") is None else "FCntUp"
    names = ["CustomerID", "DevEUI", "FPort", counter, *([] if root == "DevEUI_downlink_Sent" else ["payload_hex"])]
    return "".join(str(body[name]) for name in names if body.get(name) is not None)


def signed(document: dict[str, Any], key: str = KEY) -> dict[str, str]:
    """The query of the network server's tunnel."""
    return dict(sign_uplink(document, as_id=AS_ID, as_key=key, time="2026-01-01T00:00:00.000+00:00", lrn_infos="I"))


def token(elements: str, query: dict[str, str]) -> str:
    """The token over these elements and the rest of the query."""
    pairs = "&".join(f"{name}={value}" for name, value in query.items() if name != "Token")
    return hashlib.sha256(f"{elements}{pairs}{KEY}".encode()).hexdigest()


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_network_server_signs_what_the_contract_names(root: str) -> None:
    for body in BODIES:
        query = signed({root: body})
        assert query["Token"] == token(promised(root, body), query), body
        assert ("LrnFPort" in query) == (body.get("FPort") is not None), body


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_reference_takes_whatever_the_network_server_signs(root: str) -> None:
    for body in BODIES:
        assert check_token(signed({root: body}), root, body, KEY), body
        assert not check_token(signed({root: body}, KEY.lower()), root, body, KEY), body


@pytest.mark.parametrize("root", sorted(ROOTS))
def test_reference_signs_by_the_same_sentence(root: str) -> None:
    for body in BODIES:
        query = dict(uplink_query(root, body, AS_ID, KEY, "I", "T"))
        assert query["Token"] == token(promised(root, body), query), body


def test_documented_document_takes_no_shorter_token() -> None:
    body = next(body for body in BODIES if all(body.get(name) for name in FIELDS))
    query = signed({"DevEUI_uplink": body})
    for elements in ("", body["DevEUI"], promised("DevEUI_downlink_Sent", body)):
        assert not check_token({**query, "Token": token(elements, query)}, "DevEUI_uplink", body, KEY), elements


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: str(vector["name"]))
def test_public_vectors_are_of_the_same_sentence(vector: dict[str, Any]) -> None:
    names = {"CustomerID": "customer_id", "DevEUI": "dev_eui", "FPort": "f_port", "FCntUp": "f_cnt_up"}
    body = {**{name: vector[of] for name, of in names.items()}, "payload_hex": vector["payload_hex"], "FCntDn": 9}
    given = {"as_id": vector["as_id"], "time": vector["time"], "lrn_infos": vector["lrn_infos"]}
    query = dict(sign_uplink({"DevEUI_uplink": body}, as_key=vector["key"], **given))
    assert query["Token"] == vector["token"]
    assert check_token(query, "DevEUI_uplink", body, vector["key"])


def test_document_from_the_field_is_taken() -> None:
    body = FROM_THE_FIELD["DevEUI_uplink"]
    assert check_token(signed(FROM_THE_FIELD), "DevEUI_uplink", body, KEY)


NODE = """
import { Document } from '%s'
let text = ''
for await (const chunk of process.stdin) text += chunk
console.log(JSON.stringify(JSON.parse(text).map((one) => new Document(one).signed)))
"""


def test_second_forwarder_keeps_to_the_same_sentence(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    documents = [{root: body} for root in sorted(ROOTS) for body in BODIES]
    script = tmp_path / "signed.mjs"
    script.write_text(NODE % (FOLDER / "node_forwarder" / "document.js").as_uri(), encoding="utf-8")
    told = json.dumps([json.dumps(document) for document in documents])
    done = subprocess.run([node, str(script)], input=told, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [promised(*next(iter(document.items()))) for document in documents]
