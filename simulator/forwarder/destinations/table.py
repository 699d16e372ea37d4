"""The connectors that there are. A new one is a folder beside this module, and one row here."""

from uplab.simulator.forwarder.destinations.connector import Connectors
from uplab.simulator.forwarder.destinations.http.connector import HTTP
from uplab.simulator.forwarder.destinations.mqtt.connector import MQTT
from uplab.simulator.forwarder.destinations.thingsboard.connector import THINGSBOARD

__all__ = ["CONNECTORS"]

CONNECTORS: Connectors = {connector.id: connector for connector in (HTTP, THINGSBOARD, MQTT)}
