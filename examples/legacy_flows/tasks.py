"""Task classes that several flows use."""
from prefect import Task

from handlers import local_results


class AddTask(Task):
    """Adds two numbers."""

    def run(self, x, y=1):
        return x + y


class StoredTask(Task):
    """A task whose result is always kept on disk, whatever the flow says."""

    def __init__(self, **kwargs):
        super().__init__(result_handler=local_results, **kwargs)


class Multiply(StoredTask):
    """Multiplies by a fixed number."""

    def __init__(self, factor, **kwargs):
        self.factor = factor
        super().__init__(**kwargs)

    def run(self, x):
        return x * self.factor
