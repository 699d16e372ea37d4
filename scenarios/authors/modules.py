"""Modules of an author's own, which a user names: by a dotted name, or by a file."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

__all__ = ["ModuleError", "load_module"]


class ModuleError(Exception):
    """A module that cannot be used; the text says why, in one line with the place."""


def load_module(name: str) -> ModuleType:
    """Imports what the user named: `my_checks`, `shop.checks`, or `checks/my_checks.py`; ModuleError.

    A name is looked for among what is installed, and then from here.
    """
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # last: a folder called http hides nothing of Python's
    try:
        return _of_file(Path(name)) if name.endswith(".py") else importlib.import_module(name)
    except FileNotFoundError:
        raise ModuleError(f"there is no file {name}") from None
    except Exception as error:  # noqa: BLE001 - it is somebody's, and may be any
        if isinstance(error, ModuleNotFoundError) and error.name and name.startswith(error.name):
            raise ModuleError(f"there is no module {name}: name it as Python does, or its file, {name}.py") from None
        told = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise ModuleError(f"{name} cannot be imported{_place(error, name)}: {told}") from None


def _of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise FileNotFoundError(path)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module  # what it defines finds its module by its name
    spec.loader.exec_module(module)
    return module


def _place(error: Exception, name: str) -> str:
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    stem = Path(name).stem if name.endswith(".py") else name.rpartition(".")[2]
    lines = [one.lineno for one in traceback.extract_tb(error.__traceback__) if Path(one.filename).stem == stem]
    return f", line {lines[-1]}" if lines else ""
