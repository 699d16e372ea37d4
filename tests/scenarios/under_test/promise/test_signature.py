import base64
import hashlib
import hmac

from uplab.scenarios.history.secrets import Secrets
from uplab.scenarios.under_test.promise.signature import own_secret, problem_of

SECRET = own_secret(Secrets(1))
BODY = b'{"a": 1}'


def headers(body: bytes = BODY, stamp: str = "1000", version: str = "v1,") -> list[list[str]]:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, f"msg_1.{stamp}.".encode() + body, hashlib.sha256).digest()).decode()
    return [["Webhook-Id", "msg_1"], ["Webhook-Timestamp", stamp], ["Webhook-Signature", f"{version}{digest}"]]


def test_right_signature_has_no_problem() -> None:
    assert problem_of(headers(), BODY, SECRET, now_s=1010) is None


def test_one_of_several_signatures_may_be_right() -> None:
    given = headers()
    given[2][1] = f"v1,AAAA {given[2][1]}"

    assert problem_of(given, BODY, SECRET, now_s=1010) is None


def test_each_wrong_one_is_named() -> None:
    assert "not that of id, time and body" in str(problem_of(headers(), BODY + b" ", SECRET, now_s=1010))
    assert "not that of id, time and body" in str(problem_of(headers(), BODY, "whsec_AAAA", now_s=1010))
    assert "missing" in str(problem_of(headers()[:2], BODY, SECRET, now_s=1010))
    assert "no number" in str(problem_of(headers(stamp="noon"), BODY, SECRET, now_s=1010))
    assert "more than 300 s" in str(problem_of(headers(), BODY, SECRET, now_s=2000))
    assert "no part v1" in str(problem_of(headers(version="v2,"), BODY, SECRET, now_s=1010))
