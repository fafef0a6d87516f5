"""Azure Blob Storage: azurite at the accounts' real addresses, behind a proxy that leads all of them to it."""

import base64
import datetime
import socket
import threading

import pytest

from servers import certificates, environment
from servers.processes import Process, listening

_HOSTS = "*.blob.core.windows.net"
_PIECE = 65536
_OPTIONS = ("--silent", "--disableTelemetry", "--skipApiVersionCheck", "--inMemoryPersistence")


class AzureServer:
    """What a test needs to know of the server.

    Attributes:
        keys: the key of each account.
        environment: the variables that send an SDK here. Nothing in the code under test knows of it.
    """

    def __init__(self, process, keys, certificate):
        self._process = process
        self.keys = keys
        self._proxy = listening()
        address = f"http://127.0.0.1:{self._proxy.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()
        self.environment = {
            "HTTPS_PROXY": address,
            "https_proxy": address,
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "REQUESTS_CA_BUNDLE": str(certificate),
        }

    def connection_string(self, account):
        key = self.keys[account]
        return f"DefaultEndpointsProtocol=https;AccountName={account};AccountKey={key};EndpointSuffix=core.windows.net"

    def credentials(self, account):
        """An account's name and key, as a Prefect Secret holds them."""
        return {"ACCOUNT_NAME": account, "ACCOUNT_KEY": self.keys[account]}

    def token(self, account):
        """A shared access signature for everything in an account."""
        from azure.storage import blob

        return blob.generate_account_sas(
            account,
            self.keys[account],
            resource_types=blob.ResourceTypes(service=True, container=True, object=True),
            permission=blob.AccountSasPermissions(read=True, write=True, create=True, list=True),
            expiry=datetime.datetime.utcnow() + datetime.timedelta(hours=1),
        )

    def client(self, account):
        from azure.storage.blob import BlobServiceClient

        return BlobServiceClient.from_connection_string(self.connection_string(account))

    def make_container(self, account, name):
        self.client(account).create_container(name)

    def objects(self, account, container):
        """The names and bytes of all blobs in a container."""
        client = self.client(account).get_container_client(container)
        return {item.name: client.get_blob_client(item.name).download_blob().readall() for item in client.list_blobs()}

    def put(self, account, container, name, data):
        self.client(account).get_blob_client(container, name).upload_blob(data)

    def end(self):
        self._proxy.close()
        self._process.end()

    def _serve(self):
        while True:
            try:
                client, _ = self._proxy.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client):
        """Answer CONNECT, whatever host it names, with a connection to azurite."""
        head = b""
        while b"\r\n\r\n" not in head:
            piece = client.recv(_PIECE)
            if not piece:
                return
            head += piece
        server = socket.create_connection(("127.0.0.1", self._process.port))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        _pump(client, server)


def _pump(source, target):
    try:
        for piece in iter(lambda: source.recv(_PIECE), b""):
            target.sendall(piece)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        # The other side is gone.
        target.close()


def start(folder, keys, *options):
    """Start the server alone: over plain HTTP unless the options say otherwise.

    Args:
        folder: for its log.
        keys: the key of each account.
        options: more of azurite's.
    """
    command = [*environment.azurite(), "--blobHost", "127.0.0.1", *_OPTIONS, *options, "--blobPort"]
    accounts = ";".join(f"{name}:{key}" for name, key in keys.items())
    return Process(lambda port: [*command, str(port)], folder, environment={"AZURITE_ACCOUNTS": accounts})


def account_key(name):
    return base64.b64encode(name.encode() * 8).decode()


@pytest.fixture(scope="session")
def azure_server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("azure")
    keys = {name: account_key(name) for name in ("firstaccount", "secondaccount")}
    with environment.needed():
        key, certificate = certificates.make(_HOSTS, folder)
        process = start(folder, keys, "--key", str(key), "--cert", str(certificate))
    server = AzureServer(process, keys, certificate)
    yield server
    server.end()
