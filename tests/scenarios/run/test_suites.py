from pathlib import Path

from uplab.scenarios.run.suites import CONFIGURATION, SUITES, as_shipped


def test_shipped_suites_and_their_configuration_are_there() -> None:
    assert (SUITES / "http" / "test_did_it_work.py").is_file()
    assert CONFIGURATION.is_file()


def test_shipped_suite_has_one_name_however_it_was_reached(tmp_path: Path) -> None:
    real = SUITES.resolve() / "http" / "test_api.py"
    link = tmp_path / "link"
    link.symlink_to(SUITES.resolve())

    assert as_shipped(real) == as_shipped(link / "http" / "test_api.py") == SUITES / "http" / "test_api.py"
    assert as_shipped(SUITES) == SUITES


def test_suite_of_somebody_else_keeps_its_name(tmp_path: Path) -> None:
    assert as_shipped(tmp_path / "http" / "test_api.py") == tmp_path / "http" / "test_api.py"
