"""A codec of the user's own as it lies on the disk: its sources, its form, and the application that it reads.

Two public forms, told apart by `driver.type` in package.json: ThingPark's (thingpark-x-js) and the LoRa Alliance's
(TS013), which is taken where nothing is said. `driver.application` names the application, and the driver's id is
producer, package name without its scope, and major version (IoT Flow JavaScript driver developer guide). The public
device catalogue says the same in driver.yaml: signature, protocolId, producerId, packageName.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

__all__ = ["Package", "PackageError", "read_packages"]

Application = tuple[str, str, str]
"""Producer, module and version, all in lower case; an empty version stands for each."""

THINGPARK_TYPE = "thingpark-x-js"
BYTES_MAX = 8_000_000
FILES_MAX = 500
CATALOGUE_LINE = re.compile(
    r"^(signature|protocolId|producerId|packageName|packageVersion):[ \t]*([^\s#]+)", re.MULTILINE
)
LEFT_OUT = frozenset({"node_modules", "test", "tests", "examples", "coverage"})


class PackageError(ValueError):
    """A codec that cannot be read; one line that names the place."""


@dataclass(frozen=True, slots=True)
class Package:
    """One codec: `sources` by their path within the package, `main` the one that is asked.

    `points` are what package.json declares of each point that the codec may extract: unitId and type.
    """

    application: Application
    driver_id: str
    form: Literal["thingpark", "alliance"]
    main: str
    sources: Mapping[str, str] = field(repr=False)
    points: Mapping[str, Any] = field(default_factory=dict)


def read_packages(text: str) -> tuple[Package, ...]:
    """Read what an option lists: folders with a package.json, or producer:module[:version]=PATH; PackageError.

    Two codecs of one application are refused: nobody could tell which of them decodes.
    """
    packages = tuple(_read(part.strip()) for part in text.split(",") if part.strip())
    named = [package.application for package in packages]
    twice = next((one for one in named if named.count(one) > 1), None)
    if twice is not None:
        raise PackageError(f"must name one codec for each application; {':'.join(twice)} has several")
    return packages


def _read(part: str) -> Package:
    named, equals, place = part.rpartition("=")
    path = Path(place if equals else part)
    folder = path if path.is_dir() else path.parent
    described = _described(folder) if path.is_dir() or path.name == "package.json" else {}
    if not path.is_dir() and path.name != "package.json":
        main, sources = path.name, {path.name: _text(path)}
    else:
        main, sources = _main(folder, described), dict(_sources(folder))
        if main not in sources:
            raise PackageError(f"must name packages with a codec; {folder} has no {main}")
    driver = described.get("driver")
    driver = driver if isinstance(driver, dict) else {}
    application = _named(named) if equals else _application(driver, path)
    points = driver.get("points")
    return Package(
        application,
        _driver_id(driver, described, application),
        "thingpark" if driver.get("type") == THINGPARK_TYPE else "alliance",
        main,
        sources,
        points if isinstance(points, dict) else {},
    )


def _described(folder: Path) -> dict[str, Any]:
    path = folder / "package.json"
    if not path.is_file():
        return _catalogued(folder, {})
    try:
        described = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise PackageError(f"must name packages; {path}, line {error.lineno}, is no JSON: {error.msg}") from None
    except RecursionError:
        raise PackageError(f"must name packages; {path} is nested too deeply") from None
    if not isinstance(described, dict):
        raise PackageError(f"must name packages; {path} holds no object")
    return described if isinstance(described.get("driver"), dict) else _catalogued(folder, described)


def _catalogued(folder: Path, described: dict[str, Any]) -> dict[str, Any]:
    """What a driver.yaml says, as package.json would; the same where there is none."""
    if not (folder / "driver.yaml").is_file():
        return described
    told = dict(CATALOGUE_LINE.findall(_text(folder / "driver.yaml")))
    producer, module, version = (*told.get("protocolId", "").split(":"), "", "", "")[:3]
    kind = THINGPARK_TYPE if told.get("signature") in ("actility", THINGPARK_TYPE) else "lora-alliance"
    application = {"producerId": producer, "moduleId": module, "version": version}
    driver = {"type": kind, "producerId": told.get("producerId"), "application": application}
    named = {"name": told.get("packageName"), "version": told.get("packageVersion")}
    return described | {key: value for key, value in named.items() if value} | {"driver": driver}


def _main(folder: Path, described: Mapping[str, Any]) -> str:
    main = described.get("main")
    named = main.removeprefix("./") if isinstance(main, str) and main else "index.js"
    return next((name for name in (named, "index.js", "main.js") if (folder / name).is_file()), named)


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    size = count = 0
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if LEFT_OUT & set(inside) or path.suffix not in (".js", ".cjs", ".json") or path.is_symlink():
            continue
        if not path.is_file() or path.name == "package-lock.json":
            continue
        size, count = size + path.stat().st_size, count + 1
        if size > BYTES_MAX or count > FILES_MAX:
            raise PackageError(f"must name packages; {folder} has more than {FILES_MAX} files or {BYTES_MAX} bytes")
        yield "/".join(inside), _text(path)


def _text(path: Path) -> str:
    try:
        if not path.is_file():
            raise PackageError(f"must name codecs that there are; {path} is no file and no folder")
        if path.stat().st_size > BYTES_MAX:
            raise PackageError(f"must name codecs; {path} has more than {BYTES_MAX} bytes")
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PackageError(f"must name codecs; {path} is no text in UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise PackageError(f"must name codecs that can be read; {path}: {error.strerror}") from None


def _application(driver: Mapping[str, Any], path: Path) -> Application:
    told = driver.get("application")
    told = told if isinstance(told, dict) else {}
    producer, module = told.get("producerId"), told.get("moduleId")
    if not isinstance(producer, str) or not isinstance(module, str) or not producer or not module:
        raise PackageError(
            f"must say whose uplinks a codec reads; {path} has no driver.application in a package.json: "
            f"give producer:module:version={path}"
        )
    return producer.lower(), module.lower(), str(told.get("version", "")).lower()


def _named(text: str) -> Application:
    producer, _, rest = text.strip().lower().partition(":")
    module, _, version = rest.partition(":")
    if not producer or not module:
        raise PackageError(f"must name an application as producer:module:version before a codec, not {text[:60]!r}")
    return producer, module, version


def _driver_id(driver: Mapping[str, Any], described: Mapping[str, Any], application: Application) -> str:
    producer, module, version = application
    name = str(described.get("name") or module).rpartition("/")[2]
    major = str(described.get("version") or version or "1").partition(".")[0]
    return f"{driver.get('producerId') or producer}:{name}:{major}"
