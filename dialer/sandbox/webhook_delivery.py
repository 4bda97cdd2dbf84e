"""Posts the webhooks of calls whose end has come."""

import heapq
import http.client
import json
import threading
from collections.abc import Callable
from urllib.parse import urlsplit

from dialer.sandbox.call_lifecycle import CallLifecycle, ends_at_ms, lived
from dialer.sandbox.calls import Calls, StoredCall
from dialer.sandbox.webhooks import Post, posts_for

POST_SECONDS = 5.0
"""How long a receiver may take; a slower one has missed its webhook."""

_LOOK_SECONDS = 0.05


class WebhookDelivery:
    """Watches the ends of the calls created since its start. `start` lets a thread of its own do so until `stop`."""

    def __init__(self, calls: Calls, life: CallLifecycle, now_ms: Callable[[], int]) -> None:
        self._calls = calls
        self._life = life
        self._now_ms = now_ms
        self._seen = len(calls)
        self._due: list[tuple[int, int, StoredCall]] = []
        self._at_work = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def deliver(self) -> int:
        """Post every webhook that is due now; return how many a receiver has taken with a 2xx."""
        with self._at_work:
            for call in self._calls.since(self._seen):
                self._seen += 1
                heapq.heappush(self._due, (ends_at_ms(self._life, call.born), self._seen, call))
            taken, now_ms = 0, self._now_ms()
            while self._due and self._due[0][0] <= now_ms:
                call = heapq.heappop(self._due)[2]
                as_it_stands = lived(self._life, call.born, json.loads(call.body), now_ms)
                taken += sum(_send(post) for post in posts_for(self._life.webhooks, as_it_stands, self._life.seed))
            return taken

    def start(self) -> None:
        """Deliver as time goes by."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="sandbox-postman", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread, if there is one."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._stopping.wait(_LOOK_SECONDS):
            self.deliver()


def _send(post: Post) -> bool:
    address = urlsplit(post.url)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=POST_SECONDS)
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    try:
        connection.request("POST", path, post.body, dict(post.headers))
        return connection.getresponse().status // 100 == 2  # noqa: PLR2004 - the class of success
    except (OSError, http.client.HTTPException):
        return False  # as a vendor does: the receiver has to look for itself
    finally:
        connection.close()
