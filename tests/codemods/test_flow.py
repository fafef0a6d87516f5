"""Who takes a value is asked of Prefect's side too: in every case that agrees with the table of edges, both ways."""

import ast

import pytest
from repositories import CASES, read_case, write_files

from rehandle_codemods.flow.graph import FlowGraph
from rehandle_codemods.flow.nodes import DictItem
from rehandle_codemods.index.locations import where
from rehandle_codemods.index.project import Project
from rehandle_codemods.index.scopes import PARAMETER

pytestmark = [pytest.mark.prefect(None), pytest.mark.once]

# What is given to a parameter of a runner goes nowhere: no release after 0.10 has such a parameter.
ONLY_SOURCES = {("runners", "flow.py", 0, (20, 30), "result_handler")}


def graph_of(folder):
    paths = [str(path) for path in sorted(folder.rglob("*.py"))]
    project = Project(paths, paths)
    for path in paths:
        project.load(path)
    return FlowGraph(project)


def steps_back(graph):
    """Each value that a node gets which may have a handler, and the node, as the table has it."""
    return {((module, source), holder) for holder in graph.holders for module, source in graph.edges.sources(holder)}


def steps_on(graph):
    """Each value that may be a handler, and the node that it goes to, as the answer on who takes it says."""
    for module in graph.project.every_module():
        for node in module.analysis.nodes:
            if isinstance(node, ast.expr) and graph.is_handler(module, node):
                found = graph.destination(module, node)
                if found.node in graph.holders:
                    yield (module, found.value), found.node


def is_given_as_keyword(holder):
    """Whether it is a key of a `**` parameter: what calls give is a source of the parameter that it goes on to."""
    return isinstance(holder, DictItem) and any(binding.kind == PARAMETER for binding in holder.variable.bindings)


def test_sources_and_destinations(tmp_path, monkeypatch):
    back_only, on_only, agreed = set(), set(), 0
    for path in sorted(CASES.rglob("*.case")):
        folder = tmp_path / path.parent.name / path.stem
        folder.mkdir(parents=True)
        monkeypatch.chdir(folder)
        write_files(folder, read_case(path).before)
        graph = graph_of(folder)
        back = steps_back(graph)
        for (module, source), holder in back:
            if graph.destination(module, source).node == holder:
                agreed += 1
            else:
                back_only.add((path.stem, *where(module, source)[:3], holder.name))
        for (module, value), holder in steps_on(graph):
            # Who calls a function that is used in other ways, too, as by `partial`, isn't known.
            unknown = not graph.holders[holder].followed or is_given_as_keyword(holder)
            if ((module, value), holder) not in back and not unknown:
                on_only.add((path.stem, *where(module, value)[:3], holder.name))
    assert (back_only, on_only) == (ONLY_SOURCES, set())
    assert agreed > 100
