"""Looking at Prefect with the shim off and on."""

import rehandle


def both(look):
    """Give what a look at Prefect finds, the same with the shim off and on."""
    assert not rehandle.is_installed()
    off = look()
    with rehandle.installed():
        on = look()
    assert on == off, f"with the shim {on!r}, without it {off!r}"
    return off


def task_class(**contents):
    import prefect

    return type(prefect.Task)("Own", (prefect.Task,), {"run": lambda self: 1, **contents})
