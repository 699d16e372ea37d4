"""The two tiers of a run: each clause once, or (--full) also what takes long, and each clause in all variants of it.

    @pytest.mark.varies("generation", "model")      in a full run also in the profile's other values of these
    @pytest.mark.generation("strict-resend")        is about these failure generations, and is played in them alone
    @pytest.mark.transport("mqtt", "mqtts")         the same of the transport to ThingsBoard
    @pytest.mark.full                               costs so much that only a full run plays it

A scenario that is named by its id is always played.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from uplab.scenarios.under_test.promise.variant import DIMENSIONS, USUAL, Variant, values_of, variants
from uplab.scenarios.under_test.target import RunOptions

__all__ = ["Tiers", "by_generation", "in_tier", "variant_of"]

MARKERS = (
    "varies(*dimensions): what a full run varies in this scenario: generation, transport, regime, model",
    "generation(*names): the failure generations that it is about",
    "transport(*names): the transports to ThingsBoard that it is about: mqtt, mqtts, rest",
    "full: only a full run plays it",
)
_ABOUT = ("generation", "transport")


def parametrize(metafunc: pytest.Metafunc, options: RunOptions) -> None:
    """Makes one scenario of each variant; the one of every run keeps the scenario's own id.

    pytest.UsageError where a marker names no dimension.
    """
    if "variant" not in metafunc.fixturenames:
        return
    item = metafunc.definition
    varied = [str(name) for marker in item.iter_markers("varies") for name in marker.args]
    if strange := [name for name in varied if name not in DIMENSIONS]:
        raise pytest.UsageError(f"{item.nodeid} varies {strange[0]!r}, which is none of {', '.join(DIMENSIONS)}")
    only = {name: [str(one) for one in marker.args] for name in _ABOUT if (marker := item.get_closest_marker(name))}
    found = variants(options.profile, varied, only, elsewhere=options.command is None)
    if found != [USUAL]:
        ids = [pytest.HIDDEN_PARAM if not one.extra else str(one) or "usual" for one in found]
        metafunc.parametrize("variant", found, indirect=True, ids=ids)


class Tiers:
    """The part of the plugin that makes variants of scenarios."""

    def __init__(self, config: pytest.Config, options: RunOptions) -> None:
        self._options = options
        for marker in MARKERS:
            config.addinivalue_line("markers", marker)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each scenario once for each variant that concerns it."""
        parametrize(metafunc, self._options)

    @pytest.fixture
    def variant(self, request: pytest.FixtureRequest) -> Variant:
        """How this scenario is played, where it is in more than one way."""
        found = getattr(request, "param", USUAL)
        assert isinstance(found, Variant)
        return found


def variant_of(item: pytest.Item) -> Variant:
    """How this scenario is played."""
    found = getattr(item, "callspec", None)
    variant = found.params.get("variant") if found is not None else None
    return variant if isinstance(variant, Variant) else USUAL


def in_tier(config: pytest.Config, items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Those that this run plays: all of a full one, else of further variants what was named by its id."""
    if config.getoption("--full") or config.getoption("--replayed") is not None:
        return list(items)
    named = {argument.partition("::")[2] for argument in config.args if "::" in argument}
    return [
        item
        for item in items
        if item.name in named
        or not (variant_of(item).extra or (item.get_closest_marker("full") and _function(item) not in named))
    ]


def _function(item: pytest.Item) -> str:
    return item.name.partition("[")[0]


def by_generation(items: list[pytest.Item], options: RunOptions) -> None:
    """Puts scenarios of one generation beside each other, since each change of it costs a start of the forwarder."""
    order = values_of(options.profile)["generation"]
    items.sort(key=lambda item: order.index(variant_of(item).generation or order[0]))
