import pytest

from uplab.scenarios.history.event import Event


@pytest.mark.parametrize(("ids", "id_"), [((), None), (("u1",), "u1"), (("u1", "u2"), None)])
def test_one_document_has_an_id(ids: tuple[str, ...], id_: str | None) -> None:
    assert Event(1, 1.0, "w", "api.asked", ids, {}).id == id_


@pytest.mark.parametrize("raw", [None, b"", b"{}", "t\u00e4xt".encode(), b"\xff\x00"])
@pytest.mark.parametrize("ids", [(), ("u1",), ("u1", "u2")])
def test_line_is_read_back_whole(raw: bytes | None, ids: tuple[str, ...]) -> None:
    event = Event(7, 1.5, "2026-01-01T00:00:00.000+00:00", "api.asked", ids, {"method": "GET"}, raw, doubt=3)

    assert event.line().endswith(b"\n")
    assert Event.of_line(event.line()) == event
