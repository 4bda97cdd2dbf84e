"""What is made of the bytes of a reply, however they come; h11, another implementation, tells what is right."""

from random import Random

import h11
import pytest

from dialer.api.reply_parser import MAX_HEAD_BYTES, BadReply, ReplyParser

MOST_BYTES = 1_000
CHUNKS = b'5\r\n{"dat\r\n3;note=x\r\na":\r\n2\r\n{}\r\n1\r\n}\r\n0\r\n'
HEAD = b"HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 17:00:00 GMT\r\n"
WHOLE = {
    "length": HEAD + b'Content-Length: 11\r\n\r\n{"data":{}}',
    "no content": b"HTTP/1.1 204 No Content\r\n\r\n",
    "not changed": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n",
    "empty": b"HTTP/1.1 503\r\ncontent-length: 0\r\nretry-after:  7 \r\n\r\n",
    "blanks as content": HEAD + b"Content-Length: 8\r\n\r\n\r\n\r\n\r\n\r\n",
    "chunks": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"\r\n",
    "chunks and trailers": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKS + b"Date: never\r\n\r\n",
    "announced": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n"
    + HEAD
    + b"Content-Length: 2\r\n\r\n{}",
    "last": HEAD + b"Connection: close\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/1.0, kept": b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
    "an offer": HEAD + b"Upgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nContent-Length: 2\r\n\r\n{}",
}
HEADS = (*[b"HTTP/1.1 200 OK"] * 6, *b"HTTP/1.0 200 OK,HTTP/1.1 204 x,HTTP/1.1 304,HTTP/1.1 000 x".split(b","))
LENGTHS = (
    b"Content-Length: 2|Content-Length: 5|Content-Length: 02|Content-Length: 2, 2|Content-Length: +2|Content-Length:"
)
CODINGS = b"Transfer-Encoding: chunked|Transfer-Encoding: chunked, gzip|Transfer-Encoding : chunked"
ANY = b"Connection: close|Connection: x, close|Connection: keep-alive|Upgrade: h2c|X: a\0b|X: a\rb|X: a\nb|X:| fold|X"
HEADERS = b"|".join([LENGTHS, CODINGS, CODINGS, ANY]).split(b"|")
CONTENTS = (
    *(b"", b"{}", b"hello", b"2\r\n{}\r\n0\r\n\r\n", b"2;a=b\r\n{}\r\n0\r\nX: y\r\n\r\n", b"02\r\n{}\r\n0\r\n"),
    *(b"2\n{}\n0\n\n", b"+2\r\n{}\r\n0\r\n\r\n", b"2\r\n{}x\r\n0\r\n\r\n", b"4\r\n\r\n\r\n\r\n0\r\n\r\n"),
)
BEHIND = (*[b""] * 8, b"\r\n", b"\n\r\n\r\n", b"x", b"\0", b"HTTP/1.1 200 OK\r\n\r\n")
ODD_BYTES = b"\r\n \t\0:,;0129aHx\xff"
ENDLESS = {
    "no length": HEAD + b"\r\n{}",
    "no length, 1.0": b"HTTP/1.0 200 OK\r\n\r\n{}",
}
BROKEN = {
    "garbage": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "length beside chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "negative length": HEAD + b"Content-Length: -2\r\n\r\n{}",
    "chunk without a length": HEAD + b"Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another protocol, by its name": b"RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "another one": b"ICE/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "a blank line before": b"\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}",
    "blank lines before": b"\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}",
    "a byte before": b"\r" + HEAD + b"Content-Length: 2\r\n\r\n{}",
    "a zero byte in the reason": b"HTTP/1.1 200 O\0K\r\nContent-Length: 2\r\n\r\n{}",
    "a status of no class": b"HTTP/1.1 099 OK\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}",
    "chunks of chunks": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
    "packed chunks": HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "a blank in a name": HEAD + b"Content Length: 2\r\n\r\n{}",
    "too long": HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1_001,
    "too long in chunks": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n"
    + b"1;"
    + b"x" * (MAX_HEAD_BYTES + 8 * MOST_BYTES),
    "a long head": HEAD + b"X: " + b"x" * MAX_HEAD_BYTES,
    "announced without end": b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_HEAD_BYTES // 20),
}


def parsed(data: bytes, sizes: list[int]) -> ReplyParser:
    """Feed *data* in pieces of these *sizes*, the last of them again and again."""
    parser = ReplyParser()
    parser.begin(MOST_BYTES)
    while data:
        size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
        parser.feed(data[:size])
        data = data[size:]
    return parser


def by_h11(data: bytes) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
    """Return status, headers, content, and whether another request may follow."""
    connection = h11.Connection(h11.CLIENT)
    for asked in (h11.Request(method="GET", target="/", headers=[("host", "api.test")]), h11.EndOfMessage()):
        connection.send(asked)
    connection.receive_data(data)
    status, headers, content = 0, list[tuple[bytes, bytes]](), b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status, headers = event.status_code, list(event.headers)
        elif isinstance(event, h11.Data):
            content += bytes(event.data)
        elif event is h11.NEED_DATA:
            connection.receive_data(b"")
    return status, headers, content, connection.their_state is h11.DONE and not connection.trailing_data[0]


def drawn(random: Random) -> bytes:
    """Draw a reply, or what looks like one, sometimes after another that only announces it; some are damaged."""
    lines = [random.choice(HEADS), *random.choices(HEADERS, k=random.randint(0, 3)), b"", random.choice(CONTENTS)]
    announced = random.choice([b"", b"", b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"\r\n"])
    data = bytearray(announced + b"\r\n".join(lines) + random.choice(BEHIND))
    if random.random() < 0.3:
        at = random.randrange(len(data))
        data[at : at + random.randint(0, 2)] = bytes(random.choices(ODD_BYTES, k=random.randint(0, 2)))
    return bytes(data)


def read(parser: ReplyParser) -> tuple[int, list[tuple[bytes, bytes]], bytes, bool]:
    """Return the same of what *parser* has read."""
    headers = [(name.lower(), value) for name, value in parser.headers]
    return parser.status, headers, bytes(parser.content), parser.is_idle


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_a_reply_is_the_same_however_its_bytes_come(data: bytes) -> None:
    """In one piece, byte by byte, and in any pieces."""
    random, expected = Random(1), by_h11(data)
    for sizes in [[len(data)], [1], *([random.randint(1, 40) for _ in range(40)] for _ in range(50))]:
        parser = parsed(data, sizes)
        assert parser.is_whole
        assert read(parser) == expected


@pytest.mark.parametrize("data", ENDLESS.values(), ids=ENDLESS)
def test_a_reply_without_a_length_ends_with_the_connection(data: bytes) -> None:
    """Until then more of it may come."""
    parser = parsed(data, [3])
    assert not parser.is_whole
    parser.end()
    assert parser.is_whole
    assert read(parser) == (*by_h11(data)[:3], False)


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_half_a_reply_is_none(data: bytes) -> None:
    """Wherever the connection ends before the last byte."""
    for count in range(len(data)):
        parser = parsed(data[:count], [max(1, count)])
        parser.end()
        assert not parser.is_whole or not parser.is_idle
        assert not parser.is_whole or bytes(parser.content) == by_h11(data)[2]


@pytest.mark.parametrize("size", [7, 1 << 20])
@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_what_is_no_reply_is_refused(data: bytes, size: int) -> None:
    """Rather than read in one of several ways."""
    with pytest.raises(BadReply):
        parsed(data, [size])


@pytest.mark.parametrize(
    "more",
    [b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"\n\r\n\r\n", b"x", b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"\0"],
)
@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_what_comes_behind_a_reply_ends_the_use_of_the_connection(data: bytes, more: bytes) -> None:
    """With it or after it: it would be taken for the reply to the next request. The reply itself is as it was."""
    for sizes in ([len(data + more)], [len(data), len(more)], [1], [len(data) - 1, 100]):
        parser = parsed(data + more, list(sizes))
        assert parser.is_whole
        assert read(parser) == (*by_h11(data)[:3], False)


def test_many_replies_come_on_one_connection() -> None:
    """Nothing of one is left for the next."""
    parser = ReplyParser()
    for data in [WHOLE["chunks"], WHOLE["length"], WHOLE["no content"], WHOLE["announced"]] * 3:
        parser.begin(MOST_BYTES)
        parser.feed(data)
        assert read(parser) == by_h11(data)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_read_is_what_another_implementation_reads(seed: int) -> None:
    """In any pieces: what h11 refuses, or waits for more of, is no whole reply; the connection is kept as h11 would."""
    random, whole = Random(seed), 0
    for _ in range(1_000):
        data = drawn(random)
        try:
            parser = parsed(data, [random.randint(1, 40) for _ in range(40)])
            if not parser.is_whole:
                parser.end()
        except BadReply:
            continue
        if parser.is_whole:
            *told, is_kept = by_h11(data)
            assert list(read(parser)[:3]) == told
            assert is_kept or not parser.is_idle
            whole += 1
    assert whole > 100
