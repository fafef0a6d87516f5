"""Results: what they store, read, show and compare."""

import copy
import os
import pickle

import cloudpickle
import pendulum
from engine_rows import rows
from prefect.engine import results
from prefect.engine.result import NoResult, Result
from prefect.engine.serializers import JSONSerializer, PickleSerializer
from prefect.tasks.secrets import PrefectSecret

VALUES = (1, "text", [1, 2], {"a": (1, None)}, b"bytes", None, 0, float("inf"))


def local(**keywords):
    return results.LocalResult(os.path.abspath("files"), **keywords)


def own():
    kept = {}

    class Own(Result):
        def write(self, value_, **kwargs):
            new = self.format(**kwargs)
            new.value = value_
            kept[new.location] = value_
            return new

        def read(self, location):
            new = self.copy()
            new.value, new.location = kept[location], location
            return new

        def exists(self, location, **kwargs):
            return location.format(**kwargs) in kept

    return Own


def written(result, value=(1, "a"), **keywords):
    new = result.write(value, **keywords)
    return [type(new).__name__, new.value, new.location, result.location, result.value, new is result]


def there_and_back(make):
    return [make().read(make().write(value).location).value for value in VALUES]


def classes():
    secret = PrefectSecret("name")
    return {
        "Result": Result(value=1),
        "LocalResult": local(),
        "PrefectResult": results.PrefectResult(),
        "ConstantResult": results.ConstantResult(value=3),
        "SecretResult": results.SecretResult(secret),
        "GCSResult": results.GCSResult("bucket"),
        "S3Result": results.S3Result("bucket"),
        "AzureResult": results.AzureResult("container", connection_string="x"),
        "Own": own()(),
    }


def attributes(result):
    hidden = ("logger", "serializer", "_formatter")
    return {name: value for name, value in vars(result).items() if name not in hidden and not name.startswith("_")}


def of_each(look):
    return {name: tell(look, result) for name, result in classes().items()}


def tell(look, *arguments):
    try:
        return look(*arguments)
    except Exception as error:
        return [type(error).__name__, str(error)]


def pickled(result):
    new = cloudpickle.loads(cloudpickle.dumps(result))
    return [type(new).__name__, new == result, attributes(new)]


def with_location(look, location="a-{x}"):
    def run(result):
        result.location = location
        return look(result)

    return run


FEATURES = rows(
    {
        "each class's attributes": lambda: of_each(attributes),
        "each class's repr": lambda: of_each(repr),
        "each class is true": lambda: of_each(bool),
        "each class's hash": lambda: of_each(hash),
        "each equals its copy": lambda: of_each(lambda r: [r == copy.copy(r), r == r.copy(), r != r.copy()]),
        "none equals another": lambda: [a == b for a in classes().values() for b in classes().values()],
        "each class in a pickle": lambda: of_each(pickled),
        "each class in pickles of protocol 2": lambda: of_each(lambda r: attributes(pickle.loads(pickle.dumps(r, 2)))),
        "each class's deep copy": lambda: of_each(lambda r: attributes(copy.deepcopy(r))),
        "each class's default location": lambda: of_each(lambda r: r.default_location),
        "from_value": lambda: of_each(lambda r: attributes(r.from_value(9))),
        "from_value of one with a location": lambda: of_each(with_location(lambda r: attributes(r.from_value(9)))),
        "format": lambda: of_each(with_location(lambda r: r.format(x=1).location)),
        "format without a name": lambda: of_each(with_location(lambda r: r.format(y=1).location)),
        "format of a function": lambda: Result(location=lambda x, **kwargs: f"f-{x}").format(x=2).location,
        "format of no location": lambda: type(Result().format(x=1).location).__name__,
        "validate": lambda: of_each(lambda r: r.validate() if hasattr(r, "validate") else None),
        "write of a plain Result": lambda: Result().write(1),
        "read of a plain Result": lambda: Result().read("x"),
        "exists of a plain Result": lambda: Result().exists("x"),
        "write of a ConstantResult": lambda: results.ConstantResult(value=1).write(2),
        "read of a ConstantResult": lambda: results.ConstantResult(value=1).read("x").value,
        "exists of a ConstantResult": lambda: results.ConstantResult(value=1).exists("x"),
        "write of a SecretResult": lambda: results.SecretResult(PrefectSecret("s")).write(2),
        "exists of a SecretResult": lambda: results.SecretResult(PrefectSecret("s")).exists("s"),
        "location of a SecretResult": lambda: results.SecretResult(PrefectSecret("s")).location,
        "PrefectResult there and back": lambda: tell(there_and_back, results.PrefectResult),
        "PrefectResult's location": lambda: written(results.PrefectResult(), [1, {"a": None}]),
        "PrefectResult of what is no JSON": lambda: results.PrefectResult().write({1, 2}),
        "PrefectResult exists": lambda: [results.PrefectResult().exists(text) for text in ("1", '"a"', "a", "", "[")],
        "PrefectResult reads no JSON": lambda: results.PrefectResult().read("nothing"),
        "LocalResult there and back": lambda: there_and_back(local),
        "LocalResult with JSON": lambda: written(local(serializer=JSONSerializer()), [1, 2]),
        "LocalResult with a location": lambda: written(local(location="{a}/b"), a="x"),
        "LocalResult with a function": lambda: written(local(location=lambda a, **kwargs: a + ".x"), a="x"),
        "LocalResult in a folder of its own": lambda: written(local(location="a/b/c")),
        "LocalResult twice": lambda: [written(local(location="t"), value) for value in (1, 2)],
        "LocalResult exists": lambda: [
            local().exists(name, x=1) for name in ("nothing", "t-{x}", local().write(1).location)
        ],
        "LocalResult reads nothing": lambda: type(tell(local().read, "missing")).__name__,
        "LocalResult without a name": lambda: written(local(location="{a}"), b="x"),
        "LocalResult without a folder": lambda: results.LocalResult().dir == results.LocalResult(None).dir,
        "LocalResult in a relative folder": lambda: results.LocalResult("relative").dir,
        "LocalResult without validation": lambda: results.LocalResult("not-here", validate_dir=False).dir,
        "LocalResult with a folder that can't be": lambda: type(tell(results.LocalResult, "\0")).__name__,
        "a Result of one's own": lambda: written(own()(location="{a}-{b}"), a=1, b=2),
        "one of one's own exists": lambda: [own()().exists("x"), own()(location="x").write(1).exists("x")],
        "a location that is no text": lambda: Result(location=5),
        "a value and a location": lambda: attributes(Result(1, "there")),
        "keywords that nobody knows": lambda: Result(nobody=1),
        "S3Result without a bucket": lambda: results.S3Result(),
        "S3Result's arguments": lambda: attributes(results.S3Result("b", boto3_kwargs={"region_name": "eu"})),
        "AzureResult without a container": lambda: results.AzureResult(),
        "GCSResult without a bucket": lambda: attributes(results.GCSResult()),
        "serializers": lambda: [Result().serializer == PickleSerializer(), Result().serializer == JSONSerializer()],
        "a serializer of one's own": lambda: Result(serializer=JSONSerializer()).serializer == JSONSerializer(),
        "serializers there and back": lambda: [
            each.deserialize(each.serialize([1, "a"])) for each in (PickleSerializer(), JSONSerializer())
        ],
        "a JSONSerializer of what is no JSON": lambda: JSONSerializer().serialize(pendulum.now),
        "a PickleSerializer of what is no pickle": lambda: type(tell(PickleSerializer().deserialize, b"x")).__name__,
        "NoResult": lambda: [repr(NoResult), NoResult == NoResult, copy.copy(NoResult) == NoResult],
        "NoResult in a pickle": lambda: repr(pickle.loads(pickle.dumps(NoResult))),
        "the modules of Results": lambda: sorted(
            name for name in vars(results) if name.endswith("Result") and name != "ResultHandlerResult"
        ),
    }
)
