import base64

import pytest

from uplab.scenarios.history.canaries import BEGINNINGS, CANARY, CUT, canary_in
from uplab.scenarios.history.secrets import Secrets

SECRET = Secrets(7).hex("a").encode()
WRITTEN = {
    "plain": SECRET,
    "from its end": SECRET[::-1],
    "hexadecimal": SECRET.hex().encode(),
    "hexadecimal with colons": SECRET.hex(":").encode(),
    "numbers": str(list(SECRET)).encode()[1:-1],
    "numbers in blanks": " ".join(map(str, SECRET)).encode(),
    "UTF-16": SECRET.decode().encode("utf-16-be").strip(b"\0"),
    "Base64": base64.b64encode(SECRET),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_canary_is_recognised_and_read_in_each_form(form: str) -> None:
    found = CANARY.search(b"<" + WRITTEN[form] + b">")
    assert found
    assert canary_in(found.group()) == SECRET
    assert any(beginning in WRITTEN[form].lower() for beginning in BEGINNINGS)


def test_what_is_left_of_one_is_recognised_too() -> None:
    assert CUT.search(SECRET[:11])
    assert not CANARY.search(SECRET[:31])
    assert canary_in(SECRET[:11] + b"...") == SECRET[:11] + b"..."
