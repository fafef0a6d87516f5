"""Connections that break, servers that are slow, silent or killed: an error or the right value, never a wrong one."""

import contextlib
import os
import socket
import time

import pytest
from servers.proxy import Fault

from rehandle import errors
from rehandle.storage import clients, gcs

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

OLD = b"old" * 500_000
NEW = os.urandom(1_500_000)


@pytest.fixture(autouse=True)
def short_limits(monkeypatch):
    """What the limits are isn't the question here, and they are long."""
    monkeypatch.setattr(clients, "SILENCE_SECONDS", 2)
    monkeypatch.setattr(clients, "RETRIES", 0)
    monkeypatch.setattr(gcs, "RETRY_SECONDS", 1)


@pytest.fixture
def store(fragile):
    clients.forget()
    store = fragile.store()
    store.write("name", OLD)
    return store


def raises(*kinds):
    return pytest.raises(kinds, match=r"'name' in the .* 'bucket-.*': ")


def test_an_answer_that_ends_early(fragile, store):
    fragile.proxy.fault = Fault("answer", 500_000, "close")
    if fragile.name == "google":
        # Its library goes on where an answer broke off, if it does so soon enough.
        with contextlib.suppress(errors.TruncatedObjectError):
            assert store.read("name") == OLD
        return
    with raises(errors.TruncatedObjectError) as caught:
        store.read("name")
    assert type(caught.value) is errors.TruncatedObjectError


def test_an_answer_that_is_reset(fragile, store):
    fragile.proxy.fault = Fault("answer", 200_000, "reset")
    with raises(errors.StorageConnectionError):
        store.read("name")


def test_an_answer_that_ends_early_once(fragile, store, monkeypatch):
    monkeypatch.setattr(clients, "RETRIES", 2)
    clients.forget()
    assert store.read("name") == OLD
    fragile.proxy.fault = fault = Fault("answer", 500_000, "close", times=1)
    assert store.read("name") == OLD
    assert fault.times == 0


def test_an_answer_that_stops(fragile, store):
    fragile.proxy.fault = Fault("answer", 500_000, "silence")
    with raises(errors.StorageConnectionError):
        store.read("name")


@pytest.mark.parametrize("direction", ["answer", "request"])
def test_a_slow_connection(fragile, store, direction):
    fragile.proxy.fault = Fault(direction, 200_000, "slow")
    if direction == "answer":
        assert store.read("name") == OLD
    else:
        store.write("name", OLD[:500_000])
        assert store.read("name") == OLD[:500_000]


@pytest.mark.parametrize("how", ["close", "reset", "silence"])
def test_a_write_that_breaks_off_leaves_the_old_object(fragile, store, how):
    fragile.proxy.fault = Fault("request", 500_000, how)
    with raises(errors.StorageConnectionError):
        store.write("name", NEW)
    fragile.proxy.fault = None
    assert store.read("name") == OLD


def test_a_write_whose_answer_is_lost(fragile, store):
    fragile.proxy.fault = Fault("answer", 0, "close")
    with raises(errors.StorageConnectionError):
        store.write("name", NEW)
    fragile.proxy.fault = None
    assert store.read("name") in (OLD, NEW)


@pytest.mark.parametrize("action", ["read", "write"])
def test_a_server_that_is_killed(fragile, store, action):
    fragile.proxy.fault = Fault("answer" if action == "read" else "request", 500_000, fragile.server.process.kill)
    if action == "read":
        # What the proxy already had may be all of it.
        with contextlib.suppress(errors.TruncatedObjectError, errors.StorageConnectionError):
            assert store.read("name") == OLD
    else:
        with raises(errors.StorageConnectionError):
            store.write("name", NEW)
    with raises(errors.StorageConnectionError):
        store.exists("name")


@pytest.mark.parametrize("action", ["read", "write", "exists"])
def test_nobody_is_there(fragile, store, action):
    fragile.proxy.end()
    with raises(errors.StorageConnectionError):
        getattr(store, action)(*("name", NEW)[: 2 if action == "write" else 1])


def test_a_name_that_leads_nowhere(fragile, store, monkeypatch):
    """exists() answers for an object that is missing, and for nothing else."""
    fragile.proxy.fault = Fault("request", 0, "silence")
    start = time.monotonic()
    with raises(errors.StorageConnectionError):
        store.exists("name")
    assert time.monotonic() - start < 30


def test_the_proxy_itself():
    """Without this, a proxy that breaks nothing would let all tests here pass that take a right value too."""
    from servers.processes import listening
    from servers.proxy import Proxy

    with listening() as server:
        proxy = Proxy(server.getsockname()[1])
        for how, end in (("close", b""), ("reset", ConnectionResetError)):
            proxy.fault = Fault("answer", 3, how)
            with socket.create_connection(("127.0.0.1", proxy.port), timeout=5) as client:
                accepted, _ = server.accept()
                accepted.sendall(b"abcdef")
                got = b""
                try:
                    while True:
                        piece = client.recv(1)
                        if not piece:
                            break
                        got += piece
                    assert end == b""
                    assert got == b"abc"
                except ConnectionResetError:
                    assert end is ConnectionResetError
                accepted.close()
        proxy.end()
