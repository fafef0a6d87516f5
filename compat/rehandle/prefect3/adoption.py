"""A saved block of Prefect 3 as the place that copies go to."""

import json
from typing import Any, Dict, Optional

from prefect.blocks.core import Block as PrefectBlock
from prefect.filesystems import WritableFileSystem
from prefect.results import ResultStore
from pydantic import PrivateAttr

from rehandle.errors import RehandleError, StorageError
from rehandle.prefect3.storages import explained, storage_of
from rehandle.stored import prefect3_records
from rehandle.stored.folders.copying import Target

_OVERLAY = "old-results"


class Block(Target):
    """What a saved block stores.

    Args:
        name: its name, such as ``s3-bucket/results``.

    Raises:
        RehandleError: there is no such block, or it stores no results.
    """

    def __init__(self, name: str) -> None:
        if name.count("/") != 1 or not all(name.split("/")):
            raise RehandleError(f"--storage {name!r}: expected SLUG/NAME of a saved block, such as s3-bucket/results.")
        if name.split("/")[0] == _OVERLAY:
            raise RehandleError(f"--storage {name!r} reads old results in place: name the block that its new= names.")
        try:
            block = PrefectBlock.load(name, _sync=True)
        except Exception as error:
            raise explained(f"loading the block {name!r}", error) from error
        if not isinstance(block, WritableFileSystem) and not hasattr(block, "write_path"):
            raise RehandleError(f"--storage {name!r} is a {type(block).__name__}, which stores no results.")
        self.block_id: Optional[Any] = block._block_document_id
        self._storage = storage_of(block)
        self._store = ResultStore(result_storage=_without_values(self._storage), cache_result_in_memory=False)

    def create(self, key: str, record: bytes) -> None:  # noqa: D102
        try:
            self._storage.create(key, record)
        except RehandleError:
            raise
        except Exception as error:
            raise explained(f"writing {key!r} in {self._storage}", error) from error

    def read(self, key: str) -> bytes:  # noqa: D102
        return bytes(self._storage.read(key))

    def check(self, key: str, record: bytes) -> None:  # noqa: D102
        if not self._store.exists(key):
            raise StorageError(f"Prefect's own store doesn't find {key!r} in {self._storage}")


class _WithoutValues(WritableFileSystem):
    """Shows what is stored, with other values: Prefect unpickles a result to tell that it is there."""

    _block_type_name = "Results Without Values"
    _storage: Any = PrivateAttr(default=None)

    def read_path(self, path: str, _sync: bool = True) -> bytes:
        record = prefect3_records.parsed(self._storage.read(path))
        if record is None:
            raise StorageError(f"{path!r} is no record")
        return _with_null(record)

    async def aread_path(self, path: str) -> bytes:
        return self.read_path(path)

    def write_path(self, path: str, content: bytes, _sync: bool = True) -> None:
        raise NotImplementedError

    async def awrite_path(self, path: str, content: bytes) -> None:
        raise NotImplementedError

    def _resolve_path(self, path: str) -> None:
        """Tell Prefect that keys are keys, not paths."""


def _without_values(storage: Any) -> _WithoutValues:
    block = _WithoutValues()
    block._storage = storage
    return block


def _with_null(record: Dict[str, Any]) -> bytes:
    metadata = record.get("metadata", record)
    metadata["serializer"] = {"type": "json"}
    record["result" if "result" in record else "data"] = "null"
    return json.dumps(record).encode()
