import sys

import prefect
from prefect import Flow, task
from prefect.engine.result_handlers import LocalResultHandler
from prefect.engine.signals import LOOP

from handlers import RESULTS_DIR


@task(result_handler=LocalResultHandler(RESULTS_DIR))
def halve(number):
    number = prefect.context.get("task_loop_result", number)
    if number > 1:
        raise LOOP(message="{} is too much".format(number), result=number // 2)
    return number


with Flow("looped") as flow:
    halve(20)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
