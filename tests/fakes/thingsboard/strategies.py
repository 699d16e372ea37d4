"""Hypothesis strategies for MQTT packets that a peer may send."""

from hypothesis import strategies as st

from uplab.fakes.mqtt import packets as p

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
TOPIC = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0+#"), min_size=1, max_size=30)
FILTER = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
DATA = st.binary(max_size=60)
ID = st.integers(1, 0xFFFF)
CODE = st.integers(0, 255)
USER = st.lists(st.tuples(st.just(0x26), st.tuples(TEXT, TEXT)), max_size=3).map(tuple)
REASON = st.tuples(st.tuples(st.just(0x1F), TEXT)) | st.just(())


def properties(level: int) -> st.SearchStrategy[p.Properties]:
    """User properties, in MQTT 5 only."""
    return USER if level == p.V5 else st.just(())


def connect(level: int) -> st.SearchStrategy[p.Connect]:
    """CONNECT of one protocol level."""
    will = st.builds(p.Will, TEXT, DATA, st.integers(0, 2), st.booleans(), properties(level))
    client_id = st.text("abc123", min_size=1, max_size=23) if level == p.V3_1 else TEXT
    return st.builds(
        p.Connect,
        st.just(level),
        client_id,
        st.booleans(),
        st.integers(0, 0xFFFF),
        st.none() | TEXT,
        st.none() | DATA,
        st.none() | will,
        properties(level),
    )


def publish(level: int) -> st.SearchStrategy[p.Publish]:
    """PUBLISH of any QoS."""

    def build(
        topic: str, payload: bytes, qos: int, packet_id: int, flags: tuple[bool, bool], extra: p.Properties
    ) -> p.Publish:
        return p.Publish(topic, payload, qos, packet_id if qos else 0, flags[0], bool(qos) and flags[1], extra)

    flags = st.tuples(st.booleans(), st.booleans())
    return st.builds(build, TOPIC, DATA, st.integers(0, 2), ID, flags, properties(level))


def from_client(level: int) -> st.SearchStrategy[p.Packet]:
    """Any packet that a client may send after its CONNECT."""
    v5 = level == p.V5
    extra = properties(level)
    code = CODE if v5 else st.just(0)
    options = st.integers(0, 2) if not v5 else st.sampled_from([0, 1, 2, 0b0010_1101, 0b0001_0100])
    wanted = st.lists(st.builds(p.Subscription, FILTER, options), min_size=1, max_size=3).map(tuple)
    kinds: list[st.SearchStrategy[p.Packet]] = [
        publish(level),
        st.builds(p.Puback, ID, code, extra),
        st.builds(p.Pubrec, ID, code, extra),
        st.builds(p.Pubrel, ID, code, extra),
        st.builds(p.Pubcomp, ID, code, extra),
        st.builds(p.Subscribe, ID, wanted, extra),
        st.builds(p.Unsubscribe, ID, st.lists(FILTER, min_size=1, max_size=3).map(tuple), extra),
        st.just(p.Pingreq()),
        st.builds(p.Disconnect, code, extra),
    ]
    if v5:
        kinds.append(st.builds(p.Auth, CODE, extra))
    return st.one_of(kinds)


def from_server(level: int) -> st.SearchStrategy[p.Packet]:
    """Any packet that a server may send."""
    extra = properties(level)
    codes = st.lists(CODE, min_size=1, max_size=3).map(tuple)
    return st.one_of(
        publish(level),
        st.builds(p.Connack, st.booleans(), CODE, extra),
        st.builds(p.Suback, ID, codes, extra),
        st.builds(p.Unsuback, ID, codes if level == p.V5 else st.just(()), extra),
        st.just(p.Pingresp()),
    )
