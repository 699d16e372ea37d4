import pytest

from uplab.fakes.thingsboard.rest.absent import absent, hidden_by


@pytest.mark.parametrize(
    ("method", "path", "there"),
    [
        ("GET", "/api/alarm/5", True),
        ("PUT", "/api/alarm/5", False),
        ("GET", "/api/alarm/", False),
        ("POST", "/api/auth/changePassword", True),
        ("GET", "/api/nothing/like/it", False),
    ],
)
def test_paths_of_the_real_one_are_known_by_method(method: str, path: str, there: bool) -> None:
    assert absent(method, path) is there


def test_literal_paths_behind_an_open_part_are_found() -> None:
    assert ["", "api", "dashboard", "serverTime"] in hidden_by("GET", ["", "api", "dashboard", "{id}"])
    assert hidden_by("GET", ["", "api", "device", "types"]) == []
