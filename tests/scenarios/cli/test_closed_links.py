import pytest

from uplab.scenarios.cli.closed_links import ClosedLinks


def _connected(session: int, username: str | None, client_id: str = "c") -> tuple[str, dict[str, object]]:
    return "destination.connected", {"session": session, "username": username, "client_id": client_id}


def _closed(session: int, reason: str) -> tuple[str, dict[str, object]]:
    return "destination.closed", {"fake": "thingsboard", "session": session, "reason": reason}


@pytest.mark.parametrize(
    ("username", "client_id", "told"),
    [
        ("me@example.org", "c", "me@example.org"),
        ("me", "c", "an access token or user name (2 characters)"),
        ("k7vq2m9x0z4b8w1t6p3s", "c", "an access token or user name that begins with k7v (20 characters)"),
        (None, "c", "client c"),
        ("", "", "a client without a name"),
    ],
)
def test_closed_link_is_told_with_its_account(
    capsys: pytest.CaptureFixture[str], username: str | None, client_id: str, told: str
) -> None:
    links = ClosedLinks()
    links(*_connected(1, username, client_id))
    links(*_connected(2, "another"))
    links(*_closed(1, "malformed payload: not JSON"))

    assert capsys.readouterr() == ("", f"closed the link of {told}: malformed payload: not JSON\n")


def test_link_without_connect_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    ClosedLinks()(*_closed(1, "malformed: the first packet is not CONNECT"))

    assert "a client that never said who it is: malformed: the first" in capsys.readouterr().err


@pytest.mark.parametrize(
    "reason",
    ["the client closed the connection", "the client disconnected", "connection lost: reset", "the server stops"],
)
def test_link_that_the_fake_did_not_close_is_no_news(capsys: pytest.CaptureFixture[str], reason: str) -> None:
    links = ClosedLinks()
    links(*_connected(1, "me"))
    links(*_closed(1, reason))

    assert capsys.readouterr() == ("", "")


def test_client_that_does_not_read_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    ClosedLinks()(*_closed(1, "the client does not read what is pushed to it"))

    assert "does not read" in capsys.readouterr().err


def test_hostile_name_moves_no_cursor_and_fits_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    links = ClosedLinks()
    links(*_connected(1, "\x1b[2J\n" + "x" * 1_000 + "@"))
    links(*_closed(1, "malformed"))

    line = capsys.readouterr().err
    assert line.startswith("closed the link of \\x1b[2J\\x0axxx")
    assert len(line) < 400
