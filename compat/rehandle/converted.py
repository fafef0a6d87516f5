"""Results for handlers that Prefect's own Result of the same name would not stand in for.

Prefect's ``ConstantResult`` and ``SecretResult`` refuse to write, so a task that stores its result would fail where
the handler let it succeed. The names are Prefect's, because a state is serialised with its Result's class name.
Importing this module imports Prefect.
"""

from typing import Any

from prefect.engine import results


class ConstantResult(results.ConstantResult):
    """A ``ConstantResult`` that accepts a write, as ``ConstantResultHandler`` does."""

    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Store nothing.

        Args:
            value_: the task's value.
            **kwargs: not used.

        Returns:
            A copy with the task's value, located at the constant's ``repr``.
        """
        new = self.copy()
        new.value = value_
        new.location = repr(self.value)
        return new


class SecretResult(results.SecretResult):
    """A ``SecretResult`` that accepts a write and reads with ``run()``, as ``SecretResultHandler`` does."""

    def read(self, location: str) -> Any:
        """Run the secret's task. Prefect's class passes a name, which not every secret's ``run`` takes.

        Args:
            location: not used.

        Returns:
            A copy with the secret's value.
        """
        new = self.copy()
        new.value = self.secret_task.run()
        new.location = location
        return new

    def write(self, value_: Any, **kwargs: Any) -> Any:
        """Store nothing.

        Args:
            value_: the task's value.
            **kwargs: not used.

        Returns:
            A copy with the task's value, located at the secret's name.
        """
        new = self.copy()
        new.value = value_
        new.location = self.secret_task.name
        return new
