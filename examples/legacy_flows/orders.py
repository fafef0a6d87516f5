import os
import sys

from prefect import Flow, task, unmapped
from prefect.engine.result_handlers import S3ResultHandler  # until the bucket was closed

from csv_handler import CSVResultHandler
from handlers import RESULTS_DIR

tables = CSVResultHandler(os.path.join(RESULTS_DIR, "orders"))


@task(result_handler=tables)
def extract():
    return [
        {"order": "1", "region": "north", "amount": "10"},
        {"order": "2", "region": "south", "amount": "25"},
        {"order": "3", "region": "north", "amount": "7"},
    ]


@task(checkpoint=False)
def regions(orders):
    return sorted({order["region"] for order in orders})


@task(result_handler=tables)
def of_region(region, orders):
    return [order for order in orders if order["region"] == region]


@task(
    name="report",
    result_handler=CSVResultHandler(folder=os.path.join(RESULTS_DIR, "reports"), delimiter=";"),
)
def make_report(tables):
    return [
        {"region": table[0]["region"], "amount": str(sum(int(order["amount"]) for order in table))}
        for table in tables
    ]


with Flow("orders") as flow:
    orders = extract()
    make_report(of_region.map(regions(orders), orders=unmapped(orders)))


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
