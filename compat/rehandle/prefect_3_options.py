"""What options of Prefect 1.x become in Prefect 3: one table for ``prefect_3``, codemods, error texts and docs.

Nothing here imports Prefect. The names on the right are those of Prefect 3.2 and later.
"""

import string
from typing import Dict, List, NamedTuple, Optional, Tuple

from rehandle.errors import RehandleError


class ResultOptions(NamedTuple):
    """What one class of Results becomes.

    Attributes:
        keywords: the keywords of ``@task`` and ``@flow`` that always come with it, as source.
        block: the block to save under a name, as source: the Result's arguments are named as in Prefect 1.x. Empty
            where nothing is stored.
        refused: why there is nothing of the kind, and what to write; empty where there is.
    """

    keywords: Dict[str, str]
    block: str = ""
    refused: str = ""


_STORED = {"persist_result": "True"}

RESULTS: Dict[str, ResultOptions] = {
    "LocalResult": ResultOptions(_STORED, "LocalFileSystem(basepath=dir)"),
    "S3Result": ResultOptions(_STORED, "S3Bucket(bucket_name=bucket, credentials=AwsCredentials())"),
    "GCSResult": ResultOptions(_STORED, "GcsBucket(bucket=bucket, gcp_credentials=GcpCredentials())"),
    "AzureResult": ResultOptions(
        _STORED,
        "AzureBlobStorageContainer(container_name=container, "
        "credentials=AzureBlobStorageCredentials(connection_string=connection_string))",
    ),
    # The value was in the state, and no file has it.
    "PrefectResult": ResultOptions({**_STORED, "result_serializer": '"json"'}, "LocalFileSystem(basepath=dir)"),
    "SecretResult": ResultOptions({"persist_result": "False"}),
    "ConstantResult": ResultOptions({}),
    "Result": ResultOptions({}, refused="the base class stores nothing: leave it out, or write persist_result=False"),
    "ResultHandlerResult": ResultOptions(
        {}, refused="Prefect 3 has no handlers: write a block that reads and writes as yours does (WritableFileSystem)"
    ),
}
"""By class name. A handler is what ``rehandle.mapping`` says that it becomes."""


class SerializerOptions(NamedTuple):
    """What one class of serializers becomes.

    Attributes:
        result_serializer: the value of that keyword, as source; empty for Prefect 3's default, which is a pickle.
        refused: why there is nothing of the kind, and what to write; empty where there is.
    """

    result_serializer: str = ""
    refused: str = ""


SERIALIZERS: Dict[str, SerializerOptions] = {
    "PickleSerializer": SerializerOptions(),
    "JSONSerializer": SerializerOptions('"json"'),
    # No serializer of Prefect 3 writes a datetime alone, and a pickle of it has the same value.
    "DateTimeSerializer": SerializerOptions(),
    "PandasSerializer": SerializerOptions(
        refused="Prefect 3 has no serializer for tables: leave it out, and new tables are pickled. Old ones are read"
    ),
    "HMACSerializer": SerializerOptions(refused="Prefect 3 can't sign results. Old ones are verified: leave it out"),
}

COMPRESSED = 'CompressedSerializer(serializer={inner}, compressionlib="{library}")'
"""What ``CompressedSerializer`` becomes. It is imported from ``prefect.serializers``, whose default is lzma."""

COMPRESSION_LIBRARIES = ("bz2", "gzip", "lzma", "zlib")

_START = "flow_run.scheduled_start_time"

FIELDS: Dict[str, str] = {
    "flow_name": "flow_run.flow_name",
    "flow_run_id": "flow_run.id",
    "flow_run_name": "flow_run.name",
    "task_name": "task_run.task_name",
    "task_run_count": "task_run.run_count",
    "task_run_id": "task_run.id",
}
"""Fields of a target or location that stand for the same in Prefect 3's ``result_storage_key``."""

DATES = ("date", "scheduled_start_time")
"""Fields that need a format: what they are without one has microseconds, and is written otherwise in Prefect 3."""

FORMATTED = {"today": f"{_START}:%Y-%m-%d", "today_nodash": f"{_START}:%Y%m%d"}
"""Fields whose text becomes a format."""

_NO_RELATIVE_DAY = "Prefect 3 knows no other day than that of the run: give the task the day as an input"
_NO_SUCH_FIELD = "Prefect 3 has nothing of the kind: give the task an input, and use its name"

REFUSED_FIELDS: Dict[str, str] = {
    "map_index": "Prefect 3 doesn't number mapped runs: use the name of an input that differs",
    "task_slug": "Prefect 3 has no slugs: write {task_name}, or give the task an input",
    "task_full_name": "Prefect 3's name of a task run has a part that is new each time: write {task_name}",
    "task_loop_count": "Prefect 3 has no LOOP: give the task an input that counts",
    "task_loop_result": "Prefect 3 has no LOOP: give the task an input",
    "task_tags": "Prefect 3 writes tags as a list, Prefect 1.x as a set, so no old file would be found: leave it out",
    "filename": "it was the word output, and only in Prefect 0.11 and 0.12: write that",
    "tomorrow": _NO_RELATIVE_DAY,
    "tomorrow_nodash": _NO_RELATIVE_DAY,
    "yesterday": _NO_RELATIVE_DAY,
    "yesterday_nodash": _NO_RELATIVE_DAY,
    **dict.fromkeys(
        (
            "caches",
            "checkpointing",
            "config",
            "flow_id",
            "flow_run_version",
            "logger",
            "project_id",
            "project_name",
            "task_id",
            "task_run_name",
            "task_run_version",
        ),
        _NO_SUCH_FIELD,
    ),
}
"""Fields that Prefect 3 has nothing for, and what to write."""

_ROOT = string.Formatter()


class CacheValidator(NamedTuple):
    """What a cache validator of Prefect 1.x becomes.

    Attributes:
        cache_policy: the value of that keyword, as source; empty where there is none.
        cache_key_fn: the value of that keyword, as source; empty where there is none.
    """

    cache_policy: str = ""
    cache_key_fn: str = ""


CACHE_VALIDATORS: Dict[str, CacheValidator] = {
    "all_inputs": CacheValidator("INPUTS + TASK_SOURCE"),
    "all_parameters": CacheValidator("FLOW_PARAMETERS + TASK_SOURCE"),
    "duration_only": CacheValidator(cache_key_fn='lambda *_: "{name}"'),
}
"""By function name. Policies are imported from ``prefect.cache_policies``; ``{name}`` is the task's.

Without the source of the task, two tasks with equal inputs would get each other's values: Prefect 1.x kept the caches
of each task apart.
"""

OTHER_OPTIONS: Dict[str, str] = {
    "cache_key": "write cache_key_fn=lambda *_: {cache_key!r}",
    "cache_validator": "write cache_policy=INPUTS + TASK_SOURCE, or FLOW_PARAMETERS + TASK_SOURCE for all_parameters",
    "max_retries": "write retries=",
    "name": "write name= beside it",
    "retry_delay": "write retry_delay_seconds=",
    "serializer": "give it to the Result",
    "location": "give it to the Result",
    "tags": "write tags= beside it",
    "timeout": "write timeout_seconds=",
    "trigger": "Prefect 3 has no triggers: call the task where it is to run",
}
"""Options of a task that are no options of its result, and what to write in Prefect 3."""


def storage_key(template: str, option: str) -> str:
    """Turn the template of a target or location into one for ``result_storage_key``.

    Args:
        template: the template, for ``str.format``.
        option: what it was given as, for errors.

    Returns:
        The template that gives the same text in Prefect 3, if the names that it doesn't know are inputs of the task.

    Raises:
        RehandleError: it has a field that Prefect 3 has nothing for, or no such template is possible.
    """
    parts: List[str] = []
    try:
        parsed = list(_ROOT.parse(template))
    except ValueError as error:
        raise RehandleError(f"{option}={template!r} is no template: {error}.") from error
    for text, field, spec, conversion in parsed:
        parts.append(text.replace("{", "{{").replace("}", "}}"))
        if field is not None:
            where = f"{option}={template!r}: {{{field}}}"
            parts.append("{" + _field(field, spec or "", conversion, where) + "}")
    return "".join(parts)


def _field(field: str, spec: str, conversion: Optional[str], where: str) -> str:
    name, rest = _split(field)
    if not name or name.isdigit():
        raise RehandleError(f"{where} has no name: write the name of an input.")
    if "{" in spec:
        raise RehandleError(f"{where} has a format with a field in it, which Prefect 3 knows under another name.")
    if name in REFUSED_FIELDS:
        raise RehandleError(f"{where}: {REFUSED_FIELDS[name]}.")
    end = (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
    if name in DATES:
        # Without %, pendulum has words of its own in a format, and in Prefect 3 it may be no pendulum's.
        if conversion or not (rest or "%" in spec):
            raise RehandleError(f"{where} needs a format with %, such as {{{name}:%Y-%m-%d}}.")
        return f"{_START}{rest}{end}"
    if name in FORMATTED:
        if rest or end:
            raise RehandleError(f"{where} is a text in Prefect 1.x: write {{date:...}} with a format.")
        return FORMATTED[name]
    if name == "parameters":
        if not rest.startswith("["):
            raise RehandleError(f"{where} needs the name of a parameter of the flow: {{parameters[name]}}.")
        return f"flow_run.parameters{rest}{end}"
    return f"{FIELDS[name]}{rest}{end}" if name in FIELDS else f"parameters[{name}]{rest}{end}"


def _split(field: str) -> Tuple[str, str]:
    """Take a field's name apart from the attributes and items after it."""
    end = next((number for number, letter in enumerate(field) if letter in ".["), len(field))
    return field[:end], field[end:]
