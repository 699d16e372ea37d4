from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from uplab.scenarios.captures.document import DocumentError
from uplab.scenarios.cli.hand.series import STDIN, paced, read_series

EUI = "0018B20000001234"


def document(time: str = "2026-05-04T03:02:01.000+00:00") -> str:
    return json.dumps({"DevEUI_uplink": {"DevEUI": EUI, "Time": time}})


def har(tmp_path: Path, *bodies: tuple[str, str]) -> Path:
    entries = [
        {"startedDateTime": at, "request": {"method": "POST", "url": "u", "headers": [], "postData": {"text": body}}}
        for at, body in bodies
    ]
    (tmp_path / "it.har").write_text(json.dumps({"log": {"entries": entries}}))
    return tmp_path / "it.har"


def test_requests_that_carry_no_document_are_passed_over(tmp_path: Path) -> None:
    at = "2026-05-04T03:02:01Z"

    found = read_series(har(tmp_path, (at, "login=me"), (at, document()), (at, '{"a": 1}')), as_is=False)

    assert [one.sendable.raw.decode() for one in found] == [document()]


def test_one_document_that_cannot_be_sent_holds_all_of_them_back(tmp_path: Path) -> None:
    (tmp_path / "it.ndjson").write_text(f'{document()}\n{{"DevEUI_uplink": {{"DevEUI": "{EUI}", "LrrSNR": NaN}}}}\n')

    with pytest.raises(DocumentError) as caught:
        read_series(tmp_path / "it.ndjson", as_is=False)

    assert str(caught.value).startswith(f"{tmp_path}/it.ndjson, line 2, column 60: DevEUI_uplink.LrrSNR is NaN")


def test_capture_without_any_document_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="none of the 1 requests in it carries a document of ThingPark"):
        read_series(har(tmp_path, ("2026-05-04T03:02:01Z", "login=me")), as_is=False)


def test_standard_input_is_a_series_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(f"{document()}\n{document()}".encode())))

    assert len(read_series(STDIN, as_is=False)) == 2


TIMES = ("2026-05-04T03:02:01.000+00:00", "2026-05-04T03:02:03.500+00:00", "2026-05-04T03:02:03.500+00:00")


@pytest.mark.parametrize(
    ("gaps", "rate", "pauses"),
    [(False, None, []), (True, None, [2.5]), (True, 10.0, [0.25]), (False, 4.0, [0.25, 0.25])],
)
def test_pauses_are_those_that_were_asked_for(
    tmp_path: Path, gaps: bool, rate: float | None, pauses: list[float]
) -> None:
    (tmp_path / "it.ndjson").write_text("\n".join(document(time) for time in TIMES))
    waited: list[float] = []

    sent = list(paced(read_series(tmp_path / "it.ndjson", as_is=False), gaps=gaps, rate=rate, wait=waited.append))

    assert (len(sent), waited) == (3, pauses)
