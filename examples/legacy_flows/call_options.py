import sys

from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler

from handlers import inline_results, local_results


@task(result_handler=JSONResultHandler())
def add(x, y=1):
    return x + y


with Flow("another handler for one call") as flow:
    first_result = add(1, y=2)
    # this one gets big, so keep it out of the state
    second_result = add(first_result, y=100, task_args=dict(name="big add", result_handler=local_results))
    add(second_result, task_args={"name": "small add", "result_handler": inline_results})


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
