import sys

from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler

from handlers import RESULTS_DIR


@task
def add(x, y=1):
    return x + y


# send the configuration to the Flow object
with Flow(
    "my handled flow!",
    result_handler=LocalResultHandler(dir=RESULTS_DIR),  # one folder for all tasks
) as flow:
    first_result = add(1, y=2)
    second_result = add(x=first_result, y=100)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
