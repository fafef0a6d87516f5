"""What the writers write and the readers expect. Every release imports it, on Python 3.7 and later."""

import datetime
import inspect


class Point:
    """A class of the flow's own, which both sides can import."""

    def __init__(self, x, y):
        self.x, self.y = x, y

    def __eq__(self, other):
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None

    def __repr__(self):
        return f"Point({self.x}, {self.y})"


VALUES = {
    "integer": 7,
    "text": "é☃\n",
    "bytes": b"\x00\x80\xff",
    "nested": {"list": [1, 2.5, {"deep": ["é", False]}]},
    "datetime": datetime.datetime(2020, 1, 2, 3, 4, 5, 678901, tzinfo=datetime.timezone.utc),
    "object": Point(1, [2]),
}

ALL = tuple(VALUES)
# For each serializer what it can hold. Compression is around a pickle; "inline" is JSON that is itself the location.
VALUES_OF = {
    "pickle": ALL,
    "inline": ("integer", "text", "nested"),
    "json": ("integer", "text", "nested"),
    "datetime": ("datetime",),
    "bz2": ("nested",),
    "gzip": ("nested",),
    "lzma": ("nested",),
    "zlib": ("nested",),
}

# For each class where it stores.
STORES = {
    "LocalResultHandler": "local",
    "JSONResultHandler": "inline",
    "GCSResultHandler": "google",
    "S3ResultHandler": "s3",
    "AzureResultHandler": "azure",
    "LocalResult": "local",
    "PrefectResult": "inline",
    "GCSResult": "google",
    "S3Result": "s3",
    "AzureResult": "azure",
}


def make(module, name, servers, **kwargs):
    """An instance of a handler or Result that reaches the tests' servers.

    Args:
        module: where the classes are.
        name: the class.
        servers: for each store what leads there.
        kwargs: more arguments.
    """
    cls = getattr(module, name)
    store = STORES[name]
    settings = servers.get(store)
    if store == "local":
        return cls(dir=settings["folder"], **kwargs)
    if store == "inline":
        return cls(**kwargs)
    if store == "google":
        if name == "GCSResult":
            if not hasattr(cls, "default_location"):
                kwargs["credentials_secret"] = None  # Prefect 0.10 insists on it
            return cls(settings["bucket"], **kwargs)
        return _google_handler(cls, settings)
    if store == "s3":
        if name == "S3Result":
            return cls(settings["bucket"], boto3_kwargs=dict(settings["boto3_kwargs"]), **kwargs)
        return _s3_handler(cls, settings)
    if name == "AzureResult":
        return cls(settings["container"], connection_string=settings["connection_string"], **kwargs)
    return _azure_handler(cls, settings)


# Old handlers can't be told an address: they get their client by their public attribute.


def _google_handler(cls, settings):
    from google.cloud import storage
    from google.oauth2.service_account import Credentials

    handler = cls(settings["bucket"])
    credentials = Credentials.from_service_account_info(settings["credentials"])
    handler.gcs_bucket = storage.Client("tests", credentials).bucket(settings["bucket"])
    return handler


def _s3_handler(cls, settings):
    import boto3

    if "boto3_kwargs" in inspect.signature(cls).parameters:
        # Since 0.10.1, where a client that was set isn't always used.
        return cls(settings["bucket"], boto3_kwargs=dict(settings["boto3_kwargs"]))
    handler = cls(settings["bucket"])
    handler.client = boto3.client("s3", **settings["boto3_kwargs"])
    return handler


def _azure_handler(cls, settings):
    from azure.storage import blob

    handler = cls(settings["container"])
    service = getattr(blob, "BlockBlobService", None)
    if service is not None:
        handler.service = service(connection_string=settings["connection_string"])
    else:
        handler.service = blob.BlobServiceClient.from_connection_string(settings["connection_string"])
    return handler
