"""Each public example of the nine models' vendors is read, and says what the vendor says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.vendor_examples import EXAMPLES, READ_ALL_THE_SAME, main, read


@pytest.mark.parametrize("example", EXAMPLES, ids=[f"{n}-{e['app']}-{e['message']}" for n, e in enumerate(EXAMPLES)])
def test_vendor_example_says_what_its_vendor_says(example: dict[str, Any]) -> None:
    found = read(example)

    if example.get("error"):
        assert (found.answer.error is not None) == (example["payload_hex"] not in READ_ALL_THE_SAME)
        return
    assert found.wrong == []
    assert found.silent == []
    assert found.agreed > 0
    # One example ends in the middle of an address: what stands before it is read all the same.
    assert found.answer.error is None or example["payload_hex"].endswith("e5b081")


def test_count_by_message_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    main()

    head, *rows, total = capsys.readouterr().out.splitlines()
    assert head.split()[:3] == ["application", "message", "examples"]
    assert len(rows) > 60
    assert total.split()[1] == str(len(EXAMPLES))
