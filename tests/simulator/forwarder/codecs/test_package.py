from __future__ import annotations

from pathlib import Path

import pytest

from tests.simulator.forwarder.codecs.making import package
from uplab.simulator.forwarder.codecs.package import PackageError, read_packages


def test_package_names_its_application_form_and_driver(tmp_path: Path) -> None:
    (found,) = read_packages(str(package(tmp_path / "level")))

    assert found.application == ("acme", "level", "2")
    assert (found.driver_id, found.form, found.main) == ("actilitypub:acme-level:3", "thingpark", "index.js")
    assert sorted(found.sources) == ["index.js", "lib/reading.js", "package.json"]
    assert found.points["level"] == {"unitId": "m", "type": "double"}


def test_file_alone_is_of_the_alliance_and_of_the_application_that_is_given(tmp_path: Path) -> None:
    (tmp_path / "codec.js").write_text("function decodeUplink() {}")

    (found,) = read_packages(f"ACME:level=={tmp_path / 'codec.js'}".replace("==", "="))

    assert (found.application, found.form, found.driver_id) == (("acme", "level", ""), "alliance", "acme:level:1")


def test_package_of_the_device_catalogue_is_described_beside_it(tmp_path: Path) -> None:
    lines = (
        "producerId: watteco # who\nprotocolId: watteco:th:5\nsignature:\npackageName: th_v5\npackageVersion: 1.4.1\n"
    )
    (tmp_path / "driver.yaml").write_text(lines)
    (tmp_path / "package.json").write_text('{"name": "th", "version": "9.0.0", "main": "./main.js"}')
    (tmp_path / "main.js").write_text("")

    (found,) = read_packages(str(tmp_path))

    assert (found.application, found.driver_id, found.form) == (("watteco", "th", "5"), "watteco:th_v5:1", "alliance")


def test_several_are_read_and_none_is_none(tmp_path: Path) -> None:
    one, other = package(tmp_path / "one"), package(tmp_path / "other")

    assert [p.application[1] for p in read_packages(f"{one}, acme:second:1={other}")] == ["level", "second"]
    assert read_packages("") == ()
    with pytest.raises(PackageError, match=r"^must name one codec for each application; acme:level:2 has several$"):
        read_packages(f"{one},{other}")


WRONG = {
    "nowhere": "is no file and no folder",
    "empty": "has no index.js",
    "broken": "line 1, is no JSON",
    "list": "holds no object",
    "nameless": "has no driver.application in a package.json",
    "latin": "is no text in UTF-8",
    "outside": "has no ../index.js",
    "x=nameless": "must name an application as producer:module:version before a codec, not 'x'",
}


@pytest.mark.parametrize("name", WRONG)
def test_package_that_cannot_be_read_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    for folder, described in (
        ("broken", "{"),
        ("list", "[]"),
        ("nameless", "{}"),
        ("outside", '{"main": "../index.js"}'),
    ):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "package.json").write_text(described)
        (tmp_path / folder / "index.js").write_text("")
    (tmp_path / "outside" / "index.js").unlink()
    (tmp_path / "index.js").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "latin").mkdir()
    (tmp_path / "latin" / "index.js").write_bytes(b"// \xe9")
    named, equals, place = name.rpartition("=")

    with pytest.raises(PackageError) as caught:
        read_packages(f"{named}{equals}{tmp_path / place}")

    assert WRONG[name] in str(caught.value)
    assert "\n" not in str(caught.value)
