"""The REST API of entity queries (EntityQueryController)."""

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.queries.entities import Query, QueryError, Unsupported, parse_query, row
from uplab.fakes.thingsboard.rest.routing import Call, Route, bad_request, not_here

__all__ = ["ROUTES"]


def _query(call: Call, *, counts: bool = False) -> Query:
    try:
        return parse_query(call.state, call.json(), counts=counts)
    except QueryError as error:
        raise bad_request(str(error)) from None
    except Unsupported as error:
        raise not_here(str(error)) from None


def _find(call: Call) -> Answer:
    query = _query(call)
    devices, page = query.page(call.state, call.user)
    shown = [row(call.state, device, [*query.fields, *query.keys]) for device in devices]
    return json_answer(200, {"data": shown, **page})


def _count(call: Call) -> Answer:
    return json_answer(200, len(_query(call, counts=True).found(call.state, call.user)))


ROUTES = (
    Route("POST", "/api/entitiesQuery/find", _find),
    Route("POST", "/api/entitiesQuery/count", _count),
)
