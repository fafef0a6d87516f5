"""A flow of Prefect 1.4 that stores its results: `rehandle migrate --target prefect-3` makes one of Prefect 3 of it.

Run it twice on Prefect 1.4, with PREFECT__FLOWS__CHECKPOINTING=true: the second time nothing is computed. Migrate it,
run `prefect_3_blocks.py` once, and run it on Prefect 3: what 1.4 has stored is a cache hit there, too.
"""

from prefect import Flow, Parameter, task
from prefect.engine.results import LocalResult


@task(result=LocalResult("results"), target="double-{x}.pkl")
def double(x):
    print("double runs")
    return 2 * x


with Flow("sums") as sums:
    x = Parameter("x", default=1)
    doubled = double(x)

if __name__ == "__main__":
    state = sums.run(parameters={"x": 2})
    print(state.result[doubled].result)
