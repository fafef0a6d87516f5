"""The block that lays new results of Prefect 3 over old ones of Prefect 0.4 to 1.4."""

import os
import threading
from typing import Any, Dict, Optional, Tuple, Union

from prefect.blocks.core import Block
from prefect.filesystems import LocalFileSystem, WritableFileSystem
from prefect.results import get_default_result_storage
from prefect.utilities.asyncutils import run_sync_in_worker_thread
from pydantic import Field, PrivateAttr, field_validator

from rehandle.errors import ObjectNotFoundError, RehandleError, SignatureError
from rehandle.prefect3 import asking
from rehandle.prefect3.storages import Folder, explained, name_of, storage_of
from rehandle.serializers import signing
from rehandle.storage.masking import masked
from rehandle.stored import records, signed

# What Prefect gets that asks whether something is there, and there is something: a record like any other, so that it
# says yes. Its value is never looked at, so nothing is unpickled for the question.
_THERE = records.transcode(b"null")

# Not in the block, which is pickled where tasks are sent elsewhere.
_loading = threading.Lock()


class OldResults(WritableFileSystem):
    """Reads results that Prefect 0.4 to 1.4 have stored, as a ``result_storage`` of Prefect 3.2 and later.

    New results go to ``new``. What isn't there is read from ``old``, where nothing is ever written: so an old target is
    a cache hit of a task whose ``result_storage_key`` is the same. What can't be read just now isn't taken for missing:
    the task isn't run again, it fails with the reason, and its retries find the result once the storage answers.

    Reading unpickles: whoever can write to ``old`` or ``new`` decides what is run. Give ``old`` credentials that can
    only read.

    Args:
        old: where the old results lie: a saved block or its name, such as ``"s3-bucket/old"``; or a LocalFileSystem,
            saved or not. None for files that the keys name by absolute paths. With a LocalFileSystem those are read,
            too.
        new: where new results go, in the same way. None for Prefect's own default result storage.
        signed_only: whether to read nothing in ``old`` but what ``HMACSerializer`` signed with the key in
            ``REHANDLE_HMAC_KEY``. Without, signatures are verified where there are any.

    Raises:
        ValidationError: a block isn't saved and has secrets, which Prefect would keep in clear; or a name is none.
    """

    _block_type_name = "Old Results"
    _block_type_slug = "old-results"
    _description = "Reads results that Prefect 0.4 to 1.4 have stored, and keeps new ones apart from them."
    _documentation_url = "https://github.com/rehandle/rehandle/blob/main/docs/to-prefect-3.md"

    # Not of the type WritableFileSystem: Prefect registers the types of fields, and can't register that one.
    old: Union[LocalFileSystem, str, Any, None] = Field(
        default=None,
        title="Old results",
        description="Where old results lie: the name of a saved block, such as s3-bucket/old. Nothing is written there."
        " Empty for files that keys name by absolute paths.",
    )
    new: Union[LocalFileSystem, str, Any, None] = Field(
        default=None,
        title="New results",
        description="Where new results go: the name of a saved block, such as s3-bucket/new. Empty for Prefect's "
        "default result storage.",
    )
    signed_only: bool = Field(
        default=False,
        title="Signed results only",
        description="Whether to read only old results that HMACSerializer of rehandle has signed.",
    )

    _sides: Optional[Tuple[Any, Any]] = PrivateAttr(default=None)

    @field_validator("old", "new", mode="before")
    @classmethod
    def _kept(cls, value: Any) -> Any:
        """Give what the block keeps: a name wherever there is one, so that no secret is copied here."""
        if isinstance(value, dict) and "block_type_slug" in value:
            # As it was saved.
            return Block(**value)
        if isinstance(value, WritableFileSystem):
            return name_of(value) or _without_secrets(value)
        if value is None or (isinstance(value, str) and value.count("/") == 1 and value[0] != "/"):
            return value
        raise ValueError(
            f'{masked(repr(value))} is no block and no name of a saved one, such as "s3-bucket/old". For a folder, '
            "give LocalFileSystem(basepath=...)."
        )

    def read_path(self, path: str, _sync: bool = True) -> bytes:
        """Read a result.

        Args:
            path: its key.
            _sync: Prefect's own; this waits in any case.

        Returns:
            A record of Prefect 3.

        Raises:
            FileNotFoundError: it is neither in ``new`` nor in ``old``.
            RehandleError: it can't be read.
        """
        return self._answer(path, asking.prefect_asks_whether_it_exists())

    async def aread_path(self, path: str) -> bytes:
        """Read a result, as `read_path` does.

        Args:
            path: its key.

        Returns:
            A record of Prefect 3.
        """
        answer: bytes = await run_sync_in_worker_thread(self._answer, path, asking.prefect_asks_whether_it_exists())
        return answer

    def write_path(self, path: str, content: bytes, _sync: bool = True) -> None:
        """Write a result to ``new``.

        Args:
            path: its key. A slash at its beginning doesn't count.
            content: the record.
            _sync: Prefect's own; this waits in any case.
        """
        new, _ = self._loaded()
        new.write(path.lstrip("/"), content)

    async def awrite_path(self, path: str, content: bytes) -> None:
        """Write a result, as `write_path` does.

        Args:
            path: its key.
            content: the record.
        """
        await run_sync_in_worker_thread(self.write_path, path, content)

    def _resolve_path(self, path: str) -> None:
        """Tell Prefect that keys are keys, not paths."""

    def _answer(self, key: str, is_asked_for: bool) -> bytes:
        try:
            new, old = self._loaded()
            try:
                # As it is: it is Prefect's own, and may have expired.
                return bytes(new.read(key.lstrip("/")))
            except ObjectNotFoundError:
                data = old.read(key)
            if not is_asked_for:
                return self._record(data, old, key)
        except ObjectNotFoundError:
            raise
        except Exception:
            # It would take this for "not there", and run the task again. It will read next, and then it is raised.
            if not is_asked_for:
                raise
        return _THERE

    def _record(self, data: bytes, old: Any, key: str) -> bytes:
        block_id = getattr(self, "_block_document_id", None)
        try:
            if self.signed_only or signing.starts_like_one(data):
                data = signed.verified(data, old.place(key))
            try:
                return records.for_reading(data, key, block_id)
            except SignatureError:
                # Compressed after it was signed.
                return records.for_reading(signed.verified(data, old.place(key)), key, block_id)
        except RehandleError as error:
            raise explained(f"reading {masked(key)!r} in {old}", error) from error

    def _loaded(self) -> Tuple[Any, Any]:
        """Give what reads and writes new results, and old ones. Their blocks are loaded once."""
        if self._sides is None:
            with _loading:
                new = storage_of(self._block("new"))
                old = Folder(None) if self.old is None else storage_of(self._block("old"), must_be_there=True)
                if self.old is not None:
                    _require_apart(new, old)
                self._sides = (new, old)
        return self._sides

    def _block(self, field: str) -> Any:
        value = getattr(self, field)
        try:
            if value is None:
                value = get_default_result_storage(_sync=True)
            elif isinstance(value, str):
                value = Block.load(value, _sync=True)
        except Exception as error:
            raise explained(f"loading the block for {field}= of OldResults, {value or 'Prefect'!r}", error) from error
        if isinstance(value, OldResults):
            raise RehandleError(
                f"{field}= of OldResults is OldResults itself: give the block that keeps the bytes"
                + (". Prefect's default result storage can't be that." if self.new is None else ".")
            )
        return value

    def __getstate__(self) -> Dict[str, Any]:
        # A block that was loaded by its name has its secrets: wherever this one is sent to, it loads it again.
        state: Dict[str, Any] = super().__getstate__()
        return {**state, "__pydantic_private__": {**(state["__pydantic_private__"] or {}), "_sides": None}}


def _require_apart(new: Any, old: Any) -> None:
    """Refuse to write where old results lie."""
    new_folder, old_folder = (place and place[:-1] for place in (new.place("x"), old.place("x")))
    if new_folder and old_folder and old_folder.startswith(new_folder):
        raise RehandleError(
            f"old results lie in {old_folder!r}, and new ones would go to {new_folder!r}, over them: give new= of "
            "OldResults a folder or bucket of its own."
        )


def _without_secrets(block: Any) -> Any:
    if type(block) is LocalFileSystem:
        # The folder that is meant now, wherever flows run.
        return LocalFileSystem(basepath=os.path.abspath(os.path.expanduser(block.basepath or ".")))
    hidden = block.model_json_schema().get("secret_fields")
    if hidden:
        raise ValueError(
            f"a {type(block).__name__} has secrets ({', '.join(hidden)}), which Prefect would keep in clear in this "
            "block: save it first, and give the saved block or its name."
        )
    return block
