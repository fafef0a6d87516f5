"""Handlers that compute what they are, and attributes that Prefect has too"""

from handlers_in_use import after_change, files, made, outcome, ran, set_dir
from old_api_outcomes import told
from prefect import Flow, Task, task
from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler, ResultHandler


class ByProperty(LocalResultHandler):
    """Its folder is that of the moment."""

    current = "monday"

    def __init__(self):
        super().__init__(made("default"))

    @property
    def dir(self):
        return made(self.current)

    @dir.setter
    def dir(self, value):
        pass


class ByClass(LocalResultHandler):
    """Its class has the folder."""

    dir = "of-the-class"

    def __init__(self):
        made(self.dir)
        ResultHandler.__init__(self)


class ByLookup(LocalResultHandler):
    def __getattribute__(self, name):
        return made("looked-up") if name == "dir" else super().__getattribute__(name)


class ByAssignment(LocalResultHandler):
    def __setattr__(self, name, value):
        super().__setattr__(name, made("assigned") if name == "dir" else value)


class Unfinished(LocalResultHandler):
    """It hasn't been through its base's constructor."""

    def __init__(self, folder):
        self.dir = folder


class Plain(LocalResultHandler):
    """It overrides nothing."""

    team = "data"


def move_on(handler):
    type(handler).current = "tuesday"


def attributes_computed():
    kinds = (ByProperty, ByClass, lambda: ByLookup(made("x")), lambda: ByAssignment(made("x")))
    outcomes = [after_change(move_on, make, of_flow) for make in kinds for of_flow in (False, True)]
    ByProperty.current = "monday"
    outcomes.append(after_change(set_dir(lambda: made("second")), ByClass))
    outcomes.append(after_change(set_dir(lambda: made("second")), lambda: ByAssignment(made("x"))))
    outcomes.append(after_change(lambda handler: None, lambda: Unfinished(made("x"))))
    outcomes.append(after_change(set_dir(lambda: made("second")), lambda: Plain(made("x"))))
    return outcomes


class Counting(ResultHandler):
    """One of the user's own, whose settings are its attributes."""

    def __init__(self, **settings):
        super().__init__()
        self.__dict__.update(settings)
        self.kept = {}

    def read(self, loc):
        return self.kept[loc]

    def write(self, result):
        self.kept[f"{getattr(self, 'prefix', 'key')}-{len(self.kept)}"] = result
        return sorted(self.kept)[-1]


class Updated(LocalResultHandler):
    def __init__(self, **settings):
        super().__init__(made("first"))
        self.__dict__.update(settings)


RESERVED = {"location": "there", "value": 5, "serializer": None, "result_handler": {}, "_formatter": 1, "_handler": 2}


def attributes_of_any_name():
    def prefix(handler):
        handler.prefix = "changed"

    def constant(result):
        return "constant"

    return [
        after_change(prefix, lambda: Counting(**RESERVED)),
        after_change(prefix, lambda: Counting(**RESERVED), True),
        after_change(lambda handler: None, lambda: Updated(**RESERVED)),
        after_change(lambda handler: None, lambda: Updated(dir=made("second"))),
        after_change(lambda handler: vars(handler).update(RESERVED), files),
        after_change(lambda handler: vars(handler).update(RESERVED), files, True),
        after_change(lambda handler: vars(handler).update(read=lambda loc: "read"), files),
        *[after_change(lambda handler: None, lambda: Updated(write=constant, read=constant), f) for f in (False, True)],
    ]


@outcome
def settings_of_a_task(settings, later=None):
    class Configured(Task):
        def __init__(self, settings, **kwargs):
            super().__init__(checkpoint=True, **kwargs)
            self.__dict__.update(settings)

        def run(self):
            return 1

    with Flow("flow") as flow:
        give = Configured(settings)()
    outcomes = [ran(flow), type(give.result_handler).__name__]
    if later is not None:
        give.__dict__.update(later)
        outcomes += [ran(flow), type(give.result_handler).__name__]
    return outcomes


@outcome
def settings_of_a_flow():
    with Flow("flow") as flow:
        task(lambda: 1, name="give", checkpoint=True)()
    vars(flow)["result_handler"] = files()
    return ran(flow)


def settings_of_owners():
    return [
        settings_of_a_task({"result_handler": Counting()}),
        settings_of_a_task({"result_handler": JSONResultHandler()}, {"result_handler": Counting()}),
        settings_of_a_task({"result_handler": JSONResultHandler()}, {"result_handler": None}),
        settings_of_a_task({"result": "my own", "value": 1}),
        settings_of_a_flow(),
    ]


@outcome
def own_attributes():
    class Own(Task):
        def __init__(self, **kwargs):
            super().__init__(checkpoint=True, **kwargs)
            self.result = {"rows": 0}
            self.location = self.target_table = "table"

        def run(self):
            self.result["rows"] += 1
            return self.result["rows"]

    with Flow("flow", result_handler=files()) as flow:
        give = Own()()
    return [told(flow.run(), give=give), give.result, give.location]


@outcome
def set_by_the_class(handler, early):
    class OfTheClass(Task):
        result_handler = None if early else handler

        def __init__(self, **kwargs):
            if early:
                self.result_handler = handler
            super().__init__(checkpoint=True, **kwargs)

        def run(self):
            return 1

    given = JSONResultHandler()
    outcomes = []
    for keywords in ({}, {"result_handler": given}):
        with Flow("flow") as flow:
            give = OfTheClass(**keywords)()
        outcomes += [give.result_handler in (None, given), ran(flow)]
        give.result_handler = given
        outcomes += [ran(flow)]
        give.result_handler = None
        outcomes += [ran(flow), give.result_handler]
    return outcomes


def attributes_of_classes():
    return [own_attributes(), *[set_by_the_class(Counting(), early) for early in (False, True)]]


FEATURES = {
    "Attributes that a handler's class computes": attributes_computed,
    "Attributes of any name in a handler": attributes_of_any_name,
    "Handlers in the `__dict__` of a task or flow": settings_of_owners,
    "Attributes of tasks and their classes that Prefect has too": attributes_of_classes,
}
