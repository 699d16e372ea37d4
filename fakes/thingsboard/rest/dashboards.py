"""The REST API of dashboards and domains: what a person sets up before looking whether it worked.

A dashboard's configuration is the client's business, as in ThingsBoard: it is kept and given back as it came. A domain
is registered by the tenant, as in ThingsBoard Cloud.
"""

from typing import Any

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import (
    OK,
    TENANT,
    Call,
    Route,
    bad_request,
    check_version,
    forbidden,
    not_found,
)
from uplab.fakes.thingsboard.state.device import entity_id
from uplab.fakes.thingsboard.state.tenant import TENANT_ADMIN, Thing

__all__ = ["ROUTES"]

_TENANT_ONLY = frozenset({TENANT_ADMIN})
_MOST = 1_000
_LABELS = {"DASHBOARD": "title", "DOMAIN": "name"}


def _save(call: Call, kind: str, label: str) -> Answer:
    fields = call.json()
    name = fields.get(label)
    if not isinstance(name, str) or not name.strip():
        raise bad_request(f"{kind.capitalize()} {label} should be specified!")
    given = fields.get("id")
    if isinstance(given, dict):
        thing = _found(call, kind, str(given.get("id")))
        check_version(fields, thing.version, kind.capitalize())
        thing.fields, thing.version = fields, thing.version + 1
        return json_answer(200, _shown(thing))
    if len(call.state.things) >= _MOST:
        raise bad_request(f"at most {_MOST} are kept")
    if kind == "DOMAIN" and any(one.fields[label] == name for one in _all(call, kind)):
        raise bad_request("Domain with such name already exists!")
    thing = Thing(call.state.new_id(), call.user.tenant_id, kind, call.state.now(), fields)
    call.state.things[thing.id] = thing
    return json_answer(200, _shown(thing))


def _all(call: Call, kind: str) -> list[Thing]:
    return [one for one in call.state.things.values() if one.kind == kind and one.tenant_id == call.user.tenant_id]


def _found(call: Call, kind: str, identifier: str) -> Thing:
    thing = call.state.things.get(identifier)
    if thing is None or thing.kind != kind:
        raise not_found(f"{kind.capitalize()} with id [{identifier}] is not found")
    if thing.tenant_id != call.user.tenant_id:
        raise forbidden()
    return thing


def _shown(thing: Thing) -> dict[str, Any]:
    return {
        **thing.fields,
        "id": entity_id(thing.kind, thing.id),
        "createdTime": thing.created_ms,
        "tenantId": entity_id("TENANT", thing.tenant_id),
        "version": thing.version,
    }


def _info(thing: Thing) -> dict[str, Any]:
    shown = _shown(thing)
    shown.pop("configuration", None)
    return shown


def _listed(call: Call, kind: str) -> Answer:
    number, size = call.page()
    label, text = _LABELS[kind], call.query.get("textSearch", "").lower()
    found = [one for one in _all(call, kind) if text in str(one.fields[label]).lower()]
    keys = {"createdTime": lambda one: one.created_ms, label: lambda one: str(one.fields[label]).lower()}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, _info))


def _delete(call: Call, kind: str) -> Answer:
    del call.state.things[_found(call, kind, call.ids["id"]).id]
    return OK


def _get(call: Call, kind: str) -> Answer:
    return json_answer(200, _shown(_found(call, kind, call.ids["id"])))


def _get_info(call: Call, kind: str) -> Answer:
    return json_answer(200, _info(_found(call, kind, call.ids["id"])))


ROUTES = (
    Route("POST", "/api/dashboard", lambda call: _save(call, "DASHBOARD", "title"), _TENANT_ONLY),
    Route("GET", "/api/dashboard/{id}", lambda call: _get(call, "DASHBOARD"), TENANT, ("includeResources",)),
    Route("GET", "/api/dashboard/info/{id}", lambda call: _get_info(call, "DASHBOARD"), TENANT),
    Route("DELETE", "/api/dashboard/{id}", lambda call: _delete(call, "DASHBOARD"), _TENANT_ONLY),
    Route("GET", "/api/tenant/dashboards", lambda call: _listed(call, "DASHBOARD"), _TENANT_ONLY, ("mobile",)),
    Route("POST", "/api/domain", lambda call: _save(call, "DOMAIN", "name"), _TENANT_ONLY, ("oauth2ClientIds",)),
    Route("GET", "/api/domain/infos", lambda call: _listed(call, "DOMAIN"), TENANT),
    Route("GET", "/api/domain/info/{id}", lambda call: _get_info(call, "DOMAIN"), TENANT),
    Route("DELETE", "/api/domain/{id}", lambda call: _delete(call, "DOMAIN"), _TENANT_ONLY),
)
