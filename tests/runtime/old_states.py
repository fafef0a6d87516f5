"""A custom handler, and states as an older Prefect hands them over."""

import json
import os

from rehandle import handlers


class Texts(handlers.ResultHandler):
    """A custom handler: its location is a path."""

    def __init__(self, folder):
        self.folder = str(folder)
        super().__init__()

    def path(self, name):
        return os.path.join(self.folder, name + ".txt")

    def write(self, result):
        with open(self.path(result), "w") as file:
            file.write(result)
        return self.path(result)

    def read(self, loc):
        with open(loc) as file:
            return file.read()


def deserialize(serialized):
    from prefect.engine.state import State

    return State.deserialize(json.loads(json.dumps(serialized)))
