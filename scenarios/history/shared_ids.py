"""Lists of ids in a run's record: one that several verdicts of a scenario name is stored once, as its `ids` says.

A verdict then has {"list": 0} in the list's place, the number of the list among the scenario's `ids`.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

__all__ = ["put_back", "share"]


def share(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The record of a scenario with each list that comes again stored once."""
    places = [place for verdict in scenario.get("verdicts") or () for place in _places(verdict)]
    times = Counter(tuple(place["ids"]) for place in places)
    lists = [ids for ids, count in times.items() if count > 1 and len(ids) > 1]
    if not lists:
        return dict(scenario)
    number = {ids: index for index, ids in enumerate(lists)}

    def shared(place: Mapping[str, Any]) -> dict[str, Any]:
        ids = place.get("ids")
        known = number.get(tuple(ids)) if isinstance(ids, list | tuple) else None
        return dict(place) if known is None else {**place, "ids": {"list": known}}

    return {**scenario, "verdicts": _each(scenario["verdicts"], shared), "ids": [list(ids) for ids in lists]}


def put_back(scenario: dict[str, Any]) -> dict[str, Any]:
    """The record with the lists where they belong; ValueError where it names a list that is not there."""
    lists, verdicts = scenario.get("ids"), scenario.get("verdicts")
    if lists is None or not isinstance(verdicts, list) or not all(isinstance(one, dict) for one in verdicts):
        return scenario

    def whole(place: Mapping[str, Any]) -> dict[str, Any]:
        named = place.get("ids")
        if not isinstance(named, dict):
            return dict(place)
        at = named.get("list")
        if not isinstance(lists, list) or not isinstance(at, int) or not 0 <= at < len(lists):
            raise ValueError(f"there is no list of ids {at!r:.40}")
        return {**place, "ids": lists[at]}

    rest = {name: value for name, value in scenario.items() if name != "ids"}
    return {**rest, "verdicts": _each(verdicts, whole)}


def _places(verdict: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Where a verdict has lists of ids: its own, and those that its check was asked about."""
    both = (verdict, verdict.get("question") or {})
    return [one for one in both if isinstance(one.get("ids"), list | tuple) and _texts(one["ids"])]


def _texts(ids: Any) -> bool:
    return all(isinstance(id_, str) for id_ in ids)


def _each(verdicts: Any, change: Any) -> list[dict[str, Any]]:
    """The verdicts with both of their places changed."""
    changed = []
    for verdict in verdicts:
        one = change(verdict)
        if isinstance(one.get("question"), dict):
            one["question"] = change(one["question"])
        changed.append(one)
    return changed
