"""Read stored values with rehandle, on one real release of Prefect or without any: run by that Python.

Standard input: a JSON object with "objects", what `write_bytes` printed, "servers", and "ways", of "result" and
"handler".
Standard output: a line of JSON for each object and each way to read it, with what went wrong or null.
"""

import json
import sys
import warnings

import stored_sample

from rehandle import handlers, install, prefect_release, results, serializers

warnings.simplefilter("ignore")

HANDLERS = {store: name for name, store in stored_sample.STORES.items() if name.endswith("Handler")}
RESULTS = {store: name for name, store in stored_sample.STORES.items() if name.endswith("Result")}


def serializer(how):
    if how in ("bz2", "gzip", "lzma", "zlib"):
        return serializers.CompressedSerializer(serializers.PickleSerializer(), how)
    return {"json": serializers.JSONSerializer, "datetime": serializers.DateTimeSerializer}[how]()


class Readers:
    """One handler and one Result for each kind of object."""

    def __init__(self, servers):
        self._servers = servers
        self._made = {}

    def result(self, store, how):
        kwargs = {} if how in ("pickle", "inline") else {"serializer": serializer(how)}
        read = self._make(results, RESULTS[store], how, kwargs).read
        return lambda location: read(location).value

    def handler(self, store, how):
        return self._make(handlers, HANDLERS[store], how, {}).read

    def _make(self, module, name, how, kwargs):
        if (name, how) not in self._made:
            self._made[name, how] = stored_sample.make(module, name, self._servers, **kwargs)
        return self._made[name, how]


def problem(read, item):
    try:
        value = read(item["location"])
    except Exception as error:
        return repr(error)
    expected = stored_sample.VALUES[item["value"]]
    return None if value == expected else f"read {value!r} instead of {expected!r}"


def main():
    task = json.load(sys.stdin)
    if prefect_release.package_folder() is not None:
        install()
    readers = Readers(task["servers"])
    for item in task["objects"]:
        store, how = stored_sample.STORES[item["class"]], item["serializer"]
        for way in task["ways"]:
            if way == "handler" and how not in ("pickle", "inline"):
                continue  # it has no serializer
            # Handlers log what they can't read, and give None.
            outcome = problem(getattr(readers, way)(store, how), item)
            print(json.dumps(dict(item, way=way, problem=outcome)))


main()
