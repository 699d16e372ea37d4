"""Every document that arrives over HTTP: unaltered, and with right additions."""

import copy
from typing import Any

import orjson
import pytest

from tests.scenarios.checks.standing.test_watch import CONNECTION, A, all_found, begun
from tests.scenarios.history_lines import DEV, Story, document
from uplab.scenarios.checks.standing.watch import Watch

URL = "https://iot-flow.uplab.test/iot-flow/downlinkMessages/1"


def begun_with_url(*, downlinks: bool = True) -> tuple[Watch, Story]:
    watch, story = Watch(downlinks=downlinks, flows=False), Story()
    begun(watch, story)
    body = {"id": "1", "configuration": CONNECTION, "downlinkUrl": URL}
    story.tells("api.answered", method="POST", path="/connections", status=201, raw=orjson.dumps(body))
    story.sent(1)
    return watch, story


def delivered(**changes: Any) -> dict[str, Any]:
    report = {**document(DEV, 1)["DevEUI_uplink"], "downlinkUrl": URL, **changes}
    return {"DevEUI_uplink": report}


@pytest.mark.parametrize("name", ["FPort", "payload_hex", "LrrRSSI"])
@pytest.mark.parametrize("wrong", ["dropped", None, 0, -1, "x", False], ids=repr)
def test_each_altered_member_is_all_found(name: str, wrong: Any) -> None:
    watch, story = begun_with_url()
    altered = delivered(**{name: wrong})
    if wrong == "dropped":
        del altered["DevEUI_uplink"][name]
    story.arrives(altered)

    assert all_found(watch, story) == [(A, "unaltered")]


def test_root_may_be_away_and_numbers_may_be_written_otherwise() -> None:
    watch, story = begun_with_url()
    story.arrives(delivered(LrrRSSI=-46)["DevEUI_uplink"])

    assert all_found(watch, story) == []


@pytest.mark.parametrize(
    ("url", "right"),
    [(URL, True), ("dropped", False), (None, False), (0, False), (URL + "2", False), ("", False)],
    ids=repr,
)
def test_downlink_url_is_the_connections_own(url: Any, right: bool) -> None:
    watch, story = begun_with_url()
    arrived = delivered(downlinkUrl=url)
    if url == "dropped":
        del arrived["DevEUI_uplink"]["downlinkUrl"]
    story.arrives(arrived)

    assert all_found(watch, story) == ([] if right else [(A, "right additions")])


def test_without_the_feature_only_its_type_is_judged() -> None:
    watch, story = begun_with_url(downlinks=False)
    story.arrives(document(DEV, 1))
    assert all_found(watch, story) == []

    story.arrives(delivered(downlinkUrl=17))
    assert [check for _, check in all_found(watch, story)] == ["right additions"]


def test_other_reports_get_no_downlink_url() -> None:
    watch, story = begun_with_url()
    report = {"Time": "2026-01-01T00:00:09.000+00:00", "DevEUI": DEV, "Type": "reset"}
    sent: dict[str, Any] = {"DevEUI_notification": report}
    story.tells("network.document", root="DevEUI_notification", dev_eui=DEV, time=report["Time"], document=sent)
    story.tells("tunnel.sent", attempt=9, dev_eui=DEV, url="http://f", raw=orjson.dumps(sent))
    told = copy.deepcopy(sent)
    story.arrives(told)
    assert all_found(watch, story) == []

    told["DevEUI_notification"]["downlinkUrl"] = URL
    story.arrives(told)
    assert [check for _, check in all_found(watch, story)] == ["right additions"]
