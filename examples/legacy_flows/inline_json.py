import sys

from prefect import Flow, Parameter, task
from prefect.engine.result_handlers import JSONResultHandler


@task
def add(x, y=1):
    return x + y


@task
def summarise(total):
    return {"total": total, "digits": [int(d) for d in str(total)]}


with Flow("small results", result_handler=JSONResultHandler()) as flow:
    start = Parameter("start", default=1)
    first_result = add(start, y=2)
    second_result = add(x=first_result, y=100)
    summarise(second_result)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
