"""`uplab clean`: takes away what a run that died has left on a forwarder that runs elsewhere."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from uplab.scenarios.cli.app import Authority, Certificate, Key, Proxy, access_by, app, fail
from uplab.scenarios.run.exit_codes import FAILED, NOT_STARTED

__all__ = ["clean"]

_IN_ORDER = ("flows", "connections")  # a flow may hold its connection


@app.command()
def clean(
    forwarder_api: Annotated[
        str, typer.Option(envvar="UPLAB_FORWARDER_API", metavar="URL", help="The API of the forwarder that was tested.")
    ],
    authority: Annotated[
        Path, typer.Option(envvar="UPLAB_AUTHORITY", metavar="DIR", help="The folder that its runs have used.")
    ] = Path(".uplab"),
    forwarder_authority: Authority = None,
    forwarder_certificate: Certificate = None,
    forwarder_key: Key = None,
    forwarder_proxy: Proxy = None,
) -> None:
    """Take away what a run that died has left on a forwarder elsewhere.

    Only what uplab itself has made there, by its own notes, is touched.
    """
    import httpx  # noqa: PLC0415

    from uplab.scenarios.history.secrets import redact_text, register  # noqa: PLC0415
    from uplab.scenarios.under_test.made.journal import Journal  # noqa: PLC0415
    from uplab.scenarios.under_test.process import ForwarderStartError  # noqa: PLC0415

    api, token = forwarder_api.rstrip("/"), os.environ.get("UPLAB_FORWARDER_TOKEN")
    given = {
        "--forwarder-authority": forwarder_authority,
        "--forwarder-certificate": forwarder_certificate,
        "--forwarder-key": forwarder_key,
        "--forwarder-proxy": forwarder_proxy,
    }
    access = access_by(given, api)
    if token:
        register(token, "the API token")
    journal = Journal(authority, api)
    try:
        journal.begin()
    except ForwarderStartError as error:
        fail(str(error), NOT_STARTED)
    names = journal.left()
    newest_first = list(names)[::-1]
    things = [thing for kind in _IN_ORDER for thing in newest_first if thing[0] == kind]
    kept = []
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(transport=access.transport(), timeout=10, trust_env=False, headers=headers) as client:
        for kind, id_ in things:
            try:
                status = client.delete(f"{api}/{kind}/{quote(id_, safe='')}").status_code
                done = {404: "was gone already", 410: "was gone already"}.get(status)
                done = done or ("is taken away" if 200 <= status < 300 else None)
                told = done or f"is left: DELETE was answered {status}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                done, told = None, f"is left: {error or type(error).__name__}"
            if done is None:
                kept.append((kind, id_))
            name = names[kind, id_]
            print(redact_text(f"{kind.removesuffix('s')} {id_}{f' ({name})' if name else ''} {told}"))
    journal.keep(kept[::-1], names)
    journal.close()
    if not names:
        print(f"nothing is left there, by the notes in {authority}")
    if kept:
        raise typer.Exit(FAILED)
