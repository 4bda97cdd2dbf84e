"""A sheet of the web: from the host that was named and no other place, so much and no more."""

import gzip
import logging
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from dialer.errors import SheetError
from dialer.sheets.sources.web import pieces_of_page, resolve

SHEET = b"Name,Phone\nAda,+12125550100\n"
HERE = ("http", "private")


class _Server(ThreadingHTTPServer):
    """Answers each path as `answers` say, and notes what it was asked."""

    def __init__(self, answers: dict[str, tuple[int, dict[str, str], bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def place(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Answer."""
        self.server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        status, headers, content = self.server.answers.get(self.path.partition("?")[0], (404, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - as the library calls it
        """Say nothing."""


@contextmanager
def serving(answers: dict[str, tuple[int, dict[str, str], bytes]]) -> Iterator[_Server]:
    """Yield a server on this machine that answers each path with a status, headers and content."""
    with _Server(answers) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def other() -> Iterator[_Server]:
    """Return a server that has nothing."""
    with serving({}) as server:
        yield server


@pytest.fixture(scope="module")
def server(other: _Server) -> Iterator[_Server]:
    """Return a server that has a sheet, and much else."""
    away = {"Location": "/people.csv"}
    answers = {
        "/people.csv": (200, {}, SHEET),
        "/zipped": (200, {"Content-Encoding": "gzip"}, gzip.compress(SHEET)),
        "/in-parts": (200, {"Content-Encoding": "x-gzip"}, gzip.compress(SHEET[:9]) + gzip.compress(SHEET[9:])),
        "/zip-cut": (200, {"Content-Encoding": "gzip"}, gzip.compress(SHEET)[:-12]),
        "/zip-without-end": (200, {"Content-Encoding": "gzip"}, gzip.compress(SHEET)[:-8]),
        "/zip-and-more": (200, {"Content-Encoding": "gzip"}, gzip.compress(SHEET) + b"Bob"),
        "/zipped-twice": (200, {"Content-Encoding": "gzip, gzip"}, gzip.compress(gzip.compress(SHEET))),
        "/deflated": (200, {"Content-Encoding": "deflate"}, zlib.compress(SHEET)),
        "/brotli": (200, {"Content-Encoding": "br"}, SHEET),
        "/no-zip": (200, {"Content-Encoding": "gzip"}, SHEET),
        "/cut": (200, {"Content-Length": "1000", "Connection": "close"}, SHEET),
        "/moved": (302, away, b""),
        "/round": (307, {"Location": "/round"}, b""),
        "/to-plain": (301, {"Location": "ftp://example.com/people.csv"}, b""),
        "/to-tls": (301, {"Location": "https://example.com/people.csv"}, b""),
        "/to-file": (302, {"Location": "file:///etc/passwd"}, b""),
        "/nowhere": (302, {}, b""),
        "/away": (302, {"Location": f"http://{other.place}/people.csv"}, b""),
        "/login": (401, {}, b""),
        "/forbidden": (403, {}, b""),
        "/down": (503, {}, b""),
    }
    with serving(answers) as running:
        yield running


def _fetch(address: str, allow: Sequence[str] = HERE, **how: Any) -> bytes:
    return b"".join(pieces_of_page(address, allow, label="the sheet", **how))


def _refusal(address: str, allow: Sequence[str] = HERE, **how: Any) -> str:
    with pytest.raises(SheetError) as caught:
        _fetch(address, allow, **how)
    assert caught.value.__suppress_context__
    return str(caught.value)


@pytest.mark.parametrize("path", ["/people.csv", "/people.csv?output=csv", "/zipped", "/in-parts", "/moved"])
def test_what_the_server_gives_is_read(server: _Server, path: str) -> None:
    """As it is, unzipped where the server zips, and from where a redirect of the same kind leads."""
    assert _fetch(f"http://{server.place}{path}") == SHEET


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/none", "HTTP 404"),
        ("/login", "a login is missing or wrong"),
        ("/forbidden", "HTTP 403"),
        ("/down", "answers HTTP 503"),
        ("/cut", "was cut off"),
        ("/no-zip", "cannot be unzipped"),
        ("/zip-cut", "cannot be unzipped"),
        ("/zip-without-end", "cannot be unzipped"),
        ("/zip-and-more", "cannot be unzipped"),
        ("/zipped-twice", "another way than gzip"),
        ("/deflated", "another way than gzip"),
        ("/brotli", "another way than gzip"),
        ("/round", "redirects more than 5 times"),
        ("/nowhere", "redirects more than 5 times"),
        ("/to-plain", "redirects from http:// to another kind"),
        ("/to-tls", "redirects from http:// to another kind"),
        ("/to-file", "redirects from http:// to another kind"),
    ],
)
def test_only_a_whole_answer_is_a_sheet(server: _Server, path: str, said: str) -> None:
    """Half a sheet would lose rows, and another kind of address may hide what the first one showed."""
    assert said in _refusal(f"http://{server.place}{path}")


def test_an_answer_that_takes_for_ever_is_ended(server: _Server) -> None:
    """A server that sends a byte now and then does not hold a night up."""
    assert "takes longer than 0 seconds" in _refusal(f"http://{server.place}/people.csv", seconds=0.0)


@pytest.mark.parametrize("begin", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"])
def test_an_answer_without_a_line_of_the_sheet_is_ended_too(begin: bytes) -> None:
    """Neither a header without end nor a zipped sheet without content, a few bytes now and then, outlasts the time."""
    drop = gzip.compress(b"")[:10] if begin.endswith(b"\r\n\r\n") else b"X-Drop: 1\r\n"
    more = b"\x00\x00\x00\xff\xff" if begin.endswith(b"\r\n\r\n") else drop  # RFC 1951, section 3.2.4: empty block

    def drip(listener: socket.socket, ended: threading.Event) -> None:
        with listener.accept()[0] as connection, suppress(OSError):
            connection.sendall(begin + drop)
            for _ in range(200):
                connection.sendall(more)
                if ended.wait(0.02):
                    break

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener, ended))
        thread.start()
        begun = time.monotonic()
        said = _refusal(f"http://127.0.0.1:{listener.getsockname()[1]}/", seconds=0.2)
        took = time.monotonic() - begun
        ended.set()
        thread.join()
    assert "no answer came in time" in said or "takes longer than" in said
    assert took < 2


def test_without_tls_only_where_the_campaign_allows_it(server: _Server) -> None:
    """Numbers of people do not travel in clear by mistake."""
    server.asked.clear()
    assert 'allow = ["http"]' in _refusal(f"http://{server.place}/people.csv", ["private"])
    assert server.asked == []


def test_a_login_goes_to_the_host_that_it_is_for(
    server: _Server, other: _Server, caplog: pytest.LogCaptureFixture
) -> None:
    """User and password in the address are a header (RFC 7617), which no redirect takes elsewhere, and in no log."""
    caplog.set_level(logging.DEBUG)
    server.asked.clear()
    _fetch(f"http://Aladdin:open%20sesame@{server.place}/moved")
    _refusal(f"http://Aladdin:open%20sesame@{server.place}/away")
    sent = [headers.get("authorization") for _, headers in server.asked]
    assert sent == ["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="] * 3  # the example of RFC 7617, section 2
    assert "authorization" not in other.asked[-1][1]
    assert "sesame" not in caplog.text
    assert "QWxhZGRpbjpvcGVuIHNlc2FtZQ" not in caplog.text


PRIVATE = [
    "127.0.0.1",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - nobody binds it
    "224.0.0.1",
    "255.255.255.255",
    "192.0.0.8",
    "198.18.0.1",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a00:1",
    "::127.0.0.1",
    "64:ff9b:1::a00:1",
    "fec0::1",
    "3fff::1",
    "2001::1",
    "64:ff9b::7f00:1",
    "2001:db8::1",
]
"""Of the registries of special-purpose addresses (IANA, RFC 6890), and those that wrap one of them."""


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network_is_out_of_reach(server: _Server, address: str) -> None:
    """Neither the host itself nor one of several addresses of it may be private, and nothing is asked then."""
    server.asked.clear()
    port = server.place.rpartition(":")[2]
    for found in ([address], ["93.184.215.14", address]):
        said = _refusal(f"http://example.com:{port}/people.csv", ["http"], resolve=lambda *_, found=found: found)
        assert 'allow = ["private"]' in said
    assert server.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_no_way_of_writing_hides_a_private_address(server: _Server, host: str) -> None:
    """What counts is the address that the system connects to, however it is written."""
    server.asked.clear()
    assert 'allow = ["private"]' in _refusal(f"http://{host}:{server.place.rpartition(':')[2]}/people.csv", ["http"])
    assert server.asked == []


def test_a_name_is_looked_up_once_for_each_connection(server: _Server) -> None:
    """The address that was judged is connected to: a name that leads elsewhere a moment later (rebinding) does not."""
    looked_up: list[str] = []

    def changing(host: str, port: int) -> list[str]:
        looked_up.append(host)
        return resolve("127.0.0.1", port) if len(looked_up) == 1 else ["93.184.215.14"]

    port = server.place.rpartition(":")[2]
    assert _fetch(f"http://people.example.com:{port}/people.csv", resolve=changing) == SHEET
    assert looked_up == ["people.example.com"]
    assert server.asked[-1][1]["host"] == f"people.example.com:{port}"


def test_a_redirect_is_judged_as_the_first_address(server: _Server, other: _Server) -> None:
    """Where it leads is looked up and judged anew, so that a public server cannot lead into a private network."""
    other.asked.clear()
    found = iter([["127.0.0.1"], ["127.0.0.1", "::1"]])
    looked_up: list[tuple[str, int]] = []

    def noted(host: str, port: int) -> list[str]:
        looked_up.append((host, port))
        return next(found)

    assert "HTTP 404" in _refusal(f"http://{server.place}/away", resolve=noted)
    assert looked_up == [server.server_address, other.server_address]


def test_an_unknown_host_is_told(closed_port: int) -> None:
    """A name that nobody has, and a port on which nobody listens."""

    def nobody(_host: str, _port: int) -> list[str]:
        raise OSError

    assert "its host is not known" in _refusal("https://nobody.example.com/", resolve=nobody)
    assert "cannot be fetched" in _refusal(f"http://127.0.0.1:{closed_port}/")


def test_a_certificate_is_looked_at(server_context: ssl.SSLContext) -> None:
    """A server that cannot prove its name is not read from."""
    with serving({"/": (200, {}, SHEET)}) as server:
        server.socket = server_context.wrap_socket(server.socket, server_side=True)
        assert "its certificate is self-signed" in _refusal(f"https://{server.place}/")


@pytest.mark.parametrize("is_cut", [False, True])
def test_a_sheet_without_a_length_ends_where_tls_ends(
    certificate: Path, server_context: ssl.SSLContext, *, is_cut: bool
) -> None:
    """Where neither a length nor the connection says that this is the end, rows may be lacking."""

    def answer(listener: socket.socket) -> None:
        with server_context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n" + SHEET)
            if not is_cut:
                connection.settimeout(2)
                with suppress(OSError):  # the client need not answer
                    connection.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer, args=(listener,))
        thread.start()
        address = f"https://127.0.0.1:{listener.getsockname()[1]}/"
        context = ssl.create_default_context(cafile=certificate)
        if is_cut:
            assert "was cut off" in _refusal(address, context=context)
        else:
            assert _fetch(address, context=context) == SHEET
        thread.join()
