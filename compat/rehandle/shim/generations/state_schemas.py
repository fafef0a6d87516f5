"""Schemas of result handlers, and of the states that hold them, for where Prefect has none.

Importing this module imports Prefect. Names and output are those of Prefect 0.13.
"""

import functools
from typing import Any, Callable, ClassVar, Dict, Mapping, Tuple

from marshmallow import fields, post_load
from prefect.utilities.serialization import JSONCompatible, ObjectSchema, OneOfSchema, to_qualified_name

from rehandle import handlers
from rehandle.shim.generations.read_old_states import with_known_type
from rehandle.shim.generations.safe_results import SafeResult, native_result

# The arguments that a serialised handler keeps. Never a connection string: it holds a key.
_KEPT: Mapping[str, Tuple[str, ...]] = {
    "GCSResultHandler": ("bucket", "credentials_secret"),
    "S3ResultHandler": ("bucket", "aws_credentials_secret"),
    "JSONResultHandler": (),
    "LocalResultHandler": ("dir",),
    "AzureResultHandler": ("container", "azure_credentials_secret"),
}

# The folder may be on another machine.
_LOADED_WITH: Mapping[str, Mapping[str, Any]] = {"LocalResultHandler": {"validate": False}}


def _meta(object_class: Any, *excluded: str) -> type:
    return type("Meta", (), {"object_class": object_class, "exclude_fields": list(excluded)})


class BaseResultHandlerSchema(ObjectSchema):
    """Schema of a handler without arguments."""

    Meta = _meta(handlers.ResultHandler)


class CustomResultHandlerSchema(BaseResultHandlerSchema):
    """Schema of a handler that is no built-in one: its class is named but can't be loaded."""

    Meta = _meta(handlers.ResultHandler, "type")
    type = fields.Function(lambda handler: to_qualified_name(type(handler)), lambda name: name)


class SecretResultHandlerSchema(BaseResultHandlerSchema):
    """Schema of a secret's handler: the secret is named but can't be loaded."""

    Meta = _meta(handlers.ResultHandler, "name")
    name = fields.Function(lambda handler: handler.secret_task.name, lambda name: name)


def _schema(name: str) -> Any:
    def maker() -> Callable[..., Any]:
        return functools.partial(getattr(handlers, name), **_LOADED_WITH.get(name, {}))

    texts = {argument: fields.String(allow_none=True) for argument in _KEPT[name]}
    contents = {"Meta": _meta(maker), "__module__": __name__, **texts}
    return type(f"{name}Schema", (BaseResultHandlerSchema,), contents)


GCSResultHandlerSchema = _schema("GCSResultHandler")
S3ResultHandlerSchema = _schema("S3ResultHandler")
JSONResultHandlerSchema = _schema("JSONResultHandler")
LocalResultHandlerSchema = _schema("LocalResultHandler")
AzureResultHandlerSchema = _schema("AzureResultHandler")


class ResultHandlerSchema(OneOfSchema):
    """Schema of any handler."""

    type_schemas: ClassVar[Dict[str, Any]] = {
        "ResultHandler": BaseResultHandlerSchema,
        "GCSResultHandler": GCSResultHandlerSchema,
        "S3ResultHandler": S3ResultHandlerSchema,
        "JSONResultHandler": JSONResultHandlerSchema,
        "LocalResultHandler": LocalResultHandlerSchema,
        "AzureResultHandler": AzureResultHandlerSchema,
        "SecretResultHandler": SecretResultHandlerSchema,
        "CustomResultHandler": CustomResultHandlerSchema,
    }

    def get_obj_type(self, obj: Any) -> str:
        """Tell which schema a handler takes.

        Args:
            obj: the handler.
        """
        name = type(obj).__name__
        return name if name in self.type_schemas else "CustomResultHandler"

    def _load(self, data: Dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super()._load(with_known_type(self, data), *args, **kwargs)


class SafeResultSchema(ObjectSchema):
    """Schema of a ``SafeResult``, which loads as the Result that its handler converts to."""

    Meta = _meta(SafeResult)
    value = JSONCompatible(allow_none=True)
    result_handler = fields.Nested(ResultHandlerSchema, allow_none=False)

    @post_load  # type: ignore[untyped-decorator]
    def create_object(self, data: Dict[str, Any], **kwargs: Any) -> Any:
        """Make the Result.

        Args:
            data: the location and the handler.
            **kwargs: from marshmallow.
        """
        return native_result(super().create_object(data, **kwargs))
