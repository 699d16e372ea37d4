import socket

import pytest

from uplab.scenarios.lab.ports import PortError, listening


def test_taken_port_is_named_with_what_it_was_for_and_the_option_that_changes_it() -> None:
    with socket.socket() as taken, socket.socket() as late:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(PortError) as told,
            listening("127.0.0.1", port, name="posthere.io", first=port - 3, count=12),
        ):
            late.bind(("127.0.0.1", port))

    assert str(told.value).startswith(
        f"port {port} of 127.0.0.1 is in use already; posthere.io was to be found there\n"
    )
    assert f"--base-port N, with N to N+11 all free (it was {port - 3})" in str(told.value)


def test_address_of_nobody_here_is_told_as_such() -> None:
    with (
        socket.socket() as late,
        pytest.raises(PortError, match=r"^cannot listen on 192\.0\.2\.1:0 for widgelix: "),
        listening("192.0.2.1", 0, name="widgelix"),
    ):
        late.bind(("192.0.2.1", 0))


def test_what_is_no_matter_of_ports_passes_through() -> None:
    with pytest.raises(ValueError, match="something else"), listening("127.0.0.1", 0, name="widgelix"):
        raise ValueError("something else")
