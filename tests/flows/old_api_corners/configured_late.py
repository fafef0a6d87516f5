"""Settings that a script makes after it imported Prefect."""

import prefect
from prefect import Flow, task
from prefect.engine.result_handlers import JSONResultHandler


def flow_with(**keywords):
    with Flow("flow", **keywords) as flow:
        made = task(lambda: 1, name="give", checkpoint=True)()
    return flow, made


def location(flow_and_task, **keywords):
    flow, made = flow_and_task
    safe = getattr(flow.run(**keywords).result[made]._result, "safe_value", None)
    return repr(safe.value) if type(safe).__name__ == "SafeResult" else None


def configured():
    """Each value in turn, and what a context says of it that holds for one run."""
    found = []
    for handler in (JSONResultHandler(), None):
        made = flow_with(result_handler=handler)
        if handler is None:
            made[1].result_handler = JSONResultHandler()
        for value in (False, True, False, 1, True):
            prefect.config.flows.checkpointing = value
            found.append(location(made))
            for said in (False, True):
                with prefect.context(checkpointing=said):
                    found.append(location(made))
    prefect.config.flows.checkpointing = True
    return found


FEATURES = {
    "`prefect.config.flows.checkpointing = ...` between runs": configured,
}
