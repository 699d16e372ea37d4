"""`uplab clean`: takes away what a run that died has left on a forwarder that runs elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from uplab.scenarios.cli.app import OAUTH_URL, Authority, Certificate, Key, Proxy, access_by, app, fail, login_of
from uplab.scenarios.run.exit_codes import FAILED, NOT_STARTED, WRONG_USAGE

if TYPE_CHECKING:
    from uplab.scenarios.under_test.api import ForwarderApi
    from uplab.scenarios.under_test.made.journal import Thing
    from uplab.scenarios.under_test.target import RunOptions

__all__ = ["clean"]

_IN_ORDER = ("flows", "connections")  # a flow may hold its connection
_GONE = {404: "was gone already", 410: "was gone already"}


@app.command()
def clean(
    forwarder_api: Annotated[
        str, typer.Option(envvar="UPLAB_FORWARDER_API", metavar="URL", help="The API of the forwarder that was tested.")
    ],
    authority: Annotated[
        Path, typer.Option(envvar="UPLAB_AUTHORITY", metavar="DIR", help="The folder that its runs have used.")
    ] = Path(".uplab"),
    namespace: Annotated[
        str | None,
        typer.Option(metavar="XXXX", help="Also the connections that a run of this namespace has marked as its own."),
    ] = None,
    forwarder_authority: Authority = None,
    forwarder_certificate: Certificate = None,
    forwarder_key: Key = None,
    forwarder_proxy: Proxy = None,
) -> None:
    """Take away what a run that died has left on a forwarder elsewhere.

    Only what uplab itself has made there is touched, by its own notes, and
    where those are lost by the mark of the run's namespace, which its report
    names, and each connection that it made.
    """
    from uplab.scenarios.under_test.answer import NoAnswerError  # noqa: PLC0415
    from uplab.scenarios.under_test.made.journal import Journal  # noqa: PLC0415
    from uplab.scenarios.under_test.oauth import OAuthError  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415
    from uplab.scenarios.under_test.profile import Profile  # noqa: PLC0415
    from uplab.scenarios.under_test.target import RunOptions  # noqa: PLC0415
    from uplab.simulator.devices.namespace import NAMESPACE  # noqa: PLC0415

    if namespace is not None and not NAMESPACE.fullmatch(namespace):
        fail(f"--namespace takes four hexadecimal digits in small letters, as 3f9a, not {namespace!r}", WRONG_USAGE)
    api = forwarder_api.rstrip("/")
    given = {
        "--forwarder-authority": forwarder_authority,
        "--forwarder-certificate": forwarder_certificate,
        "--forwarder-key": forwarder_key,
        "--forwarder-proxy": forwarder_proxy,
    }
    options = RunOptions(
        seed=1,
        profile=Profile(name="unknown"),
        namespace=namespace or "",
        command=None,
        api=api,
        access=access_by(given, api, os.environ.get(OAUTH_URL)),
        **login_of(os.environ),
    )
    journal = Journal(authority, api)
    try:
        journal.begin()
        names = journal.left()
        client = _client(options) if names or namespace else None
        marked = _marked(client, namespace) if client is not None and namespace else {}
    except (ForwarderStartError, OAuthError, NoAnswerError) as error:
        fail(str(error), NOT_STARTED)
    kept = _take_away(client, names | marked) if client is not None else []
    journal.keep([thing for thing in kept if thing in names], names)
    journal.close()
    if not names | marked:
        by = f", and none by the mark of {namespace}" if namespace else ""
        print(f"nothing is left there, by the notes in {authority}{by}")
    if kept:
        raise typer.Exit(FAILED)


def _client(options: RunOptions) -> ForwarderApi:
    """The API behind whatever gate there is; OAuthError where no token can be had."""
    from uplab.scenarios.under_test.access.pace import Pace  # noqa: PLC0415
    from uplab.scenarios.under_test.api import ForwarderApi  # noqa: PLC0415
    from uplab.scenarios.under_test.oauth import fetch_token  # noqa: PLC0415

    pace = Pace(options.profile.limits, patient=True)  # a 429 is waited for, as in a run
    return ForwarderApi(
        str(options.api),
        emit=lambda *_: None,
        token=fetch_token(options),
        transport=options.access.transport(pace),
        mark=options.namespace,
    )


def _marked(client: ForwarderApi, namespace: str) -> dict[Thing, str]:
    """The connections that bear the mark; ends where the list cannot be read."""
    from uplab.simulator.devices.namespace import is_marked  # noqa: PLC0415

    try:
        listed = client.listed()
        return {
            ("connections", str(one["id"])): str(one["name"]) for one in listed if is_marked(one.get("name"), namespace)
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        fail("GET /connections does not list them, so that nothing is known by its mark", NOT_STARTED)


def _take_away(client: ForwarderApi, things: dict[Thing, str]) -> list[Thing]:
    """Flows first, the newest first; those that are left, the oldest first."""
    from urllib.parse import quote  # noqa: PLC0415

    from uplab.scenarios.history.secrets import redact_text  # noqa: PLC0415
    from uplab.scenarios.under_test.answer import NoAnswerError  # noqa: PLC0415

    kept = []
    for kind, id_ in [thing for kind in _IN_ORDER for thing in list(things)[::-1] if thing[0] == kind]:
        try:
            status = client.request("DELETE", f"/{kind}/{quote(id_, safe='')}").status_code
            done = _GONE.get(status) or ("is taken away" if 200 <= status < 300 else None)
            told = done or f"is left: DELETE was answered {status}"
        except NoAnswerError as error:
            done, told = None, f"is left: {error.verdict.happened}"
        if done is None:
            kept.append((kind, id_))
        name = things[kind, id_]
        print(redact_text(f"{kind.removesuffix('s')} {id_}{f' ({name})' if name else ''} {told}"))
    return kept[::-1]
