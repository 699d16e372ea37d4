"""What the suite of the pages is given: one browser for each worker, and a visitor of his own for each scenario."""

import copy
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from uplab.scenarios import CheckFailed, CheckUnknown, Lab, LabConnection, Route, example_body
from uplab.scenarios.checks.leaks import leaks
from uplab.scenarios.suites.pages.chromium import forget, launched, missing, traced, unavailable
from uplab.scenarios.suites.pages.login import Login, LoginError
from uplab.scenarios.suites.pages.pictures import SCALE, Pictures
from uplab.scenarios.suites.pages.visitor import Visitor
from uplab.scenarios.under_test.access.access import Access
from uplab.scenarios.under_test.access.sign_in import PAGES_PASSWORD, PAGES_USER

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

Made = Callable[[str, Route], LabConnection]
At = Callable[..., Visitor]
Visiting = Callable[..., Visitor]


@pytest.fixture(scope="session")
def chromium(running_lab: Lab) -> "Iterator[BrowserContext]":
    """One browser, and one profile in it, for the whole run; the scenario is not applicable where there is none.

    Only the lab's own programs trust its authority, and the browser finds no other name than this machine's.
    """
    if reason := missing():
        unavailable(reason)
    options, profile, root = running_lab.options, running_lab.profile, running_lab.endpoints.pages or ""
    others = profile.pages_login.hosts if profile.features.pages_login else ()
    with launched(urlsplit(root).hostname or "127.0.0.1", *others, proxy=options.access.proxy) as browser:
        context = browser.new_context(
            viewport={"width": 1280, "height": 800},
            device_scale_factor=SCALE,
            ignore_https_errors=True,
            **_shown(options.access, root),
        )
        if options.is_reference:
            context.tracing.start(snapshots=True)
        yield context


@pytest.fixture
def visiting(lab: Lab, chromium: "BrowserContext", request: pytest.FixtureRequest) -> Iterator[Visiting]:
    """Makes visitors; afterwards no page of theirs may have reported an error, and nothing of them is left.

    Of what goes wrong on pages of our own a trace is kept in the run's folder: uplab cannot look into an archive for
    what is secret, and on no other page is all of it the lab's.
    """
    visitors: list[Visitor] = []
    pictures = Pictures(lab.folder, request.node.nodeid)

    def visit(root: str, **more: Any) -> Visitor:
        visitors.append(Visitor(lab, chromium, root, step_s=lab.deadlines.page_s, pictures=pictures, **more))
        return visitors[-1]

    def failed() -> bool:
        return any(verdict.outcome != "passed" for verdict in lab.verdicts)

    path = lab.folder / "traces" / f"{pictures.name}.zip"
    with traced(chromium, path, failed=failed) if lab.options.is_reference else nullcontext():
        try:
            yield visit
            for visitor in visitors:
                promised = "no page reports an error to the console"
                lab.expect_seen(promised, visitor.problems, {"empty": True}, hop="page")
        finally:
            forget(chromium)


@pytest.fixture
def _clean(lab: Lab) -> Iterator[None]:
    """Whatever connections and flows the scenario makes on the pages, the lab knows of when it cleans up."""
    before = {kind: {str(one["id"]) for one in _listed(lab, kind)} for kind in ("connections", "flows")}
    yield
    for kind, known in before.items():
        for resource in _listed(lab, kind):
            if str(resource["id"]) not in known:
                lab.belongings.adopt(kind, resource)


@pytest.fixture
def visitor(lab: Lab, _clean: None, visiting: Visiting) -> Iterator[Visitor]:
    """A user who has just opened the pages; afterwards none that was seen may have held a secret of the user's."""
    root = lab.endpoints.pages
    if root is None:
        if lab.options.command is None:
            pytest.skip("the forwarder runs elsewhere, and nothing says where its pages are")
        raise CheckFailed("the profile declares pages, but the ready line does not say where they are")
    visitor = visiting(root, login=_login(lab), headers=lab.options.access.headers_for(urlsplit(root).hostname))
    try:
        visitor.open()
    except LoginError as error:
        if lab.options.pages_login is not None:
            raise CheckUnknown(f"{error}; compare UPLAB_PAGES_USER and [pages_login] of the profile") from None
        lab.expect("the pages let in whom the forwarder was told", False, str(error), check="pages", hop="page")
    yield visitor
    pages = [(f"page {number} of those seen", html.encode()) for number, html in enumerate(visitor.seen, 1)]
    shown = [verdict for verdict in leaks("a page", pages) if verdict.outcome == "failed"]
    if shown:
        lab.judge(*(verdict.proving("COM-21.e") for verdict in shown))


def _login(lab: Lab) -> Login | None:
    """Who logs in before the pages, where they ask."""
    if not lab.profile.features.pages_login:
        return None
    if lab.options.command is None and lab.options.pages_login is None:
        pytest.skip(f"the pages ask for a login: give a user's in {PAGES_USER} and {PAGES_PASSWORD}")
    return Login(lab.pages_login, lab.profile.pages_login)


def _shown(access: Access, root: str) -> dict[str, Any]:
    """The client certificate that a browser shows where the pages are; it cannot be told an authority."""
    if access.certificate is None:
        return {}
    parts = urlsplit(root)
    shown = {"origin": f"{parts.scheme}://{parts.netloc}", "certPath": str(access.certificate)}
    shown |= {"keyPath": str(access.key or access.certificate)}
    return {"client_certificates": [shown | ({"passphrase": access.key_password} if access.key_password else {})]}


@pytest.fixture
def at(lab: Lab, visiting: Visiting) -> At:
    """Opens the pages of a service by its name."""

    def visit(host: str, path: str = "/") -> Visitor:
        visitor = visiting(f"https://{lab.resolve[f'{host}:443']}")
        visitor.open(path)
        return visitor

    return visit


@pytest.fixture
def made(lab: Lab) -> Made:
    """Finds a connection that was made on the pages, by its name."""

    def find(name: str, route: Route) -> LabConnection:
        found = [resource for resource in _connections(lab) if resource["name"] == name]
        lab.expect_seen(f"the API lists one connection {name}", len(found), {"is": 1}, [one["name"] for one in found])
        return lab.connection(found[0], route)

    return find


@pytest.fixture
def thingsboard_body(lab: Lab) -> dict[str, Any]:
    """The document's example of a ThingsBoard connection, with the account that the lab knows."""
    body = copy.deepcopy(example_body("thingsboard.md"))
    body["configuration"] |= lab.options.thingsboard_login
    return body


@pytest.fixture
def names(lab: Lab) -> Callable[[], list[str]]:
    """The names of all connections that there are."""
    return lambda: sorted(str(resource["name"]) for resource in _connections(lab))


def _connections(lab: Lab) -> list[dict[str, Any]]:
    """Without those of runs that go on at the same time."""
    return lab.api.but_others()


def _listed(lab: Lab, kind: str) -> list[dict[str, Any]]:
    """What there is of a kind; none where the forwarder gives no list, as the contract asks for none of flows."""
    answer = lab.api.request("GET", f"/{kind}")
    try:
        listed = answer.json() if answer.status_code == 200 else []
    except ValueError:
        return []
    return [one for one in listed if isinstance(one, dict) and "id" in one] if isinstance(listed, list) else []
