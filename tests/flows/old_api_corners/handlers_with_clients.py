"""Handlers with clients of the user's own"""

import types

import prefect
from handlers_in_use import stores
from prefect.engine.result_handlers import AzureResultHandler, GCSResultHandler, S3ResultHandler


class StrictS3:
    """A client that takes no other calls than those of Prefect 0.10."""

    def __init__(self):
        self.kept = {}

    def upload_fileobj(self, Fileobj, Bucket, Key):  # noqa: N803
        self.kept[Bucket, Key] = Fileobj.read()

    def download_fileobj(self, Bucket, Key, Fileobj):  # noqa: N803
        Fileobj.write(self.kept[Bucket, Key])


class StrictBlob:
    def __init__(self, kept, name):
        self.kept, self.name = kept, name

    def upload_from_string(self, data):
        self.kept[self.name] = data

    def download_as_string(self):
        return self.kept[self.name].encode()


class StrictBucket:
    def __init__(self):
        self.kept = {}

    def blob(self, name):
        return StrictBlob(self.kept, name)


class StrictAzure:
    def __init__(self):
        self.kept = {}

    def create_blob_from_text(self, container_name, blob_name, text):
        self.kept[container_name, blob_name] = text

    def get_blob_to_text(self, container_name, blob_name):
        return types.SimpleNamespace(content=self.kept[container_name, blob_name])


CLOUDS = (
    (S3ResultHandler, "client", "initialize_client", StrictS3),
    (GCSResultHandler, "gcs_bucket", "initialize_client", StrictBucket),
    (AzureResultHandler, "service", "initialize_service", StrictAzure),
)


def in_cloud(how):
    outcomes = []
    for cls, attribute, maker, client in CLOUDS:
        for of_flow in (False, True):
            fake = client()
            handler = how(cls, attribute, maker, fake)
            # Prefect's own handler for S3 makes a new client where the context has none.
            with prefect.context(boto3client=fake):
                found = stores(handler, of_flow)
                ((kept, data),) = fake.kept.items()
                read = handler.read(kept if isinstance(kept, str) else kept[1])
            outcomes.append([found[:2], found[2] is not None, type(kept).__name__, len(data), read])
    return outcomes


def set_on_handler(cls, attribute, maker, fake):
    handler = cls("bucket")
    setattr(handler, attribute, fake)
    return handler


def set_in_constructor(cls, attribute, maker, fake):
    class Own(cls):
        def __init__(self):
            super().__init__("bucket")
            setattr(self, attribute, fake)

    return Own()


def by_property(cls, attribute, maker, fake):
    return type("Own", (cls,), {attribute: property(lambda self: fake)})("bucket")


def by_maker(cls, attribute, maker, fake):
    return type("Own", (cls,), {maker: lambda self: setattr(self, attribute, fake)})("bucket")


def by_own_maker(cls, attribute, maker, fake):
    handler = cls("bucket")
    setattr(handler, maker, lambda: setattr(handler, attribute, fake))
    getattr(handler, maker)()
    return handler


def clients():
    return [in_cloud(how) for how in (set_on_handler, set_in_constructor, by_property, by_own_maker)]


def service_of_s3():
    try:
        S3ResultHandler("bucket", boto3_kwargs={"service_name": "sqs"})
    except (AssertionError, TypeError) as error:
        return type(error).__name__
    return "made"


FEATURES = {
    "A client of one's own": clients,
    "`service_name` for boto3": service_of_s3,
}
