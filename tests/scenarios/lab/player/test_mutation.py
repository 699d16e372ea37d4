from typing import Any

import pytest

from uplab.scenarios.lab.player.mutation import KINDS, Mutation, Played

ONE, TWO = "20635F0106000001", "20635F0106000002"


def uplink(device: str, f_cnt: Any) -> dict[str, Any]:
    return {"DevEUI_uplink": {"DevEUI": device, "FCntUp": f_cnt, "payload": {"temperature": -2.5}}}


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read(kind: str) -> None:
    text = f"header X-My Header {kind}"
    assert str(Mutation.read(text)) == text


@pytest.mark.parametrize("text", ["", "member", "member FPort", "member FPort zero", "body FPort 0", "member  0"])
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no mutation"):
        Mutation.read(text)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("null", None), ("0", 0), ("negative", 2.5), ("text", "-2.5"), ("other", -2.5), ("previous", -2.5)],
)
def test_a_member_is_altered(kind: str, value: Any) -> None:
    played = Played(Mutation.read(f"member payload.temperature {kind}"))
    document = uplink(ONE, 1)

    assert played.document(document) is (value != -2.5)
    assert document["DevEUI_uplink"]["payload"] == {"temperature": value}
    assert played.changed == (value != -2.5)


def test_a_member_is_left_out() -> None:
    document = uplink(ONE, 1)
    assert Played(Mutation.read("member payload dropped")).document(document)
    assert list(document["DevEUI_uplink"]) == ["DevEUI", "FCntUp"]


@pytest.mark.parametrize(("kind", "shown"), [("other", [1, 1, 11, 2]), ("previous", [1, 11, 1, 11])])
def test_what_was_before_is_remembered_for_each_device(kind: str, shown: list[int]) -> None:
    played = Played(Mutation.read(f"member FCntUp {kind}"))
    found = []
    for device, f_cnt in ((ONE, 1), (TWO, 11), (ONE, 2), (TWO, 12)):
        document = uplink(device, f_cnt)
        played.document(document)
        found.append(document["DevEUI_uplink"]["FCntUp"])

    assert found == shown


def test_telemetry_and_headers_are_altered() -> None:
    message = {ONE: [{"ts": 1, "values": {"fPort": 5}}, {"ts": 2, "values": {}}], TWO: "x"}
    assert Played(Mutation.read("telemetry fPort 0")).telemetry(message)
    assert message[ONE] == [{"ts": 1, "values": {"fPort": 0}}, {"ts": 2, "values": {}}]

    headers = [("Host", "a"), ("X-Site", "B")]
    assert Played(Mutation.read("header x-site dropped")).headers(headers, ONE) == [("Host", "a")]
    assert Played(Mutation.read("header x-site 0")).headers(headers, ONE) == [("Host", "a"), ("X-Site", "0")]


def test_what_is_not_there_stays_as_it_is() -> None:
    played = Played(Mutation.read("member nothing.at.all 0"))
    assert not played.document(uplink(ONE, 1))
    assert not played.document([1])
    assert not played.telemetry({ONE: []})
