from uplab.simulator.fleets.ledger import Ledger


def uplink(dev_eui: str, **content: object) -> dict[str, object]:
    return {"DevEUI_uplink": {"DevEUI": dev_eui, "FCntUp": 1, **content}}


def test_uplinks_are_counted_by_device_and_other_documents_by_root() -> None:
    ledger = Ledger([("02A", "elsys_ers"), ("02B", "nke_th")])
    ledger.sent[0] += 3
    ledger.sent[1] += 1

    ledger.publish(uplink("02A"))
    ledger.publish(uplink("02A", Late=1))
    ledger.publish({"DevEUI_uplink": {"DevEUI": "02B", "rawJoinRequest": "00"}})
    ledger.publish({"DevEUI_notification": {"DevEUI": "02B"}})

    total = ledger.total()
    assert (total["devices"], total["sent"], total["documents"], total["late"], total["unheard"]) == (2, 4, 2, 1, 2)
    assert total["by_root"] == {"DevEUI_notification": 1, "DevEUI_uplink": 3}
    assert list(ledger.rows()) == [("02A", "elsys_ers", 0, 0, 3, 2, 1, 0), ("02B", "nke_th", 0, 0, 1, 0, 0, 0)]


def test_ledger_of_many_devices_begins_with_nothing() -> None:
    ledger = Ledger([(f"{number:016X}", "elsys_ers") for number in range(1000)])

    assert ledger.total()["sent"] == 0
    assert len(list(ledger.rows())) == 1000
