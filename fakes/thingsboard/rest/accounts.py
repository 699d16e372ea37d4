"""The REST API of accounts: login, tokens, logout, users, API keys, the lock-out after wrong passwords.

Who may log in is decided as in DefaultSystemSecurityService: a disabled account before its password is looked at; one
wrong password more than `maxFailedLoginAttempts` disables the account, which is told as locked once.
"""

from typing import Any

import orjson

from uplab.fakes.messages import Answer, json_answer
from uplab.fakes.thingsboard.rest import views
from uplab.fakes.thingsboard.rest.routing import (
    ANYBODY,
    AUTHENTICATION,
    OK,
    TENANT,
    TOKEN_EXPIRED,
    ApiError,
    Call,
    Route,
    bad_request,
    forbidden,
    not_found,
    not_here,
    unauthorized,
)
from uplab.fakes.thingsboard.rest.tokens import TokenError
from uplab.fakes.thingsboard.state.tenant import NULL_ID, SYS_ADMIN, TENANT_ADMIN, ApiKey, User

__all__ = ["ROUTES", "authenticate"]

_BAD_LOGIN = "Invalid username or password"
_MOST_KEYS = 1_000


def authenticate(call: Call) -> tuple[User, str]:
    """Who a request is from, and its access token (empty for an API key); raises ApiError 401."""
    request, state = call.request, call.state
    header = request.header("X-Authorization") or request.header("Authorization")
    scheme, space, secret = header.partition(" ")
    if scheme == "ApiKey":
        key = state.api_keys.get(secret)
        if key is None or not key.usable(state.now()):
            raise unauthorized("Authentication failed")
        user = state.user_with(key.user_id)
        if user is None or not user.open:
            raise unauthorized("Authentication failed")
        return user, ""
    if scheme != "Bearer" or not space:
        raise unauthorized("Authentication failed")
    try:
        return call.board.tokens.user(secret), secret
    except TokenError as error:
        raise _token_error(error) from None


def _token_error(error: TokenError) -> ApiError:
    if error.expired:
        return unauthorized("Token has expired", TOKEN_EXPIRED)
    return unauthorized(_BAD_LOGIN, AUTHENTICATION)


def _object(body: bytes) -> dict[str, object]:
    """The body of a login; whatever is wrong with it is a failed authentication."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict):
        raise unauthorized("Authentication failed")
    return value


def _login(call: Call) -> Answer:
    fields = _object(call.request.body)
    username, password = fields.get("username"), fields.get("password")
    if not isinstance(username, str) or not username.strip() or not isinstance(password, str) or not password:
        raise unauthorized("Authentication failed")
    user = call.state.users.get(username.lower())
    if user is None:
        raise unauthorized(_BAD_LOGIN)
    if user.locked:
        raise unauthorized("User account is locked due to security policy")
    if not user.enabled:
        raise unauthorized("User account is not active")
    if user.password != password:
        user.failed_logins += 1
        if 0 < call.state.max_failed_logins < user.failed_logins:
            _disable(call, user, enabled=False)
            raise unauthorized("User account is locked due to security policy")
        raise unauthorized(_BAD_LOGIN)
    user.failed_logins = 0
    return json_answer(200, call.board.tokens.pair(user))


def _disable(call: Call, user: User, *, enabled: bool) -> None:
    user.enabled = enabled
    if enabled:
        user.failed_logins = 0
    else:
        for device in call.state.gateways_of(user):
            call.board.act(call.board.links.dismiss(device, "the account was disabled"))


def _refresh(call: Call) -> Answer:
    token = _object(call.request.body).get("refreshToken")
    if not isinstance(token, str) or not token:
        raise unauthorized("Authentication failed")
    try:
        return json_answer(200, call.board.tokens.pair(call.board.tokens.refreshed(token)))
    except TokenError as error:
        raise _token_error(error) from None


def _no_get(call: Call) -> Answer:  # noqa: ARG001 - the shape of a handler
    raise unauthorized("Authentication method not supported")


def _me(call: Call) -> Answer:
    return json_answer(200, views.user(call.user))


def _logout(call: Call) -> Answer:
    call.board.tokens.end(call.token)
    return OK


# --- users ----------------------------------------------------------------------------------------------------------


def _user(call: Call) -> User:
    """The user of the path, if the one who asks may manage him; raises ApiError 403 or 404."""
    found = call.state.user_with(call.ids["userId"])
    if found is None:
        raise not_found(f"User with id [{call.ids['userId']}] is not found")
    mine = call.user
    manages = mine.authority == SYS_ADMIN or (mine.authority == TENANT_ADMIN and found.tenant_id == mine.tenant_id)
    if found is not mine and not manages:
        raise forbidden()
    return found


def _get_user(call: Call) -> Answer:
    return json_answer(200, views.user(_user(call)))


def _users(call: Call) -> Answer:
    number, size = call.page()
    text = call.query.get("textSearch", "").lower()
    mine = call.user
    found = [
        one
        for one in call.state.users.values()
        if text in one.email.lower()
        and one.tenant_id == mine.tenant_id
        and (mine.authority == TENANT_ADMIN or one.customer_id == mine.customer_id)
    ]
    keys = {"email": lambda one: one.email.lower()}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, views.user))


def _tenant_admins(call: Call) -> Answer:
    number, size = call.page()
    text = call.query.get("textSearch", "").lower()
    found = [
        one
        for one in call.state.users.values()
        if one.tenant_id == call.ids["tenantId"] and one.authority == TENANT_ADMIN and text in one.email.lower()
    ]
    keys = {"email": lambda one: one.email.lower()}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, views.user))


def _enable_user(call: Call) -> Answer:
    user = _user(call)
    if user is call.user:
        raise forbidden()
    _disable(call, user, enabled=call.query.get("userCredentialsEnabled", "true").lower() == "true")
    return OK


def _security(call: Call) -> Answer:
    found = call.state.max_failed_logins or None
    return json_answer(200, {"maxFailedLoginAttempts": found, "userLockoutNotificationEmail": None})


def _save_security(call: Call) -> Answer:
    fields = call.json()
    wanted = fields.get("maxFailedLoginAttempts") or 0
    if not isinstance(wanted, int) or wanted < 0:
        raise bad_request("maxFailedLoginAttempts must be a number, 0 or none for no bound")
    unknown = [name for name, value in fields.items() if value and name != "maxFailedLoginAttempts"]
    if unknown:
        raise not_here(f"the security setting {unknown[0]}")
    call.state.max_failed_logins = wanted
    return _security(call)


# --- API keys -------------------------------------------------------------------------------------------------------


def _key(call: Call) -> ApiKey:
    found = next((one for one in call.state.api_keys.values() if one.id == call.ids["id"]), None)
    if found is None:
        raise not_found(f"API key with id [{call.ids['id']}] is not found")
    if found.user_id != call.user.id and call.user.authority != SYS_ADMIN:
        raise forbidden()
    return found


def _save_key(call: Call) -> Answer:
    fields = call.json()
    given = fields.get("userId")
    user_id = str(given.get("id")) if isinstance(given, dict) else call.user.id
    if user_id != call.user.id:
        raise forbidden()
    if isinstance(fields.get("id"), dict):
        raise not_here("changing an API key otherwise than by its description and by enabling it")
    description = fields.get("description")
    if not isinstance(description, str) or not description.strip():
        raise bad_request("Validation error: description must not be blank")
    expires = fields.get("expirationTime") or 0
    if not isinstance(expires, int):
        raise bad_request("expirationTime must be a time in ms")
    if len(call.state.api_keys) >= _MOST_KEYS:
        raise bad_request(f"at most {_MOST_KEYS} are kept")
    key = call.state.add_api_key(call.user, description, expires, enabled=fields.get("enabled", True) is True)
    return json_answer(200, {**views.api_key(key), "value": key.value})


def _keys(call: Call) -> Answer:
    number, size = call.page()
    user = _user(call)
    text = call.query.get("textSearch", "").lower()
    found = [one for one in call.state.api_keys.values() if one.user_id == user.id and text in one.description.lower()]
    keys: dict[str, Any] = {"createdTime": lambda one: one.created_ms, "description": lambda one: one.description}
    return json_answer(200, views.page(call.sorted(found, keys), number, size, views.api_key))


def _describe_key(call: Call) -> Answer:
    key = _key(call)
    key.description = call.request.body.decode(errors="replace").strip('"')
    return json_answer(200, views.api_key(key))


def _enable_key(call: Call) -> Answer:
    key = _key(call)
    key.enabled = call.ids["enabledValue"].lower() == "true"
    return json_answer(200, views.api_key(key))


def _delete_key(call: Call) -> Answer:
    del call.state.api_keys[_key(call).value]
    return OK


def _no_customer(call: Call) -> Answer:
    """The one customer there is: who asks for another gets the 404 of ThingsBoard."""
    if call.ids["customerId"] != call.state.demo_customer or call.user.tenant_id == NULL_ID:
        raise not_found(f"Customer with id [{call.ids['customerId']}] is not found")
    return json_answer(200, views.customer(call.state, call.user.tenant_id))


_ADMINS = frozenset({SYS_ADMIN, TENANT_ADMIN})

ROUTES = (
    Route("POST", "/api/auth/login", _login, ANYBODY),
    Route("GET", "/api/auth/login", _no_get, ANYBODY),
    Route("POST", "/api/auth/token", _refresh, ANYBODY),
    Route("GET", "/api/auth/token", _no_get, ANYBODY),
    Route("GET", "/api/auth/user", _me),
    Route("POST", "/api/auth/logout", _logout),
    Route("GET", "/api/users", _users, TENANT, ("userIds",)),
    Route("GET", "/api/tenant/{tenantId}/users", _tenant_admins, frozenset({SYS_ADMIN})),
    Route("GET", "/api/user/{userId}", _get_user),
    Route("POST", "/api/user/{userId}/userCredentialsEnabled", _enable_user, _ADMINS),
    Route("GET", "/api/customer/{customerId}", _no_customer, frozenset({TENANT_ADMIN})),
    Route("GET", "/api/admin/securitySettings", _security, frozenset({SYS_ADMIN})),
    Route("POST", "/api/admin/securitySettings", _save_security, frozenset({SYS_ADMIN})),
    Route("POST", "/api/apiKey", _save_key),
    Route("GET", "/api/apiKeys/{userId}", _keys),
    Route("PUT", "/api/apiKey/{id}/description", _describe_key),
    Route("PUT", "/api/apiKey/{id}/enabled/{enabledValue}", _enable_key),
    Route("DELETE", "/api/apiKey/{id}", _delete_key),
)
