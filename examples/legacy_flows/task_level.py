import sys

from prefect import Flow, task
from prefect.engine.result_handlers import (
    JSONResultHandler,
    LocalResultHandler,  # the default of all our flows
)

from handlers import RESULTS_DIR, local_results


# configure on the task decorator
@task(result_handler=LocalResultHandler(dir=RESULTS_DIR))
def add(x, y=1):
    return x + y


@task(name="describe", result_handler=local_results)
def describe_total(total):
    return {"total": total, "even": total % 2 == 0}


@task(result_handler = JSONResultHandler(), checkpoint = True)
def flag(description):
    return description["even"]


@task(checkpoint=False)
def forget(description):
    return len(description)


with Flow("my handled tasks!") as flow:
    first_result = add(1, y=2)
    second_result = add(x=first_result, y=100)
    description = describe_total(second_result)
    flag(description)
    forget(description)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
