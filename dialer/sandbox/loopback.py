"""Where the stand-in listens: on this machine and nowhere else."""

import ipaddress
import socket

LOOPBACK = "127.0.0.1"


def loopback(host: str) -> str:
    """Return the address of *host*. Raises `ValueError` when that is not surely of this machine."""
    if host == "localhost":
        return LOOPBACK
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass  # a name: it could resolve to anything
    raise ValueError("the sandbox listens only on this machine: give localhost, 127.0.0.1 or ::1 as the host")


def listen(address: tuple[str, int]) -> socket.socket:
    """Listen at *address*; port 0 takes a free one. Raises `OSError` when it cannot be had."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    listener = socket.create_server(address, family=family, backlog=2048)
    # Accepted connections inherit it; asyncio sets it only on sockets it made itself, and without it each
    # reply waits 40 ms for the client's delayed acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def base_url(listener: socket.socket) -> str:
    """Return the base address that *listener* is reached by."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
