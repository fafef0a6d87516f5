"""What a large object costs in memory, on real servers: in a process of its own, of which the system keeps the peak."""

import os
import pickle
import subprocess
import sys

import pytest

from rehandle.storage import LocalStore

# Nothing here has to do with the Prefect beside it: one environment without any is enough.
pytestmark = pytest.mark.prefect(None)

# Times the object's own size, which is once in it.
LIMIT = 2.2

_SCRIPT = """
import pickle, sys

SIZE = 256 * 2**20

def peak():
    with open("/proc/self/status") as status:
        return int(status.read().partition("VmHWM:")[2].split()[0]) * 1024

action = sys.argv[1]
store, name = pickle.load(sys.stdin.buffer)
store.write(name + " small", b"x")
before = peak()
if action == "write":
    store.write(name, bytes(SIZE - 1) + b"x")
else:
    assert len(store.read(name)) == SIZE
print((peak() - before) / SIZE)
"""


def cost(store, name, action):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _SCRIPT, action],
        input=pickle.dumps((store, name)),
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux, which tells the peak")
def test_a_large_object_in_the_cloud(place):
    store = place.store()
    costs = {action: cost(store, "large", action) for action in ("write", "read")}
    # At least the object itself, or nothing was measured.
    assert all(0.9 < each <= LIMIT for each in costs.values()), costs


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux, which tells the peak")
def test_a_large_file(tmp_path):
    costs = {action: cost(LocalStore(), str(tmp_path / "large"), action) for action in ("write", "read")}
    assert all(0.9 < each <= LIMIT for each in costs.values()), costs


_READ_A_RESULT = """
import pickle, sys
from rehandle.results import LocalResult

SIZE = 64 * 2**20

def peak():
    with open("/proc/self/status") as status:
        return int(status.read().partition("VmHWM:")[2].split()[0]) * 1024

result = LocalResult(dir=sys.argv[1], location="large")
with open(sys.argv[1] + "/large", "wb") as file:
    file.truncate(SIZE)
with open(sys.argv[1] + "/large", "r+b") as file:
    file.write(pickle.dumps(bytes(8), 4)[:2] + b"B" + SIZE.to_bytes(4, "little"))
    file.seek(7 + SIZE)
    file.write(b".")
before = peak()
assert len(result.read("large").value) == SIZE
print((peak() - before) / SIZE)
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs Linux, which tells the peak")
@pytest.mark.skipif(sys.version_info < (3, 8), reason="Python 3.7 unpickles from memory alone")
def test_a_large_value_in_a_file_is_in_the_memory_once(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", _READ_A_RESULT, str(tmp_path)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    assert 0.9 < float(done.stdout) < 1.3
