"""Store values with one real release of Prefect and nothing else: run by that release's Python.

Standard input: a JSON object with "what", a list of a class and a serializer each, and "servers".
Standard output: a line of JSON for each object that was written.
"""

import json
import os
import sys
import warnings

import stored_sample

warnings.simplefilter("ignore")


def serializer(name):
    from prefect.engine import serializers

    if name in ("bz2", "gzip", "lzma", "zlib"):
        return serializers.CompressedSerializer(serializers.PickleSerializer(), name)
    return {"json": serializers.JSONSerializer, "datetime": getattr(serializers, "DateTimeSerializer", None)}[name]()


def writer(cls, how, servers):
    """A function that stores a value under some name, and gives its location."""
    if cls.endswith("Handler"):
        from prefect.engine import result_handlers

        handler = stored_sample.make(result_handlers, cls, servers)
        return lambda value, name: handler.write(value)
    from prefect.engine import results

    result = stored_sample.make(results, cls, servers)
    if how not in ("pickle", "inline"):
        result.serializer = serializer(how)

    def write(value, name):
        if not hasattr(result, "default_location"):
            # The half-finished Results of Prefect 0.10.
            result.location = os.path.join(getattr(result, "dir", ""), f"{cls}-{name}")
        return result.write(value).location

    return write


def main():
    task = json.load(sys.stdin)
    for cls, how in task["what"]:
        write = writer(cls, how, task["servers"])
        for name in stored_sample.VALUES_OF[how]:
            location = write(stored_sample.VALUES[name], name)
            print(json.dumps({"class": cls, "serializer": how, "value": name, "location": location}))


main()
