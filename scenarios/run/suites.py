"""Where the suites that uplab ships stand, and the configuration with which pytest plays them."""

from pathlib import Path

__all__ = ["CONFIGURATION", "SUITES", "as_shipped"]

_SCENARIOS = Path(__file__).parents[1]  # by the name that was imported: in a checkout that leads over a link
SUITES = _SCENARIOS / "suites"
CONFIGURATION = _SCENARIOS / "pytest.toml"


def as_shipped(path: Path) -> Path:
    """The same place by the name under which it is imported, where it belongs to the shipped suites.

    In a checkout a suite has two names, scenarios/suites and the link to it; only by the latter it is a module of
    uplab.
    """
    real, suites = path.resolve(), SUITES.resolve()
    return SUITES / real.relative_to(suites) if real.is_relative_to(suites) else path
