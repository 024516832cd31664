"""The network of the stand: what goes in comes out, late, not at all, or with a reset."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.support.proxy import LOOPBACK, Proxy
from tests.support.waiting import until


@contextmanager
def echo() -> Iterator[int]:
    """Serve one client at a time, saying what it says."""
    with socket.create_server((LOOPBACK, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:  # closed: we are done
                    return
                with client:
                    while data := _received(client):
                        client.sendall(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join(timeout=10)


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(100)
    except ConnectionError:
        return b""


def test_a_proxy_passes_swallows_and_gives_back_what_it_held() -> None:
    with echo() as port, Proxy(port).serving() as proxy, socket.create_connection((LOOPBACK, proxy.port), 10) as client:
        client.sendall(b"one")
        assert client.recv(10) == b"one"
        proxy.swallow()
        client.sendall(b"two")
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            client.recv(10)
        client.settimeout(10)
        proxy.heal()
        assert client.recv(10) == b"two"


def test_a_black_hole_takes_new_connections_and_says_nothing() -> None:
    with echo() as port, Proxy(port).serving() as proxy:
        proxy.swallow()
        with socket.create_connection((LOOPBACK, proxy.port), 10) as client:
            client.sendall(b"anybody?")
            client.settimeout(0.2)
            with pytest.raises(TimeoutError):
                client.recv(10)
            proxy.heal()
            client.settimeout(10)
            assert client.recv(10) == b"anybody?"


def test_a_reset_breaks_what_is_connected_and_lets_others_in() -> None:
    with echo() as port, Proxy(port).serving() as proxy:
        with socket.create_connection((LOOPBACK, proxy.port), 10) as client:
            client.sendall(b"one")
            assert client.recv(10) == b"one"
            assert proxy.connections() == 1
            proxy.reset()
            with pytest.raises(ConnectionResetError):
                client.recv(10)
        until(lambda: proxy.connections() == 0, what="the proxy to forget them")
        with socket.create_connection((LOOPBACK, proxy.port), 10) as other:
            other.sendall(b"two")
            assert other.recv(10) == b"two"
