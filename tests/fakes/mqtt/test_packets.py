from uplab.fakes.mqtt import packets as p


def test_options_hold_the_qos_in_two_bits() -> None:
    assert p.Subscription("v1/gateway/rpc", 0b0010_1101).qos == 1


def test_packets_of_different_types_differ() -> None:
    different: list[p.Packet] = [p.Puback(1), p.Pubrec(1), p.Pubrel(1), p.Pubcomp(1), p.Publish("t", b"", 1, 1)]

    assert len(set(different)) == len(different)
