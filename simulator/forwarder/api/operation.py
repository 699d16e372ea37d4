"""/health, /ready and /metrics: for those who operate the process."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from uplab.simulator.forwarder.delivery.state import State
from uplab.simulator.forwarder.problem import problem
from uplab.simulator.forwarder.service import Service
from uplab.simulator.forwarder.web.exchange import reply, responses
from uplab.simulator.forwarder.web.routes import Routes

__all__ = ["operation"]

_HELP = {
    "uplinks": "Messages accepted for a connection",
    "uplinksDelivered": "Messages that the destination took",
    "uplinksFailed": "Attempts at a delivery that failed",
    "uplinksLost": "Messages dropped, each with an event",
    "downlinks": "Downlinks that the network server took",
    "downlinksFailed": "Downlinks refused here or by the network server",
}
_METRIC = {
    "uplinks": "uplinks_accepted",
    "uplinksDelivered": "uplinks_delivered",
    "uplinksFailed": "uplinks_failed",
    "uplinksLost": "uplinks_lost",
    "downlinks": "downlinks",
    "downlinksFailed": "downlinks_failed",
}


def operation(service: Service) -> Routes:
    """Make the routes for operators."""
    routes = Routes(tag="Operation")

    @routes.get("/health", operation_id="showHealth", summary="Whether the process runs")
    async def health(_request: Request) -> Response:
        return reply({"status": "up"})

    @routes.get(
        "/ready", operation_id="showReadiness", summary="Whether uplinks can be accepted", responses=responses(503)
    )
    async def ready(_request: Request) -> Response:
        if service.queue.failure is not None:
            return Response(problem(503, "the state file cannot be written"), 503, media_type="application/json")
        return reply({"status": "ready"})

    @routes.get("/metrics", operation_id="showCounters", summary="Counters for Prometheus", media_type="text/plain")
    async def metrics(_request: Request) -> Response:
        text = "".join(f"{line}\n" for line in _lines(service))
        return Response(text, media_type="text/plain; version=0.0.4")

    return routes


def _lines(service: Service) -> Iterator[str]:
    runners = service.runners
    for name, metric in _METRIC.items():
        yield f"# HELP forwarder_{metric}_total {_HELP[name]}"
        yield f"# TYPE forwarder_{metric}_total counter"
        for runner in runners:
            value = service.metrics.total(runner.id)[name]
            yield f'forwarder_{metric}_total{{connection="{runner.id}"}} {value}'
    yield "# HELP forwarder_waiting Messages accepted and neither delivered nor dropped yet"
    yield "# TYPE forwarder_waiting gauge"
    for runner in runners:
        yield f'forwarder_waiting{{connection="{runner.id}"}} {service.metrics.waiting(runner.id)}'
    yield "# HELP forwarder_connection_state 1 for the state that the connection is in"
    yield "# TYPE forwarder_connection_state gauge"
    for runner in runners:
        for state in State:
            yield f'forwarder_connection_state{{connection="{runner.id}",state="{state}"}} {int(runner.state is state)}'
    yield "# HELP forwarder_unrouted_total Documents accepted that no flow wanted"
    yield "# TYPE forwarder_unrouted_total counter"
    yield f"forwarder_unrouted_total {service.unrouted}"
