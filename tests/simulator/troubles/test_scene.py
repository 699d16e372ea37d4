from __future__ import annotations

import pytest

from tests.simulator.make import Site, roots
from uplab.simulator.devices.device import Activation
from uplab.simulator.errors import SimulatorError
from uplab.simulator.lorawan.ids import Key
from uplab.simulator.troubles.scene import Scene, Wanted


@pytest.fixture
def site() -> Site:
    return Site()


def scene_of(site: Site) -> Scene:
    return Scene(site.air, site.joined(), lambda: (b"\x01", 5))


def test_each_frame_has_its_fate_beside_it(site: Site) -> None:
    scene = scene_of(site)

    scene.good(2)
    scene.again("replay")
    scene.bad("mic", lambda payload, port: scene.device.forged(payload, f_port=port, f_cnt=9)._replace(phy=b"\x40"))

    assert scene.frames == [Wanted("accepted")] * 2 + [Wanted("dropped", "replay"), Wanted("dropped", "mic")]
    assert len(site.hops.of("device.sent")) == 4
    assert roots(scene.documents) == ["DevEUI_uplink"] * 2


def test_what_is_sent_again_is_the_same_in_the_history(site: Site) -> None:
    scene = scene_of(site)

    scene.good()
    scene.again("replay")

    first, second = site.hops.of("device.sent")
    assert {name: first[name] for name in first if name != "time"} == {
        name: second[name] for name in second if name != "time"
    }


def test_join_requests_are_no_frames(site: Site) -> None:
    scene = scene_of(site)

    scene.join()
    scene.ask_to_join(scene.device.forged_join())

    assert scene.frames == []
    assert roots(scene.documents) == ["DevEUI_uplink", "DevEUI_notification"]


def test_join_that_fails_is_the_simulators(site: Site) -> None:
    scene = scene_of(site)
    scene.device.app_key = Key(bytes(16))

    with pytest.raises(SimulatorError, match="could not join"):
        scene.join()
    assert scene.device.activation is Activation.IDLE
