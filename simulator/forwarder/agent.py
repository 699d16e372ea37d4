"""By which name the forwarder calls itself where it delivers; its ingress takes nothing from anybody called so."""

__all__ = ["AGENT"]

AGENT = "uplab-forwarder"
"""The mark by which a document that comes back, over whatever names and proxies, is known: it goes no second round."""
