import sys

from prefect import Flow, Parameter, task

from handlers import inline_results, local_results


@task(result_handler=inline_results)
def numbers(count):
    return list(range(1, count + 1))


@task(result_handler=local_results)
def square(number):
    return {"number": number, "square": number ** 2}


@task(result_handler=local_results)
def total(squares):
    return sum(s["square"] for s in squares)


with Flow("mapped") as flow:
    count = Parameter("count", default=3)
    total(square.map(numbers(count)))


if __name__ == "__main__":
    sys.exit(0 if flow.run().is_successful() else 1)
