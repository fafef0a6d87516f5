"""A TCP proxy on 127.0.0.1 that breaks connections where a test says so."""

import socket
import struct
import threading

from servers.processes import listening

_PIECE = 16384
_RESET = struct.pack("ii", 1, 0)


class Fault:
    """What goes wrong with each connection.

    Args:
        direction: `request` (to the server) or `answer` (from it).
        after: how many bytes of a connection pass before.
        how: `close`, `reset`, `silence` (nothing more comes), `slow` (a pause between pieces), or a function that
            is called.
        times: how many connections it happens to; all of them if None.
    """

    def __init__(self, direction, after, how, times=None):
        self.direction = direction
        self.after = after
        self.how = how
        self.times = times


class Proxy:
    """Passes everything on to a port.

    Attributes:
        port: where it listens.
        target: the server's port.
        fault: what goes wrong from now on, or None.
        connections: how many there were.
    """

    def __init__(self, target=None):
        self.target = target
        self.fault = None
        self.connections = 0
        self._ended = threading.Event()
        self._pairs = []
        self._listening = listening()
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def end(self):
        self._ended.set()
        _end((self._listening,))
        for pair in self._pairs:
            _end(pair)

    def _serve(self):
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        try:
            server = socket.create_connection(("127.0.0.1", self.target))
        except OSError:
            client.close()
            return
        pair = (client, server)
        self._pairs.append(pair)
        threading.Thread(target=self._pump, args=(server, client, "answer", pair), daemon=True).start()
        self._pump(client, server, "request", pair)

    def _pump(self, source, target, direction, pair):
        fault, passed = None, 0
        try:
            for piece in iter(lambda: source.recv(_PIECE), b""):
                if self.fault is not fault:
                    fault, passed = self.fault, 0
                if fault is None or fault.direction != direction:
                    target.sendall(piece)
                    continue
                room = max(fault.after - passed, 0)
                target.sendall(piece[:room])
                passed += len(piece)
                if passed > fault.after and not self._fail(fault, pair):
                    return
                target.sendall(piece[room:])
            target.shutdown(socket.SHUT_WR)
        except OSError:
            # The other side is gone.
            _end(pair)

    def _fail(self, fault, pair):
        """Let it go wrong, and tell whether the connection goes on."""
        if fault.times is not None:
            if fault.times == 0:
                return True
            fault.times -= 1
        how = fault.how
        if how == "slow":
            self._ended.wait(0.02)
            return True
        if callable(how):
            how()
            return True
        if how == "silence":
            self._ended.wait()
        _end(pair, reset=how == "reset")
        return False


def _end(pair, reset=False):
    for side in pair:
        try:
            if reset:
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            # Another thread may be waiting for something: close() alone would wait for that.
            side.shutdown(socket.SHUT_RD if reset else socket.SHUT_RDWR)
        except OSError:
            continue
        finally:
            side.close()
