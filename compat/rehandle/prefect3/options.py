"""``prefect_3``: the options of a task of Prefect 1.x as those of Prefect 3."""

import datetime
import importlib
from typing import Any, Dict, Optional

from prefect import cache_policies, serializers
from prefect.blocks.core import Block

from rehandle import mapping, prefect_3_options
from rehandle.errors import RehandleError
from rehandle.prefect3.storages import name_of


def prefect_3(
    *,
    result: Any = None,
    result_handler: Any = None,
    target: Optional[str] = None,
    checkpoint: Optional[bool] = None,
    cache_for: Optional[datetime.timedelta] = None,
    storage: Any = None,
    **others: Any,
) -> Dict[str, Any]:
    """Give the keywords of Prefect 3's ``@task`` that do what these did in Prefect 1.x.

    ``@task(**prefect_3(result=LocalResult("/data"), target="{n}.pkl", storage="old-results/data"))`` finds the files
    that ``@task(result=LocalResult("/data"), target="{n}.pkl")`` has stored, if the block ``old-results/data`` is an
    `OldResults` over that folder.

    Args:
        result: the Result of `rehandle.results`. What it says of a folder, bucket or credentials is said by the block
            in Prefect 3, and isn't compared with it.
        result_handler: the handler of `rehandle.handlers`, instead.
        target: the template of where the value lies.
        checkpoint: whether to store the value.
        cache_for: how long it is reused. Old files have no end, and stay hits. Without a target, Prefect 3 computes the
            value anew for other inputs, which Prefect 1.x did with ``cache_validator=all_inputs`` alone.
        storage: a saved block or its name, such as ``"old-results/data"``. Without, the task has the one of its flow,
            or Prefect's default.
        **others: nothing: an option that has another name in Prefect 3 is refused with that name.

    Returns:
        The keywords.

    Raises:
        RehandleError: Prefect 3 can't do what an option did. The message says what to write.
        TypeError: an argument is of the wrong type, or none of these.
    """
    if others:
        name = min(others)
        advice = prefect_3_options.OTHER_OPTIONS.get(name, "it is no option of a task's result: write it beside it")
        raise TypeError(f"prefect_3() takes no {name}=: {advice.format(cache_key=others[name])}.")
    if result is not None and result_handler is not None:
        raise RehandleError("result= and result_handler= are both given: leave one of them out.")
    keywords = _of_result(result) if result_handler is None else _of_handler(result_handler)
    if [result, result_handler, target, checkpoint, cache_for, storage] == [None] * 6:
        return {}
    if checkpoint is False or not keywords.get("persist_result"):
        if target is not None:
            raise RehandleError(
                "target= without storing anything: Prefect 1.x reads such a file if it is there, and never writes it. "
                "Leave target= out, or read the file in the task."
            )
        return {"persist_result": False} if keywords else {}
    keywords.update(_of_name_and_cache(result, target, cache_for))
    if storage is not None:
        keywords["result_storage"] = _reference(storage)
    return keywords


def _of_result(result: Any) -> Dict[str, Any]:
    if result is None:
        return {"persist_result": True}
    options = prefect_3_options.RESULTS.get(type(result).__name__)
    if options is None or not _is_own(result):
        raise RehandleError(
            f"result={_class(result)}: only rehandle's own Results are known. A class of your own reads and writes "
            "as you say: write a block (WritableFileSystem) or a serializer of Prefect 3 that does so."
        )
    keywords = _keywords(options)
    if getattr(result, "upload_options", None):
        raise RehandleError("upload_options of S3Result: S3Bucket has none. Set them as defaults of the bucket.")
    return {**keywords, **_of_serializer(result.serializer)} if options.block else keywords


def _of_handler(handler: Any) -> Dict[str, Any]:
    row = mapping.HANDLERS.get(type(handler).__name__)
    if row is None or not _is_own(handler):
        raise RehandleError(
            f"result_handler={_class(handler)}: only rehandle's own handlers are known. "
            f"{prefect_3_options.RESULTS['ResultHandlerResult'].refused}."
        )
    return _keywords(prefect_3_options.RESULTS[row.result])


def _keywords(options: prefect_3_options.ResultOptions) -> Dict[str, Any]:
    if options.refused:
        raise RehandleError(f"{options.refused}.")
    return {name: _value(source) for name, source in options.keywords.items()}


def _is_own(one: Any) -> bool:
    return type(one).__module__.split(".")[0] == "rehandle"


def _class(one: Any) -> str:
    return f"{type(one).__module__}.{type(one).__name__}"


def _of_serializer(serializer: Any) -> Dict[str, Any]:
    name = type(serializer).__name__
    if name == "CompressedSerializer":
        inner = _of_serializer(serializer._serializer).get("result_serializer", "pickle")
        library = _library(serializer)
        return {"result_serializer": serializers.CompressedSerializer(serializer=inner, compressionlib=library)}
    options = prefect_3_options.SERIALIZERS.get(name)
    if options is None or not _is_own(serializer):
        raise RehandleError(f"serializer={_class(serializer)} is a class of your own: write a Serializer of Prefect 3.")
    if options.refused:
        raise RehandleError(f"{name}: {options.refused}.")
    return {"result_serializer": _value(options.result_serializer)} if options.result_serializer else {}


def _library(serializer: Any) -> str:
    for name in prefect_3_options.COMPRESSION_LIBRARIES:
        library = importlib.import_module(name)
        if (serializer._compress, serializer._decompress) == (library.compress, library.decompress):
            if serializer._compress_kwargs or serializer._decompress_kwargs:
                break
            return name
    raise RehandleError(
        "CompressedSerializer with functions or arguments of your own: Prefect 3 takes the name of a module alone "
        '(compressionlib="gzip").'
    )


def _of_name_and_cache(result: Any, target: Any, cache_for: Any) -> Dict[str, Any]:
    # A function is where a Result keeps what formats its location.
    location = getattr(result, "_formatter", None) or getattr(result, "location", None)
    for option, template in (("target", target), ("location", location)):
        if template is not None and not isinstance(template, str):
            raise RehandleError(f"{option}= is a function: Prefect 3 takes a template alone, for str.format.")
    if cache_for is not None and not isinstance(cache_for, datetime.timedelta):
        raise TypeError(f"cache_for= takes a timedelta, and got {type(cache_for).__name__}.")
    expires = {} if cache_for is None else {"cache_expiration": cache_for}
    if target is not None:
        return {"result_storage_key": prefect_3_options.storage_key(target, "target"), **expires}
    if location is not None:
        if expires:
            raise RehandleError(
                "cache_for= with a location: in Prefect 3 either a key or a cache policy names what is reused. Make "
                "the location the target, or leave it out."
            )
        # What is written is read by others, not by the next run.
        return {"result_storage_key": prefect_3_options.storage_key(location, "location"), "refresh_cache": True}
    if expires:
        return {"cache_policy": cache_policies.INPUTS + cache_policies.TASK_SOURCE, **expires}
    return {"result_storage_key": "{task_run.id}"}


def _reference(storage: Any) -> Any:
    if isinstance(storage, str) and storage.count("/") == 1 and not storage.startswith("/"):
        return storage
    if isinstance(storage, Block):
        if name_of(storage) is None:
            raise RehandleError("storage= is a block that isn't saved: save it under a name, and give that.")
        return storage
    raise TypeError(f'storage= takes a saved block or its name, such as "old-results/data", and got {storage!r}.')


def _value(source: str) -> Any:
    return {"True": True, "False": False}.get(source, source.strip('"'))
