"""ThingsBoard over MQTT without a socket: (session, packet) to commands.

ThingsBoard is no broker: nothing goes from client to client, a closed list of filters is granted, replies are pushed
to the session itself, and PUBACK follows only what was processed. A malformed payload closes an older session without
a PUBACK; in MQTT 5 it is told by reason codes (MqttTransportHandler).
"""

from uplab.fakes.mqtt import packets as p
from uplab.fakes.mqtt.properties import MAXIMUM_PACKET_SIZE
from uplab.fakes.thingsboard.mqtt import topics
from uplab.fakes.thingsboard.mqtt.device_api import DeviceApi, NoAckError, RefusedError
from uplab.fakes.thingsboard.mqtt.gateway_api import GatewayApi
from uplab.fakes.thingsboard.mqtt.links import Links, close
from uplab.fakes.thingsboard.mqtt.session import Close, CloseLater, Command, Send, Session
from uplab.fakes.thingsboard.state.credentials import Login, admit, refusal
from uplab.fakes.thingsboard.state.payloads import PayloadError, parse
from uplab.fakes.thingsboard.state.provisioning import provision
from uplab.fakes.thingsboard.state.tenant import Device, State

__all__ = ["Protocol"]

_PROTOCOL_ERROR, _MALFORMED_PAYLOAD = 0x82, 0x99
_TOO_MANY_V5, _UNAVAILABLE = 0x9F, 3  # connection rate exceeded, as either version has it
_PROVISION_FILTERS = frozenset({topics.PROVISION_RESPONSE})
_PROVISIONED_S = 60.0  # how long a connection stays after it was told its credentials


class Protocol:
    """Answers the packets of all sessions of one fake."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.links = Links(state)
        self._devices = DeviceApi(state, self.links)
        self._gateways = GatewayApi(state, self.links)

    def receive(self, session: Session, packet: p.Packet | p.Malformed) -> list[Command]:
        """What follows from one packet; the first one of a session must be a CONNECT (MQTT 3.1.1 §3.1)."""
        if not session.level and not isinstance(packet, p.Connect | p.Malformed | p.Publish):
            return close(session, f"{type(packet).__name__.upper()} before CONNECT", _PROTOCOL_ERROR)
        match packet:
            case p.Publish():
                ack, commands = self.publish(session, packet)
                return [Send(session.id, ack), *commands] if ack else commands
            case p.Connect():
                return self.connect(session, packet)
            case p.Malformed(reason, code):
                return close(session, f"malformed: {reason}", code)
            case p.Subscribe():
                return self._subscribe(session, packet)
            case p.Unsubscribe():
                return self._unsubscribe(session, packet)
            case p.Pingreq():
                self._active(session)
                return [Send(session.id, p.Pingresp())]
            case p.Disconnect():
                session.closed = True
                return [Close(session.id, "the client disconnected")]
            case p.Auth():
                return close(session, "AUTH without an authentication method", _PROTOCOL_ERROR)
            case p.Puback(packet_id):
                self.links.acknowledged(session, packet_id)
                return []
            case _:
                # PUBREC and its like: nothing that was pushed is kept for sending it again.
                return []

    def connect(self, session: Session, packet: p.Connect, *, refuse: int | None = None) -> list[Command]:
        """Admit a client by its credentials, or turn it away; `refuse` turns it away with that code."""
        if session.level:
            return close(session, "a second CONNECT", _PROTOCOL_ERROR)
        session.level, session.client_id, session.username = packet.level, packet.client_id, packet.username
        session.max_packet_bytes = next(
            (value for name, value in packet.properties if name == MAXIMUM_PACKET_SIZE and isinstance(value, int)), None
        )
        if refuse is None and "provision" in (packet.username, packet.client_id):
            session.provisions = True
            return [Send(session.id, p.Connack(not packet.clean, 0))]
        password = None if packet.password is None else packet.password.decode(errors="replace")
        login = Login(packet.client_id, packet.username, password)
        known = self.state.device_with
        if refuse is None and not self.state.limits.allow("connections", "", self.state.now):
            refuse = _TOO_MANY_V5 if session.v5 else _UNAVAILABLE
        device = admit(login, known, lambda found: found.credentials) if refuse is None else None
        if device is not None and not self.state.admits(device):
            device = None
        if device is None:
            code = refusal(login, v5=session.v5) if refuse is None else refuse
            session.closed = True
            return [
                Send(session.id, p.Connack(not packet.clean, code)),
                Close(session.id, f"refused with code {code}"),
            ]
        session.device, session.gateway = device, device.gateway
        commands = self.links.attach(session, device)
        # ThingsBoard keeps no session; it merely gives the clean flag back, inverted.
        return [*commands, Send(session.id, p.Connack(not packet.clean, 0))]

    def publish(self, session: Session, packet: p.Publish) -> tuple[p.Puback | None, list[Command]]:
        """Take one message in; its PUBACK, when one is due, which goes before the commands."""
        device = session.device
        if session.provisions:
            return self._provision(session, packet)
        if device is None:
            return None, close(session, "PUBLISH before the connection was accepted", _PROTOCOL_ERROR)
        device.last_activity_ms = self.state.now()
        try:
            if packet.topic.startswith(topics.GATEWAY):
                if not session.gateway:
                    return None, []  # logged only: no PUBACK, and the connection stays
                commands = self._gateways.publish(session, device, packet)
            else:
                commands = self._devices.publish(session, device, packet)
        except PayloadError as error:
            return self._malformed(session, device, packet, str(error))
        except RefusedError as error:
            closing = close(session, error.reason, error.code) if error.closes else []
            return _ack(packet, error.code) if error.acks else None, [*error.before, *closing]
        except NoAckError:
            return None, []
        return _ack(packet), commands

    def _provision(self, session: Session, packet: p.Publish) -> tuple[p.Puback | None, list[Command]]:
        if packet.topic != topics.PROVISION_REQUEST:
            return _ack(packet, 0x90), close(session, f"topic {packet.topic} is none of provisioning", 0x90)
        try:
            answer = provision(self.state, parse(packet.payload))
        except PayloadError as error:
            if packet.qos and session.v5:
                return _ack(packet, _MALFORMED_PAYLOAD), []
            return None, close(session, f"malformed payload: {error}", _MALFORMED_PAYLOAD)
        push = Send(session.id, session.push(topics.PROVISION_RESPONSE, answer))
        return _ack(packet), [push, CloseLater(session.id, _PROVISIONED_S, "provisioning is over")]

    def _malformed(
        self, session: Session, device: Device, packet: p.Publish, reason: str
    ) -> tuple[p.Puback | None, list[Command]]:
        if packet.qos and (session.v5 or device.profile.ack_malformed):
            return _ack(packet, _MALFORMED_PAYLOAD), []
        return None, close(session, f"malformed payload: {reason}", _MALFORMED_PAYLOAD)

    def _subscribe(self, session: Session, packet: p.Subscribe) -> list[Command]:
        codes: list[int] = []
        before = session.rpc_topic
        for wanted in packet.subscriptions:
            if wanted.topic not in (_PROVISION_FILTERS if session.provisions else topics.FILTERS):
                codes.append(0x8F if session.v5 else 0x80)
                continue
            codes.append(min(wanted.qos, 1))
            session.granted[wanted.topic] = codes[-1]
            session.rpc_topic = topics.RPC_FILTERS.get(wanted.topic, session.rpc_topic)
            session.attribute_topic = topics.ATTRIBUTE_FILTERS.get(wanted.topic, session.attribute_topic)
        self._active(session)
        commands: list[Command] = [Send(session.id, p.Suback(packet.packet_id, tuple(codes)))]
        if session.device and session.rpc_topic != before:
            commands += self.links.call_waiting(session.device)
        return commands

    def _unsubscribe(self, session: Session, packet: p.Unsubscribe) -> list[Command]:
        codes = []
        for topic in packet.topics:
            codes.append(0x11 if session.granted.pop(topic, None) is None else 0)
            if topic in topics.RPC_FILTERS and not codes[-1]:
                session.rpc_topic = None
            if topic in topics.ATTRIBUTE_FILTERS and not codes[-1]:
                session.attribute_topic = None
        self._active(session)
        return [Send(session.id, p.Unsuback(packet.packet_id, tuple(codes)))]

    def _active(self, session: Session) -> None:
        if session.device:
            session.device.last_activity_ms = self.state.now()


def _ack(packet: p.Publish, code: int = 0) -> p.Puback | None:
    # QoS 2 is answered with PUBACK as well: ThingsBoard knows no second half.
    return p.Puback(packet.packet_id, code) if packet.qos else None
