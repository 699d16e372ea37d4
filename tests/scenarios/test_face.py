"""The public face of uplab.scenarios: complete, lazy, and what the suites themselves use."""

import subprocess
import sys
from importlib import import_module

import pytest

import uplab.scenarios as face


@pytest.mark.parametrize("name", face.__all__)
def test_name_is_what_its_home_has(name: str) -> None:
    assert getattr(face, name) is getattr(import_module(f"uplab.{face._HOMES[name]}"), name)


def test_face_names_each_once_and_shows_all() -> None:
    assert sorted(face._HOMES) == sorted(face.__all__) == sorted(set(face.__all__))
    assert set(face.__all__) <= set(dir(face))


def test_name_that_is_none_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Laboratory'"):
        getattr(face, "Laboratory")  # noqa: B009


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    asked = "import sys, uplab.scenarios; print([m for m in sys.modules if m.startswith('uplab.scenarios.')])"
    ended = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=30, check=True)

    assert ended.stdout.strip() == "[]"
