import httpx

from uplab.fakes.posthere.server import PosthereServer
from uplab.scenarios.lab.loop import LoopThread
from uplab.scenarios.lab.places.bin import Bin, Request


def test_bin_is_read_as_a_user_reads_it() -> None:
    loop, fake = LoopThread(), PosthereServer()
    try:
        port = loop.run(fake.listen("127.0.0.1", 0))
        base = f"http://127.0.0.1:{port}"
        with httpx.Client(trust_env=False) as client:
            for body in (b'{"a":1}', b'{"a":2}'):
                client.post(f"{base}/4b19-48f6-94cc", content=body, headers={"X-Site": "A"})
            client.post(f"{base}/other?status=503", content=b"{}")
            mine = Bin(client, f"{base}/4b19-48f6-94cc")

            shown = mine.requests()

            assert [(one.method, one.status, one.body) for one in shown] == [
                ("POST", 200, '{"a":1}'),
                ("POST", 200, '{"a":2}'),
            ]
            assert shown[0].headers["x-site"] == "A"
            assert mine.others() == ["other"]
            assert Bin(client, f"{base}/other").requests()[0] == Request("POST", 503, shown_headers(client, base), "{}")
            assert "4b19-48f6-94cc" in mine.page()
    finally:
        loop.run(fake.stop())
        loop.stop()


def shown_headers(client: httpx.Client, base: str) -> dict[str, str]:
    """The headers of the other bin's request, as its JSON shows them."""
    [stored] = client.get(f"{base}/other", headers={"Accept": "application/json"}).json()
    return {name.lower(): value for name, value in stored["headers"].items()}
