"""A server that is asked for a book leads nowhere but to public places over https, at any hop."""

from __future__ import annotations

import io
import urllib.request
from email.message import Message
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from assocmem.language.text._redirects import may_lead_on
from assocmem.language.text.gutenberg import DownloadError, download

MIRROR, HERE = "https://books.example.org", "http://127.0.0.1:8000"
INSIDE = [
    "http://books.example.org/84.txt",
    "http://127.0.0.1/84.txt",
    "https://127.0.0.1/84.txt",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://printer.local/",
    "https://metadata.google.internal/",
    "https://router.home.arpa/",
    "https://user@10.0.0.1:443/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://169.254.169.254/latest",
    "https://100.64.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fd00::1]/",
    "https://[::/",
    "https:///84.txt",
    "ftp://books.example.org/84.txt",
    "file:///etc/hosts",
    "data:text/plain,book",
]


@pytest.mark.parametrize("target", INSIDE)
def test_no_server_leads_inside(target: str) -> None:
    assert not may_lead_on(MIRROR, target)
    assert may_lead_on(HERE, target) == (target == "http://127.0.0.1/84.txt")


@pytest.mark.parametrize(
    "target", ["https://other.example.org/84.txt", "https://notlocal/", "https://1.1.1.1/", "https://[2606:4700::1]/"]
)
def test_a_public_place_may_be_led_to(target: str) -> None:
    assert may_lead_on(MIRROR, target)
    assert may_lead_on(HERE, target)


class Answers(urllib.request.HTTPSHandler):
    """Answers without a network: each address with the next one, the last with a book."""

    def __init__(self, hops: dict[str, str]) -> None:
        super().__init__()
        self.hops, self.asked = hops, []

    def https_open(self, req: Any) -> Any:
        self.asked.append(req.full_url)
        headers, target = Message(), self.hops.get(req.full_url)
        headers["Content-Type"] = "text/plain"
        if target:
            headers["Location"] = target
        answer = urllib.request.addinfourl(io.BytesIO(b"a book"), headers, req.full_url, 302 if target else 200)
        answer.msg = "as it is"  # type: ignore[attr-defined]
        answer.read1 = answer.read  # type: ignore[method-assign]
        return answer

    http_open = https_open


@pytest.mark.parametrize("last", ["http://127.0.0.1:631/jobs", "https://192.168.1.1/", "https://third.example.org/84"])
@pytest.mark.parametrize("hops", [0, 1, 2])
def test_every_hop_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str, hops: int) -> None:
    first = f"{MIRROR}/cache/epub/84/pg84.txt"
    way = [first, *(f"https://hop{number}.example.org/" for number in range(hops)), last]
    answers, build = Answers(dict(pairwise(way))), urllib.request.build_opener
    monkeypatch.setattr(urllib.request, "build_opener", lambda *handlers: build(answers, *handlers))
    if "example.org" in last:
        (path,) = download([84], tmp_path, mirror=MIRROR, wait=0)
        assert path.read_bytes() == b"a book"
        assert answers.asked == way
        return
    with pytest.raises(DownloadError, match=rf"book 84 .* leads on to {last}, which is not a public place"):
        download([84], tmp_path, mirror=MIRROR, wait=0)
    assert answers.asked == way[:-1]
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]
