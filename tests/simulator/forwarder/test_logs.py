import json
import logging

import pytest

from uplab.simulator.forwarder.logs import log, start_logging


@pytest.fixture(autouse=True)
def _restored_logging() -> object:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def test_record_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info")
    log.info("connection %s", "x", extra={"facts": {"connection": 8}})
    log.debug("not shown")

    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert (record["level"], record["message"], record["connection"]) == ("info", "connection x", 8)


def test_text_of_an_exception_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("info")
    try:
        raise ValueError("https://host/?token=secret")
    except ValueError:
        log.exception("it failed")

    line = capsys.readouterr().err
    assert "secret" not in line
    assert json.loads(line)["error"].startswith("ValueError at test_logs.py:")


def test_libraries_speak_from_warning_on(capsys: pytest.CaptureFixture[str]) -> None:
    start_logging("debug")
    logging.getLogger("aiohttp").info("chatter")
    logging.getLogger("aiohttp").warning("trouble")

    assert "chatter" not in (text := capsys.readouterr().err)
    assert "trouble" in text
