from uplab.fakes.thingsboard.rest.views import device, device_info, page, user
from uplab.fakes.thingsboard.state.device import entity_id
from uplab.fakes.thingsboard.state.tenant import State


def test_page_says_how_many_there_are() -> None:
    assert page([1, 2, 3], 1, 2, lambda n: {"n": n}) == {
        "data": [{"n": 3}],
        "totalPages": 2,
        "totalElements": 3,
        "hasNext": False,
    }
    assert page([1, 2, 3], 0, 2, lambda n: {"n": n})["hasNext"] is True
    assert page([], 0, 2, lambda n: {"n": n})["totalPages"] == 0


def test_device_of_no_customer_has_the_null_id() -> None:
    state = State(now=lambda: 5)

    shown = device(state.add_device(state.demo.id, "D"))

    assert shown["customerId"] == entity_id("CUSTOMER", "13814000-1dd2-11b2-8080-808080808080")
    assert (shown["name"], shown["createdTime"]) == ("D", 5)


def test_device_info_says_whether_it_is_active() -> None:
    state = State(now=lambda: 5)
    found = state.add_device(state.demo.id, "D")

    assert device_info(found, state)["active"] is False
    found.last_activity_ms = 5
    assert device_info(found, state)["active"] is True


def test_password_is_never_shown() -> None:
    state = State(now=lambda: 5)
    found = state.add_user("u@x.org", "S3cr3t")

    assert "S3cr3t" not in str(user(found))
