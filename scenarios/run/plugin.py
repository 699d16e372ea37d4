"""The pytest plugin `uplab`, which every pytest of an environment with uplab loads: asleep, unless switched on.

Asleep it registers its switch and nothing else, no option, no marker, no fixture, and imports nothing: an environment
in which uplab is installed runs its other tests as before. `uplab = true` in the configuration wakes `awake.py`.
"""

from collections.abc import Generator

import pytest

_SWITCH = "uplab"
FIXTURES = (  # those of awake.py and fixtures.py, of which a test may ask without the switch
    *("lab", "device", "devices", "connection", "posthere_bin", "widgelix_account", "thingsboard_account"),
    *("broker", "faults"),
)


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Adds the switch; where it is on, adds all the rest before the command line is read."""
    parser.addini(_SWITCH, "the tests are uplab scenarios", type="bool", default=False)
    config: pytest.Config | None = pluginmanager.get_plugin("pytestconfig")
    if config is not None and config.getini(_SWITCH):
        pluginmanager.import_plugin("uplab.scenarios.run.awake")
        pluginmanager.import_plugin("uplab.scenarios.run.fixtures")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tells a test that asks for the lab, and found none, how to switch it on."""
    report = yield
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, pytest.FixtureLookupError) and error.argname in FIXTURES and not item.config.getini(_SWITCH):
        place = item.config.inipath or item.config.rootpath / "pytest.toml"
        report.longrepr = (
            f"the fixture {error.argname!r} belongs to uplab, which is asleep: add `uplab = true` to pytest's "
            f"configuration in {place} to switch it on, or run these tests with `uplab run`"
        )
    return report
