import sys

from prefect import Flow, task
from prefect.engine.result_handlers import GCSResultHandler

gcs_handler = GCSResultHandler(bucket="prefect_results")


@task
def add(x, y=1):
    return x + y


with Flow("my handled flow!", result_handler=gcs_handler) as flow:
    first_result = add(1, y=2)
    second_result = add(x=first_result, y=100)


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
