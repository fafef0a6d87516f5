"""rehandle's own ``Result``, with the interface of Prefect 1.4.1: for where Prefect has none."""

import copy
import logging
from typing import TYPE_CHECKING, Any, Callable, Iterable, Mapping, Optional, TypeVar, Union

from rehandle import prefect_release
from rehandle.errors import LocationTemplateError
from rehandle.results.locations import new_location
from rehandle.serializers import PickleSerializer, Serializer

ResultT = TypeVar("ResultT", bound="Result")


if TYPE_CHECKING:
    _Base = object
else:
    _Base = prefect_release.result_base()


class ResultNotImplementedError(NotImplementedError):
    """A Result's class doesn't have what is asked of it."""


class Result(_Base):
    """A task's value, and where and how it is stored. This base class stores nothing: a subclass says how.

    Args:
        value: the value.
        location: where the value goes: a template that ``write`` formats with its keywords, or a function that takes
            these keywords and returns the location. Without one, each value gets a new ``default_location``.
        serializer: turns values into bytes and back; by default ``PickleSerializer()``.
        validators: functions that take the Result and tell whether it is valid (Prefect 0.11 to 0.14).
        run_validators: whether ``validate`` is meant to be called. It warns if it is called nevertheless.

    Raises:
        TypeError: the location is neither a text nor a function.
    """

    def __init__(
        self,
        value: Any = None,
        location: Union[str, Callable[..., str], None] = None,
        serializer: Optional[Serializer] = None,
        *,
        validators: Optional[Iterable[Callable[[Any], bool]]] = None,
        run_validators: bool = True,
    ) -> None:
        self.value = value
        self.location: Optional[str] = None
        self._formatter: Optional[Callable[..., str]] = None
        if location is None or isinstance(location, str):
            self.location = location
        elif callable(location):
            self._formatter = location
        else:
            raise TypeError(f"location must be a text or a function, not {type(location).__name__}")
        self.serializer = PickleSerializer() if serializer is None else serializer
        self.validators = validators
        self.run_validators = run_validators
        self.logger = logging.getLogger("prefect." + type(self).__name__)

    @property
    def default_location(self) -> str:
        """A new location: ``YYYY/M/D/<uuid>.prefect_result``, with the day in UTC."""
        return new_location()

    def copy(self: ResultT) -> ResultT:
        """Copy the Result.

        Returns:
            A copy that shares the value. It hasn't got a client that was set.
        """
        return copy.copy(self)

    def from_value(self: ResultT, value: Any) -> ResultT:
        """Copy the Result for another value.

        Args:
            value: the value.

        Returns:
            A copy with the value and without a location.
        """
        new = self.copy()
        new.location = None
        new.value = value
        return new

    def format(self: ResultT, **kwargs: Any) -> ResultT:
        """Copy the Result with the location that its next value goes to.

        Args:
            **kwargs: what the template is formatted with, or the function called with.

        Returns:
            A copy whose ``location`` is final.

        Raises:
            LocationTemplateError: the template has a field that there is nothing for.
            ValueError: it is no template (a single brace).
            TypeError: the function returned something else than a text.
        """
        new = self.copy()
        if new.location is not None:
            new.location = format_location(new.location, kwargs)
        elif new._formatter is not None:
            new.location = new._formatter(**kwargs)
            if not isinstance(new.location, str):
                raise TypeError(
                    f"the function for the location must return a text, and returned {type(new.location).__name__}"
                )
        else:
            new.location = new.default_location
        return new

    def read(self: ResultT, location: str) -> ResultT:
        """Read a value.

        Args:
            location: where it is.

        Returns:
            A copy with the value and the location.

        Raises:
            NotImplementedError: the class doesn't define it.
        """
        raise self._not_implemented("read(location)")

    def write(self: ResultT, value_: Any, **kwargs: Any) -> ResultT:
        """Write a value.

        Args:
            value_: the value. (Its name leaves ``value`` free for the keywords.)
            **kwargs: what the location's template is formatted with.

        Returns:
            A copy with the value and its final location.

        Raises:
            NotImplementedError: the class doesn't define it.
        """
        raise self._not_implemented("write(value_, **kwargs)")

    def exists(self, location: str, **kwargs: Any) -> bool:
        """Tell whether there is a value at a location.

        Args:
            location: the location, a template for ``**kwargs``.
            **kwargs: what the template is formatted with.

        Returns:
            False only if it isn't there.

        Raises:
            NotImplementedError: the class doesn't define it.
        """
        raise self._not_implemented("exists(location, **kwargs)")

    def validate(self) -> bool:
        """Ask the validators, as Prefect 0.11 to 0.14 did.

        Returns:
            Whether all say that the Result is valid. The first that doesn't is the last that is asked.
        """
        if not self.run_validators:
            self.logger.warning("%r is validated although its run_validators is False", self)
        return all(validator(self) for validator in self.validators or ())

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return False
        missing = object()
        names = {name for name in {**vars(self), **vars(other)} if not name.startswith("_")}
        return all(getattr(self, name, missing) == getattr(other, name, missing) for name in names)

    __hash__ = None  # type: ignore[assignment]  # Prefect's Results can't be hashed either

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.value!r}>"

    def _not_implemented(self, method: str) -> ResultNotImplementedError:
        return ResultNotImplementedError(
            f"{type(self).__name__} has no {method} of its own: define it, or choose a class that stores values, "
            "such as LocalResult"
        )


def format_location(template: str, names: Mapping[str, Any]) -> str:
    """Format a location.

    Args:
        template: the location, as for ``str.format``.
        names: what its fields stand for.

    Raises:
        LocationTemplateError: the template has a field that there is nothing for.
        ValueError: it is no template.
    """
    try:
        return template.format(**names)
    except LookupError as error:
        shown = ", ".join(sorted(names)) or "none"
        raise LocationTemplateError(
            f"the location {template!r} can't be formatted ({type(error).__name__}: {error}); "
            f"the names that it can use: {shown}"
        ) from error
