import io
import os
import zipfile
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.scenarios.bundles.evil import NAMES
from uplab.scenarios.bundles import bundle as reader
from uplab.scenarios.bundles.bundle import Bundle, Kind, Member, StoredError, open_bundle
from uplab.scenarios.history.bounds import TooMuchError


class Shelf(BaseModel):
    books: list[str]


SHELF = Kind("shelf", "shelf.json", 3, Shelf)


def pack(path: Path, *files: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", how) as packed:
        for name, content in files:
            packed.writestr(zipfile.ZipInfo(name), content, how)
    return path


def unpack(path: Path, *files: tuple[str, bytes]) -> Path:
    for name, content in files:
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


@pytest.mark.parametrize("make", [pack, unpack])
def test_bundle_of_any_kind_is_read_by_its_types(tmp_path: Path, make: object) -> None:
    path = make(tmp_path / "one", ("shelf.json", b'{"format":2,"books":["a"]}'), ("pages/a.txt", b"1\n2\n"))  # type: ignore[operator]

    bundle, record, number = open_bundle(path, SHELF)

    assert (record["books"], number) == (["a"], 2)
    assert bundle.has("pages/a.txt")
    assert not bundle.has("pages/b.txt")
    page = Member("pages/a.txt", bundle)
    assert page.name == "a.txt"
    for _ in range(2):
        with page.open() as lines:
            assert list(lines) == [b"1\n", b"2\n"]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b"[]", "shelf.json holds no shelf"),
        (b"{}", "shelf.json holds no shelf: books: Field required"),
        (b'{"books":[1]}', "shelf.json holds no shelf: books.0: Input should be a valid string"),
        (b'{"format":4,"books":[]}', "shelf.json: it is of format 4, and this uplab reads formats up to 3"),
        (b"{", "shelf.json is no JSON"),
        (b"[" * 65 + b"]" * 65, "shelf.json is damaged: it nests deeper than 64"),
        (None, "there is no shelf.json in it"),
    ],
)
@pytest.mark.parametrize("make", [pack, unpack])
def test_what_is_of_another_kind_is_refused(tmp_path: Path, make: object, record: bytes | None, words: str) -> None:
    files = [("a.txt", b""), *([("shelf.json", record)] if record is not None else [])]
    path = make(tmp_path / "one", *files)  # type: ignore[operator]
    with pytest.raises(StoredError) as said:
        open_bundle(path, SHELF)
    assert str(said.value).startswith(f"{path}: {words}")


@pytest.mark.parametrize("name", NAMES)
def test_name_that_no_bundle_has_is_refused(tmp_path: Path, name: str) -> None:
    if name == "run.json/":
        pytest.skip("a folder may be in it")
    with pytest.raises(StoredError, match=r"is no name of a bundle's file$"):
        Bundle(pack(tmp_path / "one.zip", (name, b"")))


def test_packed_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    bomb = b"\x00" * 5_000_000
    many = [(f"extra/{number}", b"") for number in range(2_001)]
    long = [("a" * 200 + str(number), b"") for number in range(5_000)]
    for files, words in (
        ([("a", bomb)], "'a' is packed 1,02"),
        (many, "it has 2,001 files, and a bundle has at most 2,000"),
        (long, "it is damaged: its list of files is longer than a bundle's is"),
    ):
        with pytest.raises(StoredError) as said:
            Bundle(pack(tmp_path / "one.zip", *files))
        assert words in str(said.value)


def test_files_within_each_other_are_refused(tmp_path: Path) -> None:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("a", os.urandom(50_000))
        one = packed.filelist[0]
        for name in "bcdef":
            again = zipfile.ZipInfo(name)
            again.compress_type, again.CRC = one.compress_type, one.CRC
            again.compress_size, again.file_size, again.header_offset = one.compress_size, one.file_size, 0
            packed.filelist.append(again)
    (tmp_path / "one.zip").write_bytes(into.getvalue())
    with pytest.raises(StoredError, match="its files lie within each other"):
        Bundle(tmp_path / "one.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_name_that_stands_for_two_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoredError, match="'a' is in it twice"):
        Bundle(pack(tmp_path / "one.zip", ("a", b"1"), ("a", b"2")))


def test_whole_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_UNPACKED", 150)
    with pytest.raises(StoredError, match="its files are larger than 150 bytes"):
        Bundle(pack(tmp_path / "one.zip", ("a", b"x" * 100), ("b", b"x" * 100)))


def test_member_is_bounded_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_MOST_FILE", {True: 10, False: 20})
    for path in (pack(tmp_path / "one.zip", ("a", b"x" * 21)), unpack(tmp_path / "folder", ("a", b"x" * 21))):
        with Member("a", Bundle(path)).open() as file, pytest.raises(TooMuchError):
            file.read()


def test_what_stands_in_a_folder_under_a_name_is_a_file_of_it(tmp_path: Path) -> None:
    folder = unpack(tmp_path / "folder", ("shelf.json", b"{}"))
    (folder / "shelf.json").unlink()
    os.mkfifo(folder / "shelf.json")
    with pytest.raises(StoredError, match=r"shelf\.json cannot be read: .* is no regular file"):
        open_bundle(folder, SHELF)
    (folder / "shelf.json").unlink()
    (folder / "shelf.json").symlink_to("/etc/passwd")
    with pytest.raises(StoredError, match=r"shelf\.json lies outside of it"):
        open_bundle(folder, SHELF)
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(StoredError, match="no regular file"):
        Bundle(tmp_path / "pipe.zip")
