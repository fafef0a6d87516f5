"""What each legacy result handler becomes: one table for shim, codemods, error texts and docs.

Nothing here imports Prefect. Signatures are those of Prefect 0.10.7 (handlers) and 1.4.1 (Results).
"""

import os
from typing import Any, Dict, FrozenSet, List, Mapping, NamedTuple, Optional, Sequence, Tuple

HANDLERS_MODULE = "prefect.engine.result_handlers"
RESULTS_MODULE = "prefect.engine.results"
RESULT_BASE_MODULE = "prefect.engine.result"
SERIALIZERS_MODULE = "prefect.engine.serializers"


class Parameter(NamedTuple):
    """One parameter of a handler's constructor, and where its value goes.

    Attributes:
        name: the parameter's name in the handler.
        result_name: the keyword of the Result that takes the value; None where the Result has none.
        default: what the handler uses when the argument is missing.
        required: whether the handler can't be made without it.
        positional: whether a positional argument keeps its meaning at the same place in the Result.
        unused_with: a parameter that, when it is given, makes the handler ignore this one.
        trap: why the value can't simply be passed on, and what to do; empty where it can.
        relative_trap: why a relative path can't be passed on, and what to do; empty where it can, or no path is meant.
        kept: whether a handler has the value as an attribute of that name, as a Result has it too.
    """

    name: str
    result_name: Optional[str]
    default: Any = None
    required: bool = False
    positional: bool = False
    unused_with: Optional[str] = None
    trap: str = ""
    relative_trap: str = ""
    kept: bool = True

    def is_given(self, arguments: Mapping[str, Any]) -> bool:
        """Tell whether an argument is there that isn't the default.

        Args:
            arguments: the arguments by parameter name.
        """
        value = arguments.get(self.name)
        # Not by == alone: a constant may be an array, which compares item by item.
        if isinstance(value, (str, dict)):
            return bool(value) and value != self.default
        return value is not None and value is not self.default


class HandlerMapping(NamedTuple):
    """One legacy handler class.

    Attributes:
        handler: the class's name.
        submodule: the module below ``prefect.engine.result_handlers`` that defined it.
        result: the Result class that takes its place.
        parameters: the constructor's parameters, in the order of the handler's signature.
        in_cloud: whether it keeps values in a cloud's storage, where the bytes' format matters to other releases.
        clients: the attributes by which handler and Result both have a client of the cloud's SDK.
        trap: why the Result can't take the handler's place as it is; empty where it can.
    """

    handler: str
    submodule: str
    result: str
    parameters: Tuple[Parameter, ...] = ()
    in_cloud: bool = False
    clients: Tuple[str, ...] = ()
    trap: str = ""

    @property
    def shared_attributes(self) -> FrozenSet[str]:
        """The attributes that handler and Result both have for the same thing; a Result's `value` is a task's."""
        same = (p.name for p in self.parameters if p.kept and p.name == p.result_name and p.name != "value")
        return frozenset(("logger", *same))

    @property
    def result_module(self) -> str:
        """The module that the Result is imported from."""
        return RESULT_BASE_MODULE if self.result == "Result" else RESULTS_MODULE


_TABLE = (
    HandlerMapping("ResultHandler", "result_handler", "Result"),
    HandlerMapping(
        "LocalResultHandler",
        "local_result_handler",
        "LocalResult",
        (
            Parameter(
                "dir",
                "dir",
                positional=True,
                # Only without validate, which makes it absolute.
                relative_trap="LocalResult from Prefect 0.12 on doesn't find what it wrote in a folder whose path is "
                "relative. Pass an absolute one",
            ),
            Parameter("validate", "validate_dir", default=True, positional=True, kept=False),
        ),
    ),
    HandlerMapping(
        "GCSResultHandler",
        "gcs_result_handler",
        "GCSResult",
        (
            Parameter("bucket", "bucket", positional=True),
            Parameter(
                "credentials_secret",
                None,
                trap="GCSResult has no such argument: it reads the context secret GCP_CREDENTIALS, "
                "else the environment's own credentials",
            ),
        ),
        in_cloud=True,
        clients=("gcs_bucket",),
    ),
    HandlerMapping(
        "S3ResultHandler",
        "s3_result_handler",
        "S3Result",
        (
            Parameter("bucket", "bucket", required=True, positional=True),
            Parameter(
                "aws_credentials_secret",
                None,
                trap="S3Result has no such argument: it reads the context secret AWS_CREDENTIALS, "
                "else the environment's own credentials",
            ),
            Parameter("boto3_kwargs", "boto3_kwargs"),
        ),
        in_cloud=True,
        clients=("client",),
    ),
    HandlerMapping(
        "AzureResultHandler",
        "azure_result_handler",
        "AzureResult",
        (
            Parameter("container", "container", required=True, positional=True),
            Parameter("connection_string", "connection_string", positional=True),
            Parameter(
                "azure_credentials_secret",
                None,
                default="AZ_CREDENTIALS",
                unused_with="connection_string",
                trap="AzureResult authenticates with a connection string (connection_string=, "
                "connection_string_secret= or AZURE_STORAGE_CONNECTION_STRING), the handler with a "
                "secret that holds an account's name and key",
            ),
        ),
        in_cloud=True,
    ),
    HandlerMapping("JSONResultHandler", "json_result_handler", "PrefectResult"),
    HandlerMapping(
        "ConstantResultHandler",
        "constant_result_handler",
        "ConstantResult",
        (Parameter("value", "value", required=True),),
        trap="ConstantResult refuses to write, so a task that stores its value would fail",
    ),
    HandlerMapping(
        "SecretResultHandler",
        "secret_result_handler",
        "SecretResult",
        (Parameter("secret_task", "secret_task", required=True, positional=True),),
        trap="SecretResult refuses to write, so a task that stores its value would fail",
    ),
)

HANDLERS: Dict[str, HandlerMapping] = {row.handler: row for row in _TABLE}
"""The eight legacy classes by name, the base class first."""

HANDLER_ALIASES = {"LocalStorageHandler": "LocalResultHandler"}
"""Names that Prefect's documentation used for classes that never had them."""

MODULE_ALIASES = {"prefect.engine.results_handler": HANDLERS_MODULE}
"""The same for modules."""


class PrefectApi(NamedTuple):
    """What the releases have that have a certain file.

    Attributes:
        file: the file, below Prefect's own folder.
        handlers: whether these releases have result handlers.
        results: whether their tasks and flows take Results.
    """

    file: Tuple[str, ...]
    handlers: bool
    results: bool


PREFECT_APIS = (
    # 0.11 to 0.13
    PrefectApi(("engine", "results", "result_handler_result.py"), handlers=True, results=True),
    # 0.4 to 0.10; the modules of Results were there from 0.10.1 on, and nothing used them.
    PrefectApi(("engine", "result_handlers", "__init__.py"), handlers=True, results=False),
    # 0.14 to 1.4
    PrefectApi(("engine", "results", "__init__.py"), handlers=False, results=True),
)
"""What tells releases apart without importing them: the first whose file is there."""

_TASK_0_13 = (
    "name slug tags max_retries retry_delay timeout trigger skip_on_upstream_skip cache_for cache_validator cache_key "
    "checkpoint result_handler state_handlers on_failure log_stdout result target task_run_name nout"
)
_FLOW_0_12 = (
    "name schedule environment storage tasks edges reference_tasks state_handlers on_failure validate "
    "result_handler result"
)
_FLOW_0_13 = (
    "name schedule executor environment run_config storage tasks edges reference_tasks state_handlers on_failure "
    "validate result_handler result"
)

LEGACY_POSITIONS = {
    "Task": (tuple(_TASK_0_13.split()),),
    "Flow": (tuple(_FLOW_0_12.split()), tuple(_FLOW_0_13.split())),
}
"""The constructors' parameters in the order that they had while they took a handler (0.6 to 0.13)."""

MOVED_PARAMETERS = ("timeout", "environment", "executor")
"""The first of these parameters whose position differs between the releases that take a Result."""

PARAMETERS_OF_SOME = ("environment", "executor", "run_config", "result", "result_handler")
"""Those that not every release from 0.11 to 1.4 has: None for one of them can be left out."""


def lost_parameters(row: HandlerMapping, arguments: Mapping[str, Any]) -> List[Parameter]:
    """Tell which parameters of a handler carry something that its Result has no place for.

    Args:
        row: the handler's row in the table.
        arguments: the arguments by parameter name. A missing one stands for its default; an empty one means none.

    Returns:
        The parameters whose value would be lost, in the order of the signature.
    """
    lost = []
    for parameter in row.parameters:
        value = arguments.get(parameter.name, parameter.default)
        unused = parameter.unused_with is not None and arguments.get(parameter.unused_with)
        if parameter.result_name is None and value and not unused:
            lost.append(parameter)
    return lost


def loss(row: HandlerMapping, arguments: Mapping[str, Any]) -> str:
    """Say what a Result can't do that a handler does: for the shim's warnings. Codemods say it in fewer words.

    Args:
        row: the handler's row in the table.
        arguments: the arguments by parameter name, as for ``lost_parameters``.

    Returns:
        The reason; an empty text where the Result does the same.
    """
    if row.trap:
        return row.trap
    lost = lost_parameters(row, arguments)
    return f"{lost[0].name} of {row.handler} would be lost: {lost[0].trap}" if lost else ""


def relative_parameters(row: HandlerMapping, arguments: Mapping[str, Any]) -> List[Parameter]:
    """Tell which parameters of a handler want an absolute path, and don't have one.

    Args:
        row: the handler's row in the table.
        arguments: what the handler keeps of its arguments, by parameter name.

    Returns:
        The parameters, in the order of the signature.
    """
    paths = [parameter for parameter in row.parameters if parameter.relative_trap]
    return [parameter for parameter in paths if not _is_absolute(arguments.get(parameter.name))]


def relative_loss(row: HandlerMapping, relative: Sequence[Parameter]) -> str:
    """Say what a Result can't do with a relative path that a handler does, as ``loss`` does for the rest.

    Args:
        row: the handler's row in the table.
        relative: the parameters that have a relative path, or may have one.

    Returns:
        The reason; an empty text where there are none.
    """
    return f"{relative[0].name} of {row.handler} may be relative: {relative[0].relative_trap}" if relative else ""


def _is_absolute(path: Any) -> bool:
    return isinstance(path, (str, os.PathLike)) and os.path.isabs(path)
