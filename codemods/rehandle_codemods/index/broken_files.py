"""Files that can't be analysed: whether one may use what another file exports."""

from __future__ import annotations

from rehandle_codemods.files.discovery import is_python
from rehandle_codemods.files.import_statements import STAR, Wanted, WantedModules, has_word
from rehandle_codemods.files.patterns import matches
from rehandle_codemods.files.search import code_of
from rehandle_codemods.index.module import Module
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import Variable


def broken_user(project: Project, variable: Variable, module: Module) -> str:
    """A file that doesn't parse, imports a module-level name and has it as a word; empty where there is none.

    What can't import it may have the word for anything; a notebook or page may get it from what isn't written there.
    A file that the settings leave out doesn't count.
    """
    if not project.broken:
        return ""
    binders = {variable: module}
    pending = [variable]
    while pending:
        for user, binding in project.importers.get(pending.pop(), ()):
            if binding.variable not in binders:
                binders[binding.variable] = user
                pending.append(binding.variable)
    names = {name.name.encode() for name in binders}
    wanted = WantedModules(Wanted(user.path, frozenset([STAR, name.name.encode()])) for name, user in binders.items())
    for path in project.broken:
        text = code_of(path, project.raw(path))
        uses = any(name in text for name in names) and has_word(text, names)
        uses = uses and (not is_python(path) or wanted.used_in(path, text) is True)
        if uses and (path in project.reported or not matches(project.options.of(path).excluded, path)):
            return path
    return ""
