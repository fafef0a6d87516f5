"""Where libcst's nodes are in the code: the offsets, in characters, between which each of them is."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Callable, Collection, Iterator, Sequence

import libcst as cst
from libcst.metadata import ByteSpanPositionProvider, MetadataWrapper

try:
    # The base of libcst's own providers of positions: four times as fast as asking one of them.
    from libcst._nodes.internal import CodegenState
except ImportError:  # it isn't public: a later libcst may have it elsewhere
    CodegenState = None  # type: ignore[assignment, misc]  # told by being None

Visit = Callable[[cst.CSTNode, int, int, Sequence[cst.CSTNode]], None]
"""Is told of a node, where it begins and ends, and of the nodes round it, the outermost first."""

_BRACKETED = (cst.Tuple, cst.GeneratorExp)
"""Their own parentheses belong to them, as `ast` has it; those of other expressions only stand round them."""

_NOTHING = nullcontext()


def walk(tree: cst.Module, starts: Collection[int], visit: Visit) -> str:
    """Call `visit` with the nodes that begin at some offsets, and with all strings; return the code of the tree."""
    return _by_generating(tree, starts, visit) if CodegenState is not None else by_provider(tree, starts, visit)


def by_provider(tree: cst.Module, starts: Collection[int], visit: Visit) -> str:
    """Do the same by what libcst promises."""
    spans = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(ByteSpanPositionProvider)
    data = tree.code.encode("utf-8")
    ascii_only = data.isascii()

    def characters(offset: int) -> int:
        return offset if ascii_only else len(data[:offset].decode("utf-8"))

    class Walker(cst.CSTVisitor):
        def __init__(self) -> None:
            super().__init__()
            self.around: list[cst.CSTNode] = []

        def on_visit(self, node: cst.CSTNode) -> bool:
            found = []
            if node in spans:
                found.append((spans[node].start, spans[node].start + spans[node].length))
            if isinstance(node, _BRACKETED) and node.lpar:
                closing = spans[node.rpar[0]]
                found.append((spans[node.lpar[-1]].start, closing.start + closing.length))
            for first, last in found:
                start, end = characters(first), characters(last)
                if start in starts or isinstance(node, cst.SimpleString):
                    visit(node, start, end, self.around)
            self.around.append(node)
            return True

        def on_leave(self, original_node: cst.CSTNode) -> None:
            self.around.pop()

    tree.visit(Walker())
    return tree.code


def _by_generating(tree: cst.Module, starts: Collection[int], visit: Visit) -> str:
    state = _Positions(tree, starts, visit)
    tree._codegen(state)
    return "".join(state.tokens)


if CodegenState is not None:

    class _Positions(CodegenState):
        """Generates a tree's code, and calls `visit` on the way."""

        def __init__(self, tree: cst.Module, starts: Collection[int], visit: Visit) -> None:
            super().__init__(tree.default_indent, tree.default_newline)
            self.starts = starts
            self.visit = visit
            self.offset = 0
            self.around: list[cst.CSTNode] = []
            self.opened: dict[cst.CSTNode, int] = {}

        def add_token(self, value: str) -> None:
            self.tokens.append(value)
            self.offset += len(value)

        def add_indent_tokens(self) -> None:
            for token in self.indent_tokens:
                self.add_token(token)

        def before_codegen(self, node: cst.CSTNode) -> None:
            if type(node) is cst.LeftParen and isinstance(self.around[-1], _BRACKETED):
                self.opened[self.around[-1]] = self.offset
            self.around.append(node)

        def after_codegen(self, node: cst.CSTNode) -> None:
            self.around.pop()
            if type(node) is cst.RightParen and self.around[-1] in self.opened:
                start = self.opened.pop(self.around[-1])
                if start in self.starts:
                    self.visit(self.around[-1], start, self.offset, self.around[:-1])

        def record_syntactic_position(  # type: ignore[override]  # all that is asked of it is to be entered
            self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
        ) -> AbstractContextManager[None]:
            if self.offset in self.starts or type(node) is cst.SimpleString:
                return self._visiting(node)
            return _NOTHING

        @contextmanager
        def _visiting(self, node: cst.CSTNode) -> Iterator[None]:
            start = self.offset
            yield
            self.visit(node, start, self.offset, self.around[:-1])
