"""The user's ThingsBoard beside the fake: the same questions to both, and a line for each that they answer otherwise.

Nothing is made or changed there: what is asked is read, or refused.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from uplab.fakes.thingsboard.server import ThingsBoardServer
from uplab.scenarios.under_test.access.real_account import DEMO

if TYPE_CHECKING:
    from uplab.scenarios.lab.lab import Lab

__all__ = ["QUESTIONS", "Question", "differences", "shape"]

_NOBODY = "13814000-1dd2-11b2-8080-808080808080"  # ThingsBoard's own null id, which no entity has
_TELEMETRY = f"/api/plugins/telemetry/DEVICE/{_NOBODY}"
_ANSWER_S = 10.0
_DEEP = 3  # levels of an answer that are compared


class Question(NamedTuple):
    """One request; `known` by whom it comes: with a token, with a wrong one, or with none."""

    method: str
    path: str
    body: Any = None
    known: str = "token"


QUESTIONS = (
    Question("POST", "/api/auth/login", {"username": "nobody@uplab.example", "password": "none"}, "none"),
    Question("POST", "/api/auth/login", {}, "none"),
    Question("GET", "/api/auth/user", known="none"),
    Question("GET", "/api/auth/user", known="wrong"),
    Question("GET", "/api/auth/user"),
    Question("GET", "/api/tenant/devices?pageSize=1&page=0"),
    Question("GET", "/api/tenant/devices?pageSize=0&page=0"),
    Question("GET", "/api/tenant/devices?deviceName=uplab-no-such-device"),
    Question("GET", "/api/tenant/deviceInfos?pageSize=1&page=0"),
    Question("GET", f"/api/device/{_NOBODY}"),
    Question("GET", "/api/device/no-id"),
    Question("GET", f"/api/device/{_NOBODY}/credentials"),
    Question("GET", f"{_TELEMETRY}/values/timeseries?keys=a"),
    Question("GET", f"{_TELEMETRY}/keys/timeseries"),
    Question("GET", f"{_TELEMETRY}/values/attributes"),
    Question("POST", f"{_TELEMETRY}/timeseries/ANY", {"a": 1}),
    Question("POST", f"/api/rpc/oneway/{_NOBODY}", {"method": "none", "params": {}}),
    Question("POST", f"/api/rpc/twoway/{_NOBODY}", {"method": "none", "params": {}}),
    Question("GET", f"/api/rpc/persistent/{_NOBODY}"),
    Question("GET", "/api/device/types"),
    Question("GET", "/api/deviceProfileInfos?pageSize=1&page=0"),
    Question("GET", "/api/tenant/dashboards?pageSize=1&page=0"),
    Question("GET", "/api/v1/uplab-no-such-token/attributes?clientKeys=a", known="none"),
)


def differences(lab: Lab) -> list[str]:
    """A line for each, none where the lab has its fake; what cannot be asked is one line as well."""
    account = lab.options.thingsboard
    if account is None:
        return []
    fake = ThingsBoardServer()
    try:
        port = lab.loop.run(fake.listen("127.0.0.1", 0))
        with _client(account.url) as real, _client(f"http://127.0.0.1:{port}") as beside:
            return list(_compared(real, account.login, beside))
    except httpx.HTTPError as error:
        return [f"the ThingsBoard at {account.url} could not be laid beside the fake: {error or type(error).__name__}"]
    finally:
        lab.loop.run(fake.stop(), timeout_s=10)


def _client(url: str) -> httpx.Client:
    # What this machine trusts, as the lab does that hands everything on to it: an authority of a company's own, too.
    return httpx.Client(base_url=url, verify=ssl.create_default_context(), trust_env=False, timeout=_ANSWER_S)


def _compared(real: httpx.Client, login: dict[str, str], beside: httpx.Client) -> Iterator[str]:
    mine, theirs = _token(beside, DEMO), _token(real, login)
    if theirs is None:
        yield f"the ThingsBoard at {real.base_url} takes no login of that user: give a tenant administrator's"
        return
    for question in QUESTIONS:
        said, should = _ask(real, question, theirs), _ask(beside, question, mine)
        if said != should:
            asked = f"{question.method} {question.path}" + {"token": "", "wrong": " with a wrong token"}.get(
                question.known, " without a token"
            )
            yield f"ThingsBoard answers {_told(said)} to {asked}, and the fake {_told(should)}"


def _token(client: httpx.Client, login: dict[str, str]) -> str | None:
    answer = client.post("/api/auth/login", json=login)
    found = _json(answer)
    token = found.get("token") if isinstance(found, dict) else None
    return token if answer.status_code == 200 and isinstance(token, str) else None


def _ask(client: httpx.Client, question: Question, token: str | None) -> tuple[int, Any]:
    given = {"token": token, "wrong": "none", "none": None}[question.known]
    headers = {"X-Authorization": f"Bearer {given}"} if given else {}
    answer = client.request(question.method, question.path, json=question.body, headers=headers)
    return answer.status_code, shape(_json(answer))


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def shape(value: Any, deep: int = _DEEP) -> Any:
    """What an answer is made of: names and types, without its values; of a list the first."""
    if isinstance(value, dict):
        return {name: shape(one, deep - 1) for name, one in sorted(value.items())} if deep else "object"
    if isinstance(value, list):
        return [shape(value[0], deep - 1)] if value and deep else []
    if isinstance(value, bool):
        return "true or false"
    return "nothing" if value is None else "text" if isinstance(value, str) else "number"


def _told(said: tuple[int, Any]) -> str:
    status, body = said
    names = f" with {', '.join(body)}" if isinstance(body, dict) and body else ""
    return f"{status}{names}"[:200]
