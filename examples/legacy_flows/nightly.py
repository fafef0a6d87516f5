import datetime
import os
import sys

import prefect
from prefect import Flow, task
from prefect.engine.result_handlers.json_result_handler import JSONResultHandler
from prefect.engine.signals import SKIP

from csv_handler import CSVResultHandler
from handlers import RESULTS_DIR


@task(
    max_retries=2,
    retry_delay=datetime.timedelta(seconds=0),
    result_handler=JSONResultHandler(),
)
def fetch():
    if prefect.context.get("task_run_count", 1) < 2:
        raise ValueError("the server sleeps")
    return [{"day": "monday", "visits": "12"}, {"day": "tuesday", "visits": "30"}]


@task(checkpoint=False)
def secret_totals(days):
    return [int(day["visits"]) for day in days]


@task
def alert(totals):
    if max(totals) < 100:
        raise SKIP("nothing to tell")
    return "too many visits"


@task(result_handler=CSVResultHandler(os.path.join(RESULTS_DIR, "visits")), checkpoint=True)
def store(days):
    return days


def build():
    from prefect.engine.result_handlers import LocalResultHandler

    with Flow("nightly", result_handler=LocalResultHandler(dir=RESULTS_DIR)) as nightly:
        days = fetch()
        alert(secret_totals(days))
        store(days)
    return nightly


flow = build()

if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
