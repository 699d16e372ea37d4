"""`uplab doubt`: what a green run of this forwarder excludes."""

from __future__ import annotations

import typer

from uplab.scenarios.cli.app import PASS_THROUGH, app

__all__ = ["doubt"]


@app.command(context_settings=PASS_THROUGH)
def doubt(ctx: typer.Context) -> None:
    """Say which kinds of bugs a green run excludes (all options are those of uplab run, as --forwarder-command, -n).

    Each kind is played on the wire between the forwarder and the destinations: every seventh delivery lost, headers of
    another device, 42.0 as 42. run.json and the report list them; --gate --gate-doubt N makes too few red.
    """
    from uplab.scenarios.run import launch  # noqa: PLC0415

    launch.become_pytest(["worlds", "--player", "--doubt", *ctx.args])
