from tests.simulator.forwarder.making import DEV_EUI, compact, document
from uplab.simulator.forwarder.connections.device import Devices
from uplab.simulator.forwarder.documents.document import read_document

UPLINK = read_document(compact(document()))


def test_document_teaches_tags_driver_and_customer() -> None:
    devices = Devices()

    assert devices.learn(UPLINK) is not None
    assert devices.tags(DEV_EUI) == {"paris:nord", "lab"}
    assert devices.driver(DEV_EUI) == {"mod": {"pId": "elsys", "mId": "ers", "ver": "1"}}
    assert devices.customer(DEV_EUI) == "100002164"


def test_nothing_new_is_not_stored_again() -> None:
    devices = Devices()
    devices.learn(UPLINK)

    assert devices.learn(UPLINK) is None
    assert devices.learn(read_document(compact({"DevEUI_location": {"DevEUI": DEV_EUI}}))) is None


def test_document_that_is_silent_takes_nothing_back() -> None:
    devices = Devices()
    devices.learn(UPLINK)
    devices.learn(read_document(compact({"DevEUI_location": {"DevEUI": DEV_EUI, "CustomerID": "2"}})))

    assert devices.tags(DEV_EUI) == {"paris:nord", "lab"}
    assert devices.customer(DEV_EUI) == "2"


def test_what_was_stored_is_known_again() -> None:
    facts = Devices().learn(UPLINK)
    assert facts is not None
    devices = Devices([(DEV_EUI, facts)])

    assert devices.tags(DEV_EUI) == {"paris:nord", "lab"}
    assert devices.learn(UPLINK) is None


def test_devices_that_were_heard_are_known() -> None:
    devices = Devices([("0018B20000000001", b"{}")])
    devices.learn(read_document(b'{"DevEUI_uplink":{"DevEUI":"0018b20000000002"}}'))
    assert sorted(devices.known()) == ["0018B20000000001", "0018B20000000002"]


def test_unknown_device_has_nothing() -> None:
    devices = Devices()

    assert (devices.tags(DEV_EUI), devices.driver(DEV_EUI), devices.customer(DEV_EUI)) == (frozenset(), None, None)


def test_alarm_of_a_base_station_is_no_device() -> None:
    assert Devices().learn(read_document(b'{"BS_alarm":{"LrrID":"1","CustomerID":"2"}}')) is None
