"""HISTORY.md, from the vocabulary: `python -m uplab.scenarios.history.page > scenarios/HISTORY.md`."""

import sys

from uplab.scenarios.history.hops import FORMAT, HOPS, Fact, Hop

__all__ = ["page"]

_HEAD = f"""# The history

A scenario leaves `history/<scenario>.jsonl`: one line of JSON for each thing that happened at a hop, in the order in
which it was seen. Simulator, fakes and the run itself say what happens; checks, reports, `uplab recheck` and
`uplab replay` read it. This page is made from `scenarios/history/hops.py`, which holds the same as data.

## The format's number

`run.json` says `"format": {FORMAT}`, in the run's folder as in a bundle. Where it says nothing the format is 1: it is
read, and facts that came with format 2 may be missing in it. A newer format is refused in one line that names both.

With format 2 a list of ids that several verdicts of a scenario name stands once in `run.json`, among the scenario's
`ids`; a verdict has `{{"list": 0}}` in its place.

## Files

Beside `history/<scenario>.jsonl` stands `history/between-<worker>.jsonl`: what was told between the scenarios of a
worker, whose `seq` goes on over all of them. The standing invariants (CHECKS.md) see it all in the order of `seq`, and
so does `uplab recheck` of a run's folder. `run.json` says for it how the run was watched (`standing`), and of each
scenario which invariants it means to break (`breaks`, from `@pytest.mark.breaks("none twice")`).

## A line

| name | type | meaning |
|---|---|---|
| `seq` | whole number | number of the line in the run of a worker; rises |
| `monotonic_s` | number | when, in seconds of a clock that never jumps; only differences mean something |
| `wall` | text | when, ISO 8601 in UTC, to the millisecond |
| `hop` | text | one of those below |
| `id` | text or null | the document of which the line speaks, where it is one: `u…` an uplink, `d…` a downlink |
| `ids` | list of texts | the documents, where they are several; absent otherwise |
| `facts` | object | what the hop said: see below |
| `doubt` | whole number | how many documents had been forgotten, one of which this may be; absent where none |
| `raw` | text, or `{{"base64": …}}` | the payload's bytes; Base64 where they are no UTF-8 |

The ids of documents that no device sent begin with `r`. `raw` is the payload as it came, an HTTP body or an MQTT
payload, and never written anew: only secrets are replaced in it, by placeholders of the same length.

A fact is *always* there unless its row says otherwise. What is not known has no fact; null says that there is no such
thing. `emit` is what the hop is called with: `emit(hop, facts)`, with `raw` among the facts.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([_HEAD, *(_hop(hop) for hop in HOPS.values())])


def _hop(hop: Hop) -> str:
    rows = "\n".join(_row(fact) for fact in hop.facts)
    return f"""## {hop.name}

Said by the {hop.who} when {hop.when}.

| fact | type | unit | there | meaning |
|---|---|---|---|---|
{rows}

`raw`: {_raw(hop)}.
"""


def _row(fact: Fact) -> str:
    there = "sometimes" if not fact.always else "always" if fact.since == 1 else f"always since format {fact.since}"
    type_ = fact.type + (" or null" if fact.may_be_null else "")
    return f"| `{fact.name}` | {type_} | {fact.unit} | {there} | {fact.meaning} |"


def _raw(hop: Hop) -> str:
    if not hop.raw:
        return "none"
    since = f" (since format {hop.raw_since})" if hop.raw_since > 1 else ""
    return hop.raw + (since if hop.raw_always else "; absent where none came")


if __name__ == "__main__":
    sys.stdout.write(page())
