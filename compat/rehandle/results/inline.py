"""Results that need no storage."""

from typing import Any, TypeVar

from rehandle import serializers
from rehandle.results.base import Result

ResultT = TypeVar("ResultT", bound=Result)
SecretT = TypeVar("SecretT", bound="SecretResult")


class PrefectResult(Result):
    """Keeps a value as a text that is itself the location.

    Args:
        **kwargs: for ``Result``. A serializer must be a ``JSONSerializer``, which is the default, or a
            ``DateTimeSerializer``.

    Raises:
        TypeError: the serializer is another one.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("serializer", serializers.JSONSerializer())
        super().__init__(**kwargs)

    @property
    def serializer(self) -> serializers.Serializer:
        """What turns values into text and back."""
        return self._serializer

    @serializer.setter
    def serializer(self, serializer: serializers.Serializer) -> None:
        if not isinstance(serializer, (serializers.JSONSerializer, serializers.DateTimeSerializer)):
            raise TypeError(
                f"PrefectResult takes a JSONSerializer or a DateTimeSerializer, not {type(serializer).__name__}: "
                "its bytes must be text"
            )
        self._serializer = serializer

    def read(self: ResultT, location: str) -> ResultT:
        """Read the value that a text stands for.

        Args:
            location: the text.

        Returns:
            A copy with the value and the location.

        Raises:
            ValueError: the text stands for no value.
        """
        new = self.copy()
        new.value = self.serializer.deserialize(location.encode("utf-8"))
        new.location = location
        return new

    def write(self: ResultT, value_: Any, **kwargs: Any) -> ResultT:
        """Turn a value into text.

        Args:
            value_: the value.
            **kwargs: not used.

        Returns:
            A copy with the value, and the text as its location.

        Raises:
            TypeError: JSON can't hold the value.
            ValueError: it is no ``datetime``, which the ``DateTimeSerializer`` wants.
        """
        new = self.copy()
        new.value = value_
        new.location = self.serializer.serialize(value_).decode("utf-8")
        return new

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell whether a text stands for a value.

        Args:
            location: the text.
            **kwargs: not used.

        Returns:
            Whether ``read`` would give a value.
        """
        try:
            self.serializer.deserialize(location.encode("utf-8"))
        except Exception:
            return False
        return True


class ConstantResult(Result):
    """Has one value, whatever is read.

    Args:
        **kwargs: for ``Result``: the ``value`` above all, but no serializer.

    Raises:
        ValueError: there is a serializer.
    """

    def __init__(self, **kwargs: Any) -> None:
        _refuse_serializer(self, kwargs)
        super().__init__(**kwargs)

    def read(self: ResultT, location: str) -> ResultT:
        """Give the constant.

        Args:
            location: not used.

        Returns:
            This Result itself.
        """
        return self

    def write(self: ResultT, value_: Any, **kwargs: Any) -> ResultT:
        """Refuse.

        Args:
            value_: not used.
            **kwargs: not used.

        Raises:
            ValueError: always.
        """
        raise ValueError("a ConstantResult can't be written: it has its value from the start")

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell that there is a value.

        Args:
            location: not used.
            **kwargs: not used.

        Returns:
            True.
        """
        return True


class SecretResult(Result):
    """Stores no value; reading runs the secret's task again.

    Args:
        secret_task: the task that fetches the secret, with a ``name`` and ``run(name=...)``.
        **kwargs: for ``Result``, but no serializer. The ``location`` is by default the task's name.

    Raises:
        ValueError: there is a serializer.
    """

    def __init__(self, secret_task: Any, **kwargs: Any) -> None:
        _refuse_serializer(self, kwargs)
        self.secret_task = secret_task
        kwargs.setdefault("location", secret_task.name)
        super().__init__(**kwargs)

    def read(self: SecretT, location: str) -> SecretT:
        """Fetch a secret.

        Args:
            location: the secret's name.

        Returns:
            A copy with the secret's value and the location.
        """
        new = self.copy()
        new.value = self.secret_task.run(name=location)
        new.location = location
        return new

    def write(self: ResultT, value_: Any, **kwargs: Any) -> ResultT:
        """Refuse.

        Args:
            value_: not used.
            **kwargs: not used.

        Raises:
            ValueError: always.
        """
        raise ValueError("a SecretResult can't be written: the secret is where its task finds it")

    def __repr__(self) -> str:
        # Not the value, which is the secret.
        return f"<{type(self).__name__}: {self.secret_task.name}>"


def _refuse_serializer(result: Result, kwargs: Any) -> None:
    if "serializer" in kwargs:
        raise ValueError(f"{type(result).__name__} takes no serializer: it turns nothing into bytes")
