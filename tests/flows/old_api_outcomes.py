"""What came of a flow that is written for result handlers, told in the same way on every Prefect from 0.6 to 1.4.

Where a value is stored, is asked as old code does it: ``state._result.safe_value``.
"""

from new_api_outcomes import error_name, place


def told(flow_state, **tasks):
    """One row for each task, by the name that the caller gives it, and the flow's state.

    The children of a mapped task are rows of its row.
    """
    return {"flow": type(flow_state).__name__, **{name: row(flow_state.result[task]) for name, task in tasks.items()}}


def row(state):
    if state.is_mapped():
        return {"state": type(state).__name__, "children": [row(child) for child in state.map_states]}
    value = error_name(state.result) if state.is_failed() else repr(state.result)
    told = {"state": type(state).__name__, "value": value, "location": None}
    safe = getattr(state._result, "safe_value", None)
    if type(safe).__name__ == "SafeResult":
        told["location"] = place(getattr(safe.result_handler, "result", safe.result_handler), safe.value)
        told["read back"] = repr(safe.result_handler.read(safe.value))
    return told
