"""Keeps secrets out of allure's results: everything that its file logger writes goes through a redacting filter first.

allure-pytest writes its files itself, while the run goes on; there is no moment afterwards at which all of them could
be cleaned. So the logger that it registers is made to redact before it writes, and nothing else reaches the disk.
"""

import json
import os
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import allure_commons
from allure_commons.logger import AllureFileLogger
from attr import asdict

__all__ = ["RedactingFileLogger", "install"]

Redact = Callable[[bytes], bytes]


class RedactingFileLogger(AllureFileLogger):
    """allure's file logger, with `redact` between it and the disk."""

    redact: Redact

    def _report_item(self, item: Any) -> None:
        """A result, a container or the run's globals: each text is redacted, then the file as a whole."""
        found = asdict(item, filter=lambda _, value: value or value is False)
        text = json.dumps(
            _redacted(found, self.redact),
            ensure_ascii=False,
            indent=4 if os.environ.get("ALLURE_INDENT_OUTPUT") else None,
        )
        self._write(item.file_pattern.format(prefix=uuid.uuid4()), text.encode("utf-8", "backslashreplace"))

    @allure_commons.hookimpl
    def report_attached_file(self, source: str | os.PathLike[str], file_name: str) -> None:
        """A file that a test attached; the original stays where it is."""
        self._write(file_name, Path(source).read_bytes())

    @allure_commons.hookimpl
    def report_attached_data(self, body: str | bytes, file_name: str) -> None:
        """Text or bytes that a test attached."""
        self._write(file_name, body.encode("utf-8", "backslashreplace") if isinstance(body, str) else bytes(body))

    def _write(self, name: str, data: bytes) -> None:
        final = Path(self._report_dir) / name
        unfinished = final.with_name(f"{name}.tmp")
        unfinished.write_bytes(self.redact(data))
        unfinished.replace(final)


def _redacted(value: Any, redact: Redact) -> Any:
    """The value with each text redacted before JSON escapes it, since an escape could hide a secret from the filter."""
    if isinstance(value, str):
        return redact(value.encode("utf-8", "backslashreplace")).decode("utf-8", "replace")
    if isinstance(value, dict):
        return {_redacted(key, redact): _redacted(item, redact) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item, redact) for item in value]
    return value


def install(redact: Redact) -> int:
    """Makes every file logger that is registered with allure redact what it writes, and says how many those are.

    To be called in each process that writes results, after allure-pytest's own `pytest_configure` (from one marked
    `trylast`, or later). Calling it again changes the filter. Zero means that no results are being written.
    """
    manager = allure_commons.plugin_manager
    loggers = [plugin for plugin in manager.get_plugins() if isinstance(plugin, AllureFileLogger)]
    for logger in loggers:
        name = manager.get_name(logger)
        # The manager holds bound methods, so the logger is taken out and put back under its name. It must remain the
        # same object: allure-pytest's clean-up looks it up when the run ends, and fails when it is gone.
        manager.unregister(logger)
        logger.__class__ = RedactingFileLogger
        cast(RedactingFileLogger, logger).redact = redact
        manager.register(logger, name=name)
    return len(loggers)
