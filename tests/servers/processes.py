"""Starting a server, waiting until it answers, and ending it with all its children."""

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from made_once import UnavailableError

_ATTEMPTS = 3
_SECONDS_TO_START = 120
_SECONDS_TO_END = 8

# No proxy of this machine stands between a test and a loopback server.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def request(url, data=None, content_type="application/json", method=None):
    """Send a request to a loopback server and give the answer's body."""
    headers = {"Content-Type": content_type} if data is not None else {}
    with _opener.open(urllib.request.Request(url, data, headers, method=method), timeout=60) as answer:
        return answer.read()


def listening():
    """A socket that listens on a free port of the loopback interface."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(128)
    return server


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server in a process group of its own.

    Args:
        command: makes the command from a port.
        folder: for the log.
        health: the path that answers once the server is ready; without it an open port is enough.
        environment: more variables.
        seconds: how long it may take to start.
        cwd: its working directory, if not this process's.
    """

    def __init__(self, command, folder, health=None, environment=None, seconds=_SECONDS_TO_START, cwd=None):
        self._seconds = seconds
        self._log = folder / "server.log"
        self._health = health
        # The port may be taken between the look and the start.
        for _ in range(_ATTEMPTS):
            self.port = free_port()
            self.url = f"http://127.0.0.1:{self.port}"
            with open(self._log, "w") as log:
                self._process = subprocess.Popen(
                    command(self.port),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env={**os.environ, **(environment or {})},
                    cwd=cwd,
                    start_new_session=True,
                )
            if self._answers():
                return
            self.end()
        raise UnavailableError(f"{command(0)[0]} doesn't start: {self._log.read_text(errors='replace')[-500:]}")

    def _answers(self):
        end = time.monotonic() + self._seconds
        while time.monotonic() < end and self._process.poll() is None:
            try:
                if self._health:
                    request(self.url + self._health)
                else:
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return True
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        return False

    def is_running(self):
        return self._process.poll() is None

    def kill(self):
        """End it at once, in the middle of whatever it does."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self):
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, wanted)
                self._process.wait(_SECONDS_TO_END)
                return
            except ProcessLookupError:
                self._process.wait()
                return
            except subprocess.TimeoutExpired:
                continue
