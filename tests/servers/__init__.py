"""Real storage servers on 127.0.0.1, as session fixtures.

Google Cloud Storage is fake-gcs-server, S3 is moto with authentication switched on, Azure Blob Storage is azurite.
They live in an environment of their own (see `environment`), because they need newer Pythons than the flows do.
"""

from servers.azure import azure_server
from servers.google import google_server
from servers.s3 import s3_server

__all__ = ["azure_server", "google_server", "s3_server"]
