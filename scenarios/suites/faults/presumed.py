"""What a scenario about something else presumes: that what failed is tried again within seconds."""

import pytest

from uplab.scenarios import CheckUnknown, Lab

__all__ = ["presume_trying_again"]


def presume_trying_again(lab: Lab) -> None:
    """Not applicable where the profile promises other than blamePeriod.

    CheckUnknown where this forwarder was seen to try nothing again: the scenario that saw it has said so, once.
    """
    kind = lab.profile.choices.failure_generation
    if kind != "blame":
        pytest.skip(f"only the failure generation blame tries again after blamePeriod, and the profile declares {kind}")
    if lab.measured.given_up:
        raise CheckUnknown(
            f"this forwarder tries nothing again: {lab.measured.failures} failed deliveries in this run, none followed "
            'by another attempt; where that is its promise, the profile says failure_generation = "none"'
        )
