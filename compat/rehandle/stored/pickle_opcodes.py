"""What a pickle is and would import, told from its opcodes. Nothing is ever unpickled here."""

import _compat_pickle
import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from rehandle.stored.opcode_table import IMPORTS_TWO_LINES, OPCODES, Opcode

PROTOCOLS = range(6)
"""The protocols that there are. From 2 on, a pickle says in its first two bytes which one it has."""

# A pickle of many small values has as many opcodes: after these the rest is only judged by its last byte.
_MOSTOPCODES = 500_000
_STOP = ord(".")
_LONGEST_NAME = 500
_LONGEST_LINE = 5_000


class PickleFacts(NamedTuple):
    """What the opcodes of a pickle tell.

    Attributes:
        protocol: the protocol: the one that it names, or the oldest that has all of its opcodes.
        imports: module and name of what loading would import, in the order of the bytes. Each may be called. Names of
            Python 2 are those that Python 3 imports in their place.
        hides_imports: whether it also imports something whose name the opcodes don't say plainly, as no pickle does
            that ``pickle`` or ``cloudpickle`` wrote.
        status: ``complete``, ``truncated`` (it has no end) or ``damaged`` (loading it fails before its end).
        was_read_whole: whether all opcodes were looked at; the others of a very long pickle may import more.
        trailing_bytes: how many bytes follow its end. Loading ignores them.
    """

    protocol: int
    imports: Tuple[Tuple[str, str], ...]
    hides_imports: bool
    status: str
    was_read_whole: bool
    trailing_bytes: int


_STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING", "STRING", "UNICODE"}
_TO_MEMO = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_FROM_MEMO = {"GET", "BINGET", "LONG_BINGET"}
_IMPORTS_BY_NUMBER = {"EXT1", "EXT2", "EXT4"}
# They call, or hand something to, what was imported.
_CALLS = {"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"}
# What they stand for is known to the reader alone, and readers of results know of none: loading fails here.
_UNKNOWN_TO_READERS = {"PERSID", "BINPERSID", "NEXT_BUFFER"}

# What a line of text has to be, or loading fails. Opcodes of text are all that tells an old pickle from other text.
_INTEGER = rb"[+-]?(0[box][0-9a-f_]+|[0-9_]+)"
_LINES = {
    name: re.compile(rb"\s*(" + pattern + rb")\s*", re.ASCII | re.IGNORECASE | re.DOTALL)
    for name, pattern in {
        "INT": _INTEGER,
        "LONG": _INTEGER + b"L?",
        "FLOAT": rb"[+-]?(([0-9_]+\.?[0-9_]*|\.[0-9_]+)(e[+-]?[0-9_]+)?|inf(inity)?|nan)",
        "STRING": rb"'.*'|\".*\"",
        "GET": b"[0-9]+",
        "PUT": b"[0-9]+",
    }.items()
}


# What `_take_common` knows, and the protocol that has all of it.
_PROTOCOL_OF_COMMON = 4
_SHORT_BINUNICODE, _MEMOIZE, _BINGET = 0x8C, 0x94, 0x68
_MARK, _APPENDS, _SETITEMS = 0x28, 0x65, 0x75
# Numbers, None, booleans, and containers with nothing in them yet, with their sizes.
_VALUES = {**dict(zip(b"KMJG", (2, 3, 5, 9))), **dict.fromkeys(b"N\x88\x89])}", 1)}
_RUNS = {
    code: re.compile(b"(?:%b.{%d})+" % (re.escape(bytes([code])), size - 1), re.DOTALL)
    for code, size in _VALUES.items()
}


class _TruncatedError(Exception):
    pass


class _DamagedError(Exception):
    pass


def says_so(data: bytes) -> bool:
    """Tell whether bytes begin as a pickle that names its protocol, as those of protocol 2 and later do.

    Args:
        data: the bytes.
    """
    return len(data) > 2 and data[0] == 0x80 and data[1] in PROTOCOLS and data[2] in OPCODES


def examine(data: bytes) -> Optional[PickleFacts]:
    """Tell whether bytes are a pickle, of any protocol, and what is in it.

    Those of protocol 0 and 1 have no mark: text and numbers may begin as one. They are a pickle if loading them to the
    end would succeed, or would call something that they import before it fails.

    Args:
        data: the bytes.

    Returns:
        The facts, None if they aren't a pickle. No bytes are an error.
    """
    reader = _Reader(data)
    status = "complete"
    try:
        reader.run(_MOSTOPCODES)
    except _TruncatedError:
        status = "truncated"
    except _DamagedError:
        status = "damaged"
    whole = reader.ended or status != "complete"
    if not whole and data[-1] != _STOP:
        status = "truncated"
    trailing = len(data) - reader.position if reader.ended else 0
    if not says_so(data) and not _is_one(reader, status, trailing):
        return None
    return PickleFacts(
        protocol=min(reader.protocol, PROTOCOLS[-1]),
        imports=tuple(reader.imports),
        hides_imports=reader.hides_imports,
        status=status,
        was_read_whole=whole,
        trailing_bytes=trailing,
    )


def may_begin_one(data: bytes) -> bool:
    """Tell whether bytes may be the beginning of a pickle.

    Args:
        data: the bytes.
    """
    if data and data[0] not in OPCODES:
        return False
    reader = _Reader(data)
    try:
        reader.run(_MOSTOPCODES)
    except _TruncatedError:
        return True
    except _DamagedError:
        return says_so(data) or reader.calls
    return True


def _is_one(reader: "_Reader", status: str, trailing: int) -> bool:
    """Tell whether what doesn't say so is a pickle."""
    if reader.calls or (reader.ended and (reader.imports or reader.hides_imports)):
        return True
    if status == "damaged":
        return False
    # Text doesn't count what it says, and every Pickler does.
    return reader.counts if status == "truncated" or trailing else status == "complete"


class _Reader:
    """Follows what a pickle does to the stack and the memo of who loads it.

    Attributes:
        position: where the next opcode is.
        opcodes: how many were taken.
        protocol: the one that was named or that the opcodes need.
        ended: whether STOP was reached.
        imports: what is imported, in order.
        hides_imports: whether something else is, too.
        calls: whether something that was imported is called, or changed.
        counts: whether objects were put into the memo, in the order that pickle puts them there.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0
        self.opcodes = 0
        self.protocol = 0
        self.ended = False
        self.imports: Dict[Tuple[str, str], None] = {}
        self.hides_imports = False
        self.calls = False
        self.counts = False
        self._named_protocol = 0
        # The stack has texts, and None for all else; only what is above the last mark. Below are those of each mark.
        self._stack: List[Optional[str]] = []
        self._below: List[List[Optional[str]]] = []
        self._memo: Dict[int, Optional[str]] = {}

    def run(self, most: int) -> None:
        """Take opcodes until the last one, or until so many are taken."""
        while self.opcodes < most:
            if self._named_protocol >= _PROTOCOL_OF_COMMON:
                self._take_common(most)
            if not self.step():
                return

    def _take_common(self, most: int) -> None:
        """Do what `step` does, in a tenth of the time, as long as opcodes are those that large values consist of."""
        data, stack, below, memo = self._data, self._stack, self._below, self._memo
        position, size, taken = self.position, len(self._data), self.opcodes
        while taken < most and position + 1 < size:
            code = data[position]
            if code == _SHORT_BINUNICODE:
                start = position + 2
                end = start + data[position + 1]
                if end > size:
                    break
                stack.append(data[start:end].decode("utf-8", "backslashreplace"))
                position = end
            elif code == _MEMOIZE and stack:
                memo[len(memo)] = stack[-1]
                self.counts = True
                position += 1
            elif code in _VALUES:
                end = position + _VALUES[code]
                if end >= size:
                    break
                if data[end] != code:
                    stack.append(None)
                    position = end
                else:
                    run = _RUNS[code].match(data, position)
                    assert run is not None
                    count = (run.end() - position) // _VALUES[code]
                    stack.extend([None] * count)
                    position = run.end()
                    taken += count - 1
            elif code == _BINGET and data[position + 1] in memo:
                stack.append(memo[data[position + 1]])
                position += 2
            elif code == _MARK:
                below.append(stack)
                stack = []
                position += 1
            elif code in (_APPENDS, _SETITEMS) and below and below[-1]:
                stack = below.pop()
                stack[-1] = None
                position += 1
            else:
                break
            taken += 1
        self.position, self.opcodes, self._stack = position, taken, stack

    def step(self) -> bool:
        """Take one opcode. False if it was the last one."""
        if self.position >= len(self._data):
            raise _TruncatedError
        opcode = OPCODES.get(self._data[self.position])
        if opcode is None:
            raise _DamagedError
        self.position += 1
        self.opcodes += 1
        start, end = self._argument(opcode)
        name = opcode.name
        self._check_line(name, start, end)
        if opcode.protocol > self.protocol and name != "PROTO":
            self.protocol = opcode.protocol
        if name in _STRINGS:
            self._stack.append(self._text(name, start, end))
        elif name in _TO_MEMO:
            self._put(name, start, end)
        elif name in _FROM_MEMO:
            index = self._memo_index(name, start, end)
            if index not in self._memo:
                raise _DamagedError
            self._stack.append(self._memo[index])
        elif name in _UNKNOWN_TO_READERS:
            raise _DamagedError
        elif name == "MARK":
            self._below.append(self._stack)
            self._stack = []
        elif name == "POP":
            if self._stack:
                self._stack.pop()
            else:
                self._to_mark()
        elif name == "DUP":
            self._stack.append(self._top())
        elif name == "PROTO":
            self._set_protocol(self._data[start])
        elif name == "STOP":
            self._top()
            self.ended = True
            return False
        elif name != "FRAME":
            self._do(opcode, start, end)
        return True

    def _do(self, opcode: Opcode, start: int, end: int) -> None:
        if opcode.name == "STACK_GLOBAL" and (len(self._stack) < 2 or None in self._stack[-2:]):
            self.hides_imports = True
        taken = self._take(opcode)
        if opcode.name in IMPORTS_TWO_LINES:
            module, attribute = self._data[start:end].decode("utf-8", "backslashreplace").split("\n")[:2]
            self._note_import(module, attribute)
        elif opcode.name == "STACK_GLOBAL":
            name, attribute_name = taken
            if name is not None and attribute_name is not None:
                self._note_import(name, attribute_name)
        elif opcode.name in _IMPORTS_BY_NUMBER:
            self.hides_imports = True
        if opcode.name in _CALLS and (self.imports or self.hides_imports):
            self.calls = True
        self._stack.extend([None] * opcode.gives)

    def _take(self, opcode: Opcode) -> List[Optional[str]]:
        """Take from the stack what an opcode wants there."""
        if opcode.takes_mark:
            self._to_mark()
        rest = len(self._stack) - opcode.takes
        if rest < 0:
            raise _DamagedError
        taken = self._stack[rest:]
        del self._stack[rest:]
        return taken

    def _to_mark(self) -> None:
        """Take the last mark from the stack, and what is above it."""
        if not self._below:
            raise _DamagedError
        self._stack = self._below.pop()

    def _top(self) -> Optional[str]:
        if not self._stack:
            raise _DamagedError
        return self._stack[-1]

    def _set_protocol(self, protocol: int) -> None:
        if protocol not in PROTOCOLS:
            raise _DamagedError
        self._named_protocol = protocol
        self.protocol = max(self.protocol, protocol)

    def _note_import(self, module: str, attribute: str) -> None:
        if self._named_protocol < 3:
            # As unpickling does.
            if (module, attribute) in _compat_pickle.NAME_MAPPING:
                module, attribute = _compat_pickle.NAME_MAPPING[module, attribute]
            else:
                module = _compat_pickle.IMPORT_MAPPING.get(module, module)
        self.imports[(module, attribute)] = None

    def _argument(self, opcode: Opcode) -> Tuple[int, int]:
        """Pass over an argument, and give where its content starts and ends."""
        start = self.position
        end = start + opcode.fixed
        if opcode.length_format is not None:
            start += opcode.length_format.size
            if start > len(self._data):
                raise _TruncatedError
            (length,) = opcode.length_format.unpack_from(self._data, self.position)
            if length < 0:
                raise _DamagedError
            end = start + length
        for _ in range(opcode.lines):
            end = self._data.find(b"\n", end) + 1
            if not end:
                raise _TruncatedError
        if end > len(self._data):
            raise _TruncatedError
        self.position = end
        return start, end

    def _check_line(self, name: str, start: int, end: int) -> None:
        # A long line would take long, and is a number or a text either way.
        if name in _LINES and end - start < _LONGEST_LINE and not _LINES[name].fullmatch(self._data[start : end - 1]):
            raise _DamagedError

    def _text(self, name: str, start: int, end: int) -> Optional[str]:
        if end - start > _LONGEST_NAME:
            return None
        data = self._data[start:end]
        if name == "STRING":
            # As in a program, with quotes and backslashes: a name in it is plain, or it is hidden.
            text = data.strip()[1:-1].decode("ascii", "replace")
            return None if "\\" in text or "\ufffd" in text else text
        if name == "UNICODE":
            try:
                return data[:-1].decode("raw-unicode-escape")
            except UnicodeDecodeError:
                raise _DamagedError from None
        return data.decode("utf-8", "backslashreplace")

    def _put(self, name: str, start: int, end: int) -> None:
        index = self._memo_index(name, start, end)
        # From 0 on, or from 1 where Python 2 wrote it.
        self.counts = index - len(self._memo) in (0, 1) or (self.counts and index in self._memo)
        self._memo[index] = self._top()

    def _memo_index(self, name: str, start: int, end: int) -> int:
        if name == "MEMOIZE":
            return len(self._memo)
        argument = self._data[start:end]
        if name not in ("GET", "PUT"):
            return int.from_bytes(argument, "little")
        # Long numbers take long to read, and no memo is that large.
        return int(argument) if len(argument) < 20 else -1
