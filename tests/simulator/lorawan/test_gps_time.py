from __future__ import annotations

from datetime import datetime

import pytest

from uplab.simulator.lorawan.gps_time import gps_s_of, unix_s_of

# Those after the first one stand in gps_test.go of the public library brocaar/lorawan.
KNOWN = [
    ("1980-01-06T00:00:00+00:00", 0),
    ("2010-01-28T16:36:24+00:00", 948_731_799),
    ("2012-06-30T23:59:59+00:00", 1_025_136_014),
    ("2012-07-01T00:00:00+00:00", 1_025_136_016),
    ("2025-07-14T00:00:00+00:00", 1_436_486_418),
]


@pytest.mark.parametrize(("utc", "gps_s"), KNOWN)
def test_known_moments(utc: str, gps_s: int) -> None:
    unix_s = datetime.fromisoformat(utc).timestamp()

    assert gps_s_of(unix_s) == gps_s
    assert unix_s_of(gps_s) == unix_s


def test_before_its_epoch_there_is_none() -> None:
    with pytest.raises(ValueError, match=r"^0 is before the epoch of GPS$"):
        gps_s_of(0)
