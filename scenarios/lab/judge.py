"""The Then of a scenario: verdicts are recorded for the report, and raised when they are no pass."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from uplab.scenarios.checks import checks
from uplab.scenarios.checks.asked.answers import Answered
from uplab.scenarios.checks.asked.downlinks import Downlinks, NoDownlink
from uplab.scenarios.checks.asked.pointer import Shown, meets, parsed
from uplab.scenarios.checks.asked.seen import Seen, as_json
from uplab.scenarios.checks.asked.shown import Shows, Unchanged
from uplab.scenarios.checks.check import Check, judged_alone
from uplab.scenarios.checks.checks import Route
from uplab.scenarios.checks.leaks import shown_by_the_way
from uplab.scenarios.checks.own.fold import Fold, own_check
from uplab.scenarios.checks.policy.latency import Latency, latency
from uplab.scenarios.checks.policy.measured import Measured, measure
from uplab.scenarios.checks.verdict import CheckError, Verdict, raise_for
from uplab.scenarios.history.history import of_hop
from uplab.scenarios.history.secrets import redact_text
from uplab.scenarios.lab.heartbeat import Heartbeat
from uplab.scenarios.lab.witness import THINGSBOARDS, witness_routes
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.api import LINE

if TYPE_CHECKING:
    from httpx import Response

    from uplab.scenarios.checks.standing.watch import Watch
    from uplab.scenarios.history.history import History
    from uplab.scenarios.lab.connection import LabConnection
    from uplab.scenarios.lab.device import LabDevice, Sent
    from uplab.scenarios.under_test.profile import Profile

__all__ = ["Judge", "line_of"]

Frames = list[tuple[int, str]]

_TOLD = 2000  # characters
_MOST_SEEN = 200_000  # bytes of JSON


class Judge:
    """What a lab can say about what happened."""

    history: History
    heartbeat: Heartbeat
    verdicts: list[Verdict]
    missed: list[Verdict]  # of barriers that did not come through
    told: dict[str, list[dict[str, Any]]]  # of the worlds, and of the kinds of bugs, that this scenario plays
    witnesses: int
    shared: list[Route]
    watch: Watch
    requirements: list[str]  # of the scenario that runs
    profile: Profile
    frozen: Mapping[str, str] = MappingProxyType({})  # clauses that are not scored, and why

    def judge(self, *verdicts: Verdict) -> None:
        """Records the verdicts and raises when one is no pass.

        What does not say which clause it proves proves the first of those that the scenario names.
        """
        if self.requirements:
            first = self.requirements[0]
            verdicts = tuple(v if v.requirement else v.proving(first) for v in verdicts)
        verdicts = tuple(self.heartbeat.excused(v) for v in verdicts)
        if scored := self.scored(verdicts):
            self.verdicts += scored
            raise_for(scored)

    def scored(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Without those that are no pass and prove a clause newer than the set that the run is held against.

        What is left out is told of the scenario (`not_scored`), with the reason.
        """
        found = []
        for verdict in verdicts:
            why = self.frozen.get(verdict.requirement or "")
            if why is None or verdict.outcome == "passed":
                found.append(verdict)
            else:
                self.told.setdefault("not_scored", []).append({**verdict.as_dict(), "why": why})
        return found

    @property
    def measured(self) -> Measured:
        """How the forwarder was seen to deliver."""
        raise NotImplementedError

    def measure(self) -> Measured:
        """How this scenario's deliveries went, where it made some fail; what is known of the forwarder grows by it."""
        found = Measured()
        if of_hop(self.history.events, "fault.delivered"):
            found = measure(self.history.events)
            found.missed = any(v.outcome == "failed" and v.hop == "forwarder" for v in self.verdicts)
            self.measured.add(found)
        return found

    def downlink_barrier(self) -> str:
        """Sends a later downlink to a device that is bound elsewhere; its DevEUI."""
        raise NotImplementedError

    def miss(self, verdict: Verdict) -> None:
        """Records that a barrier did not come through; the scenario goes on, so that what is provable is judged."""
        if verdict.requirement is None and self.requirements:
            verdict = verdict.proving(self.requirements[0])
        self.verdicts.append(verdict)
        self.missed.append(verdict)

    def judge_barriers(self) -> None:
        """At the end of a scenario of which nothing else is wrong: one that was not proven is no pass."""
        if self.missed:
            raise_for(self.missed)

    def latency(self) -> Latency:
        """How long this scenario's uplinks took on each leg of their way."""
        return latency(self.history.events)

    def judge_secrets(self) -> None:
        """No secret of the user stands in an answer of this scenario, nor in what reached a destination."""
        self.watch.secrecy.judged_until = self.history.mark
        if found := shown_by_the_way(self.history.events):
            self.judge(*found)

    def judge_delivery(
        self,
        sent: Iterable[Sent],
        connection: LabConnection,
        headers: Mapping[str, Callable[[str], str]] | None = None,
        *,
        proves: Mapping[str, str] | str | None = None,
    ) -> None:
        """The whole battery over what one connection should have delivered; CheckError where that is ThingsBoard's.

        `proves` names the clause of all of it, of a check or a header: {"none lost": "HTTP-12.a", "X-Site": "HTTP-06"}.
        """
        events, ids, to = self.history.events, [one.id for one in sent], connection.route
        if to.fake in THINGSBOARDS:
            raise CheckError(
                "the scenario has judged what came to ThingsBoard as documents, and values come there: let "
                "`lab.judge_telemetry` judge"
            )
        also = [*witness_routes(self.profile, self.witnesses), *self.shared]
        battery = [*self.delivery_checks(ids, to), checks.RightPlace(ids, to, also)]
        named = dict(headers or {})
        battery += [checks.RightHeaders(ids, to, {name: value}) for name, value in named.items()]
        verdicts = checks.judged(events, battery)
        subjects = [*(check.name for check in battery[: len(battery) - len(named)]), *named]
        self.judge(*(_proving(v, subject, proves or {}) for v, subject in zip(verdicts, subjects, strict=True)))

    def judge_telemetry(self, sent: Iterable[Sent], connection: LabConnection, *, proves: str | None = None) -> None:
        """The battery over telemetry, which carries values instead of the document."""
        events, ids, to = self.history.events, [one.id for one in sent], connection.route
        verdicts = checks.judged(events, self.delivery_checks(ids, to, telemetry=True))
        self.judge(*(verdict.proving(proves) if proves else verdict for verdict in verdicts))

    def delivery_checks(self, ids: Sequence[str], to: Route, *, telemetry: bool = False) -> list[Check]:
        """What the profile promises of each delivery; telemetry carries values, so that nothing can be altered."""
        profile = self.profile
        pointers = profile.format.pointers if profile.format is not None else None
        battery: list[Check] = [checks.NoneLost(ids, to, pointers=pointers), checks.NoneTwice(ids, to)]
        if profile.policy.order != "none":
            battery.append(checks.InOrder(ids, to, by=profile.policy.order))
        if not telemetry and profile.format is None:
            battery.append(checks.Unaltered(ids, to, numbers=profile.choices.numbers))
        return battery

    def expect(
        self,
        promised: str,
        kept: bool,
        happened: object,
        *,
        check: str = "promise",
        hop: str = "forwarder",
        advice: str | None = None,
        proves: str | None = None,
    ) -> None:
        """Judges one promise that is no fold over the history.

        Nobody can judge it again, and `uplab recheck` says so: what an answer of the API shows can be, by
        `expect_answer`, `expect_shown` and `expect_unchanged`, what was seen elsewhere, by `expect_seen`, and what
        arrived, by `judge_alone` and a check.
        """
        text = happened if isinstance(happened, str) else json.dumps(happened, default=str)
        self.judge(
            Verdict(
                check,
                "passed" if kept else "failed",
                1,
                promised,
                redact_text(text)[:2000],
                None if kept else hop,
                advice,
                requirement=proves,
            )
        )

    def expect_seen(
        self,
        promised: str,
        seen: Any,
        wanted: Mapping[str, Any],
        happened: object = None,
        *,
        hop: str = "forwarder",
        proves: str | None = None,
    ) -> None:
        """Judges what the scenario has seen, at a destination or on a page, by the words of `meets`: {"is": 21.5}.

        It is written down, so that it can be judged again; `happened` says it in words, where its JSON says too little.
        """
        told = seen if happened is None else happened
        raw = as_json(seen)
        text = redact_text(told if isinstance(told, str) else as_json(told).decode())[:_TOLD]
        if len(raw) > _MOST_SEEN:  # a history is no place for that
            return self.expect(promised, meets(parsed(raw), parsed(as_json(wanted))), text, hop=hop, proves=proves)
        line = self.history.tell(*hops.scenario_saw(place=hop, what=promised, told=text, raw=raw))
        return self.judge_alone(Seen(promised, line, wanted), proves=proves)

    def expect_answer(
        self, promised: str, answer: Response, *statuses: int, names: str = "", proves: str | None = None
    ) -> None:
        """Judges the status of an answer of the API (any 4xx when none is named), and that its message names something.

        It stands in the history, so that it can be judged again.
        """
        if line := line_of(answer):
            return self.judge_alone(Answered(promised, line, statuses, names), proves=proves)
        right = answer.status_code in statuses if statuses else 400 <= answer.status_code < 500  # no answer of the API
        happened = f"{answer.status_code} {answer.text[:200]}"
        return self.expect(promised, right and names in answer.text, happened, proves=proves)

    def expect_shown(self, promised: str, answer: Response, shown: Shown, *, proves: str | None = None) -> None:
        """Judges fields of an answer of the API, by their JSON pointers; it can be judged again.

        {"/name": {"is": "Hall 4"}, "/message": {"has": "blamePeriod"}, "/code": {"there": True}}
        """
        self.judge_alone(Shows(promised, line_of(answer), shown), proves=proves)

    def expect_unchanged(self, promised: str, *answers: Response, each: str = "", proves: str | None = None) -> None:
        """Judges that answers of the API show the same; of lists with `each` that member alone. Can be judged again."""
        self.judge_alone(Unchanged(promised, [line_of(answer) for answer in answers], each), proves=proves)

    def judge_alone(self, check: Check | Fold, *, proves: str | None = None) -> None:
        """Judges the history by one check, also by one of the author's own."""
        verdict = judged_alone(self.history.events, own_check(check))
        self.judge(verdict.proving(proves) if proves else verdict)

    def _newest(self, method: str, path: str) -> int | None:
        """The number of the newest answer of the API to such a request."""
        for event in reversed(self.history.events):
            facts = event.facts
            if event.hop == "api.answered" and facts["method"] == method and facts["path"].partition("?")[0] == path:
                return event.seq
        return None

    def expect_downlinks(
        self, wanted: Mapping[LabDevice, Frames], devices: Sequence[LabDevice], *, proves: str | None = None
    ) -> None:
        """Each device received exactly its own downlinks, decrypted, in order; the others received none."""
        frames = {device.dev_eui: wanted.get(device, []) for device in devices}
        self.judge_alone(Downlinks([device.dev_eui for device in devices], frames), proves=proves)

    def expect_no_downlink(self, devices: Sequence[LabDevice], *, proves: str | None = None) -> None:
        """No downlink reached the network server, and no device receives one in its next receive windows.

        A later downlink has reached the network before (`downlink_barrier`): what was on its way would have come.
        """
        beside = self.downlink_barrier()
        for device in devices:
            device.send()
        self.judge_alone(NoDownlink([device.dev_eui for device in devices], but=beside), proves=proves)


def line_of(answer: Response) -> int:
    """The number of an answer's line; 0 where it came without the lab, so that nothing is known of it."""
    return int(answer.extensions.get(LINE) or 0)


def _proving(verdict: Verdict, subject: str, proves: Mapping[str, str] | str) -> Verdict:
    """Ties a verdict to what `proves` says of its subject, a header or a check, or else of its check."""
    if isinstance(proves, str):
        return verdict.proving(proves)
    requirement = proves.get(subject) or proves.get(verdict.check)
    return verdict.proving(requirement) if requirement else verdict
