from uplab.scenarios.checks.requirements import catalogue
from uplab.scenarios.checks.standing.connections import Connections
from uplab.scenarios.checks.standing.invariant import Breach
from uplab.scenarios.checks.standing.origin import Origin
from uplab.scenarios.checks.standing.watch import Watch


def test_each_invariant_names_rows_of_the_catalogue_and_the_contract() -> None:
    for invariant in Watch()._all:
        assert invariant.promise
        assert invariant.advice
        rows = [row for row in invariant.source if not row.startswith("CONTRACT ")]
        assert set(rows) <= catalogue().keys(), invariant.name


def test_verdict_tells_the_first_and_counts_the_others() -> None:
    verdict = Origin(Connections()).verdict([Breach("one came"), Breach("another came"), Breach("a third came")])

    assert (verdict.outcome, verdict.hop, verdict.examined) == ("failed", "forwarder", 3)
    assert verdict.happened == "one came (and 2 more like it)"
