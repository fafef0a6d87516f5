import sys

from prefect import Flow
from prefect.engine.result_handlers import JSONResultHandler

from handlers import local_results
from tasks import AddTask, Multiply

# configure when the Task object is made
add = AddTask(name="add", result_handler=JSONResultHandler())
add_stored = AddTask(name="add stored", result_handler=local_results)
double = Multiply(2, name="double")

with Flow("task classes") as flow:
    first_result = add(1, y=2)
    second_result = add_stored(x=first_result, y=100)
    double(second_result)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
