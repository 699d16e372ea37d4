import base64
from typing import Any

import pytest

from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.under_test.profile import Profile
from uplab.scenarios.under_test.promise.way_in import open_reading, way_in
from uplab.scenarios.under_test.target import RunOptions


def options(secret: str | None = None, **choices: Any) -> RunOptions:
    profile = Profile.model_validate({"name": "n", "choices": choices})
    return RunOptions(seed=1, profile=profile, ingress_secret=secret)


def test_token_is_what_is_asked_for_unless_the_profile_says_so() -> None:
    found = way_in(options(), Secrets(1))

    assert (found.signed, found.headers, found.secret) == (True, {}, None)


def test_header_and_basic_take_the_place_of_the_token() -> None:
    by_header = way_in(options("a-secret-key", ingress_auth="header", ingress_header="X-Key"), Secrets(1))
    by_basic = way_in(options("me:a-secret-word", ingress_auth="basic"), Secrets(1))

    assert (by_header.signed, by_header.headers) == (False, {"X-Key": "a-secret-key"})
    assert by_basic.headers == {"Authorization": f"Basic {base64.b64encode(b'me:a-secret-word').decode()}"}
    assert way_in(options(ingress_auth="none"), Secrets(1)).headers == {}


def test_without_a_secret_of_the_users_the_lab_has_one() -> None:
    found = way_in(options(ingress_auth="basic"), Secrets(1))

    assert found.secret is not None
    assert found.secret.startswith("uplab:")


JOIN = {"DevEUI_uplink": {"DevEUI": "A"}}
NOTE = {"DevEUI_notification": {"DevEUI": "A", "FPort": 1}}
UPLINK = {"DevEUI_uplink": {"DevEUI": "A", "FPort": 5}}


@pytest.mark.parametrize(
    ("document", "status", "choices", "is_open"),
    [
        (JOIN, 401, {}, True),
        (JOIN, 403, {"token_without_fport": "absent"}, False),
        (JOIN, 500, {}, False),
        (NOTE, 401, {}, True),
        (NOTE, 401, {"token_of_notification": "device"}, False),
        (UPLINK, 401, {}, False),
        (JOIN, 401, {"ingress_auth": "basic"}, False),
    ],
)
def test_refusal_is_nobodys_fault_where_the_reading_is_open(
    document: dict[str, Any], status: int, choices: dict[str, str], is_open: bool
) -> None:
    assert bool(open_reading(options(**choices), document, status)) is is_open
