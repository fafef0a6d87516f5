"""What all Results have in common that keep values as bytes in a store."""

import contextlib
from typing import Any, ClassVar, ContextManager, Dict, TypeVar

from rehandle.results.base import Result, format_location
from rehandle.serializers import PickleSerializer, Serializer, signing
from rehandle.storage import LocalStore, Store

ResultT = TypeVar("ResultT", bound="StoredResult")
CloudT = TypeVar("CloudT", bound="CloudResult")

_NOWHERE: ContextManager[None] = contextlib.nullcontext()


class StoredResult(Result):
    """Base class of the Results that keep values as bytes in a store. A subclass says in which one.

    Whatever the store or the serializer raises is raised.
    """

    def _store(self) -> Store:
        raise NotImplementedError

    def _name(self, location: str) -> str:
        """Tell the name in the store that a location stands for."""
        return location

    def _value(self, data: bytes) -> Any:
        return self.serializer.deserialize(data)

    def read(self: ResultT, location: str) -> ResultT:
        """Read a value.

        Args:
            location: where it is.

        Returns:
            A copy with the value and the location.

        Raises:
            StorageError: it can't be read. The subclasses of this error tell why.
        """
        new = self.copy()
        new.location = location
        store, name = self._store(), self._name(location)
        if type(self.serializer) is PickleSerializer and isinstance(store, LocalStore):
            with store.open(name) as file:
                new.value = self.serializer.load(file)
        else:
            data = store.read(name)
            with _known_place(self.serializer, store, name):
                new.value = self._value(data)
        self.logger.debug("read %s", location)
        return new

    def write(self: ResultT, value_: Any, **kwargs: Any) -> ResultT:
        """Write a value. What was at its location is replaced.

        Args:
            value_: the value.
            **kwargs: what the location's template is formatted with.

        Returns:
            A copy with the value and its final location.

        Raises:
            LocationTemplateError: the template has a field that there is nothing for.
            StorageError: it can't be written. The subclasses of this error tell why.
        """
        new = self.format(**kwargs)
        new.value = value_
        assert new.location is not None  # format has seen to that
        new.location = self._name(new.location)
        store = self._store()
        with _known_place(self.serializer, store, new.location):
            data = self.serializer.serialize(value_)
        store.write(new.location, data)
        self.logger.debug("wrote %s", new.location)
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell whether there is a value at a location.

        Args:
            location: the location, a template for ``**kwargs``.
            **kwargs: what the template is formatted with.

        Returns:
            False only if it isn't there.

        Raises:
            LocationTemplateError: the template has a field that there is nothing for.
            StorageError: that can't be told.
        """
        return self._store().exists(self._name(format_location(location, kwargs)))


def _known_place(serializer: Serializer, store: Store, name: str) -> ContextManager[None]:
    # A pickle isn't signed, and all that is done beside a small object's request counts.
    return _NOWHERE if type(serializer) is PickleSerializer else signing.stored_at(store.place, name)


class CloudResult(StoredResult):
    """Base class of the Results in a cloud's storage. A subclass has a property for the SDK's client."""

    _client_attribute: ClassVar[str]

    def _value(self, data: bytes) -> Any:
        try:
            return self.serializer.deserialize(data)
        except EOFError:
            # Of a part of a value too. That an object without any bytes stands for None is Prefect's rule.
            if data:
                raise
            return None

    def __copy__(self: CloudT) -> CloudT:
        # What copy.copy does, without the many questions that it asks a class before.
        new = type(self).__new__(type(self))
        vars(new).update(self.__getstate__())
        return new

    def __getstate__(self) -> Dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != self._client_attribute}
