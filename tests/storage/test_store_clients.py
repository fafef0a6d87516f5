"""Clients are made once for each thread and process, and nothing is lost or mixed between them."""

import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from rehandle.storage import clients

SECRET = "STORAGE_CREDENTIALS"
THREADS = 16
RESULTS_OF_EACH = 100


def content(number):
    """Bytes that no other number has."""
    return b"%d," % number * (1 + number % 50)


def store_and_read(store, numbers):
    """Write some objects, read them back, and list those that were wrong or missing."""
    for number in numbers:
        store.write(f"number-{number}", content(number))
    return [
        number for number in numbers if not store.exists(f"number-{number}") or read(store, number) != content(number)
    ]


def read(store, number):
    return store.read(f"number-{number}")


def exit_with(function, *arguments):
    """End a forked child: 0 if the function returned nothing wrong."""
    code = 1
    try:
        code = 1 if function(*arguments) else 0
    finally:
        # Nothing of pytest's runs in the child.
        os._exit(code)


def wait_for(child):
    _, status = os.waitpid(child, 0)
    return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1


# Takes a minute, and has nothing to do with the Prefect beside it.
@pytest.mark.prefect(None)
def test_many_threads_lose_and_mix_nothing(place):
    store = place.store()
    shares = [range(first, THREADS * RESULTS_OF_EACH, THREADS) for first in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(lambda share: store_and_read(store, share), shares)) == [[]] * THREADS


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_forked_child_makes_its_own_client(place):
    store = place.store()
    assert store_and_read(store, range(5)) == []
    child = os.fork()
    if child == 0:
        exit_with(store_and_read, store, range(100, 140))
    # At the same time: on a shared connection the answers would be mixed.
    assert store_and_read(store, range(200, 240)) == []
    assert wait_for(child) == 0
    assert store_and_read(store, range(5)) == []
    assert [n for n in range(100, 140) if read(store, n) != content(n)] == []


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_processes_of_multiprocessing(place, method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    store = place.store()
    assert store_and_read(store, range(5)) == []
    shares = [range(first, 20, 2) for first in range(2)]
    with multiprocessing.get_context(method).Pool(2) as pool:
        assert pool.starmap(store_and_read, [(store, share) for share in shares]) == [[]] * 2
    assert [n for n in range(20) if read(store, n) != content(n)] == []


def test_connections_are_reused(fragile):
    if fragile.name == "s3":
        pytest.skip("moto closes each connection itself")
    assert store_and_read(fragile.store(), range(2)) == []
    before = fragile.proxy.connections
    assert store_and_read(fragile.store(), range(10)) == []
    assert fragile.proxy.connections == before


def in_a_thread(function):
    found = []
    thread = threading.Thread(target=lambda: found.append(function()))
    thread.start()
    thread.join()
    return found[0]


def test_a_client_belongs_to_one_thread_and_configuration(s3):
    keys = {"aws_access_key_id": "x", "aws_secret_access_key": "hidden"}
    arguments = {**s3.server.boto3_kwargs, **keys}
    client = clients.s3_client(None, arguments)
    assert clients.s3_client(None, arguments) is client
    assert clients.s3_client(None, {**arguments, "region_name": "eu-west-1"}) is not client
    assert clients.s3_client(None, arguments) is client
    assert in_a_thread(lambda: clients.s3_client(None, arguments)) is not client
    clients.forget()
    assert clients.s3_client(None, arguments) is not client


def test_a_session_of_ones_own_is_one_configuration(s3):
    """It can't be pickled, and so not compared with another."""
    import botocore.session

    arguments = {**s3.server.boto3_kwargs, "botocore_session": botocore.session.get_session()}
    client = clients.s3_client(None, arguments)
    assert clients.s3_client(None, dict(arguments)) is client
    other = {**arguments, "botocore_session": botocore.session.get_session()}
    assert clients.s3_client(None, other) is not client


def test_clients_of_other_secrets_are_others(backend, secrets):
    secrets[SECRET] = backend.right
    backend.store(SECRET).write("x", b"value")
    secrets[SECRET] = backend.wrong
    with pytest.raises(Exception, match=r"denies it|refuses"):
        backend.store(SECRET).read("x")
    secrets[SECRET] = backend.right
    assert backend.store(SECRET).read("x") == b"value"


def test_no_more_clients_are_kept_than_a_thread_needs(s3):
    made = [clients.s3_client(None, {**s3.server.boto3_kwargs, "region_name": f"region-{n}"}) for n in range(40)]
    assert clients.s3_client(None, {**s3.server.boto3_kwargs, "region_name": "region-39"}) is made[39]
    assert clients.s3_client(None, {**s3.server.boto3_kwargs, "region_name": "region-0"}) is not made[0]
