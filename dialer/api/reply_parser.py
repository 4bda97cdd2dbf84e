"""Makes replies of the bytes that come on one connection, by llhttp, the parser of Node.js.

Of a call's half millisecond of processor time, h11 in Python took 80 µs and this takes 7 (measured). llhttp refuses
more: a length beside chunks, and lines that end without a carriage return. It takes more as well, blank lines and
other protocols before a reply, so the first line is judged here.
"""

import re
from http import HTTPStatus

import httptools

MAX_HEAD_BYTES = 100 * 1024
"""The longest head of a reply that is read, with all that comes before it."""

CHUNK_OVERHEAD = 8
"""So many bytes a reply may take for each byte of its content: one in a chunk of its own takes six."""

_BLANK_LINE = b"\r\n\r\n"
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [1-9]\d\d(?: [\t\x20-\x7E\x80-\xFF]*)?\r\n")
"""RFC 9112, section 4, in the versions that are understood; many servers leave out the last blank."""


class BadReply(Exception):
    """What came is no reply, or longer than one should be."""


class ReplyParser:
    """Takes one reply after the other: `begin`, then `feed` until it `is_whole`.

    `is_idle`: no reply is under way, the last was whole with nothing behind it, and the server keeps the connection.
    """

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self.begin(0)
        self.is_idle = True

    def begin(self, most_bytes: int) -> None:
        """Expect the reply to a request, with *most_bytes* of content at most."""
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.content = bytearray()
        self.is_idle = self.is_whole = self._has_head = self._is_kept = False
        self._most_bytes, self._came = most_bytes, 0
        self._waiting = b""  # a head, as far as it has come
        self._is_chunked = False
        self._left: int | None = None  # of a content that tells its length

    def feed(self, data: bytes) -> None:
        """Take what came. Raises `BadReply`; what comes behind a whole reply ends only the connection's use."""
        if self.is_whole:
            self.is_idle = False
            return
        self._came += len(data)
        if not self._has_head:
            data = self._feed_heads(self._waiting + data)
        if self._has_head and not self.is_whole:
            data = self._feed_content(data)
        most = MAX_HEAD_BYTES + (CHUNK_OVERHEAD * self._most_bytes if self._has_head else 0)
        if len(self.content) > self._most_bytes or self._came > most:
            raise BadReply("it is longer than any reply should be")
        self.is_idle = self.is_whole and self._is_kept and not data

    def _feed_heads(self, data: bytes) -> bytes:
        """Parse the head, and those that only announce it; return what lies behind, which llhttp would pass over."""
        while not self._has_head and (end := data.find(_BLANK_LINE) + len(_BLANK_LINE)) >= len(_BLANK_LINE):
            if not _STATUS_LINE.match(data):
                raise BadReply("it is in another protocol")
            self._parse(data[:end])
            data = data[end:]
        self._waiting = b"" if self._has_head else data
        return data

    def _feed_content(self, data: bytes) -> bytes:
        """Parse more of the content; return what lies behind it."""
        if self._left is not None:
            self._left, part, data = max(0, self._left - len(data)), data[: self._left], data[self._left :]
            self._parse(part)
            return data
        self._parse(data[:-1])
        if self.is_whole:
            return data[-1:]
        self._parse(data[-1:])
        return b""

    def _parse(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.is_whole:
                raise BadReply("it breaks the rules of HTTP") from error

    def end(self) -> None:
        """Hear that nothing more comes: so ends a reply that does not tell its length."""
        self.is_idle = False
        self.is_whole |= self._has_head and self._left is None and not self._is_chunked

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header; httptools calls this, and those below. What is said behind the content is not asked for."""
        if not self._has_head:
            self.headers.append((name, value.strip()))

    def on_headers_complete(self) -> None:
        """Take the status; one below 200 announces that another reply follows."""
        if self.is_whole:
            return
        self.status = self._parser.get_status_code()
        if self.status == HTTPStatus.SWITCHING_PROTOCOLS:
            raise BadReply("it is in another protocol")
        self._has_head = self.status >= HTTPStatus.OK
        if not self._has_head:
            self.headers.clear()
        for name, value in self.headers:
            if name.lower() == b"content-length":
                self._left = int(value)
            if name.lower() == b"transfer-encoding":
                if self._is_chunked or value.lower() != b"chunked":
                    raise BadReply("it is packed in a way that nobody asked for")
                self._is_chunked = True

    def on_body(self, body: bytes) -> None:
        """Take a part of the content."""
        if not self.is_whole:
            self.content += body

    def on_message_complete(self) -> None:
        """Take the end of a reply."""
        if self._has_head and not self.is_whole:
            self.is_whole = True
            self._is_kept = self._parser.should_keep_alive() and self._parser.get_http_version() == "1.1"
