"""What a pickle is and would import, told from its opcodes. Nothing is ever unpickled here."""

import pickletools
import struct
from typing import Dict, List, NamedTuple, Optional, Tuple

PROTOCOLS = range(2, 6)
"""The protocols whose pickles say so in their first two bytes."""

# A pickle of many small values has as many opcodes: after these the rest is only judged by its last byte.
_MOST_OPCODES = 500_000
_LONGEST_NAME = 500


class PickleFacts(NamedTuple):
    """What the opcodes of a pickle tell.

    Attributes:
        protocol: the protocol.
        imports: module and name of what loading would import, in the order of the bytes. Each may be called.
        hides_imports: whether it also imports something whose name the opcodes don't say plainly, as no pickle does
            that ``pickle`` or ``cloudpickle`` wrote.
        status: ``complete``, ``truncated`` (it has no end) or ``damaged`` (there is something that is no opcode).
        was_read_whole: whether all opcodes were looked at; the others of a very long pickle may import more.
        trailing_bytes: how many bytes follow its end. Loading ignores them.
    """

    protocol: int
    imports: Tuple[Tuple[str, str], ...]
    hides_imports: bool
    status: str
    was_read_whole: bool
    trailing_bytes: int


class _Opcode(NamedTuple):
    name: str
    # How long the argument is: its size, or the size of the length before it, or the number of lines.
    fixed: int
    length_format: Optional[struct.Struct]
    lines: int


_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: struct.Struct("<B"),
    pickletools.TAKEN_FROM_ARGUMENT4: struct.Struct("<i"),
    pickletools.TAKEN_FROM_ARGUMENT4U: struct.Struct("<I"),
    pickletools.TAKEN_FROM_ARGUMENT8U: struct.Struct("<Q"),
}

# Protocol 5, which the pickletools of Python 3.7 doesn't know.
_ADDED = {
    0x96: _Opcode("BYTEARRAY8", 0, _LENGTHS[pickletools.TAKEN_FROM_ARGUMENT8U], 0),
    0x97: _Opcode("NEXT_BUFFER", 0, None, 0),
    0x98: _Opcode("READONLY_BUFFER", 0, None, 0),
}

_STRINGS = {"SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "SHORT_BINSTRING", "BINSTRING"}
_TO_MEMO = {"PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"}
_FROM_MEMO = {"GET", "BINGET", "LONG_BINGET"}
_IMPORTS_TWO_LINES = {"GLOBAL", "INST"}
_IMPORTS_BY_NUMBER = {"EXT1", "EXT2", "EXT4"}
_NEUTRAL = {"PROTO", "FRAME"}


def _table() -> Dict[int, _Opcode]:
    opcodes = dict(_ADDED)
    for opcode in pickletools.opcodes:
        size = opcode.arg.n if opcode.arg is not None else 0
        lines = 0
        if size == pickletools.UP_TO_NEWLINE:
            lines = 2 if opcode.name in _IMPORTS_TWO_LINES else 1
        opcodes[ord(opcode.code)] = _Opcode(opcode.name, max(size, 0), _LENGTHS.get(size), lines)
    return opcodes


_OPCODES = _table()
_STOP = ord(".")


class _TruncatedError(Exception):
    pass


def starts_like_one(data: bytes) -> bool:
    """Tell whether bytes begin as a pickle of protocol 2 or later.

    Args:
        data: the bytes.
    """
    return len(data) > 2 and data[0] == 0x80 and data[1] in PROTOCOLS and data[2] in _OPCODES


def examine(data: bytes) -> PickleFacts:
    """Read the opcodes of a pickle.

    Args:
        data: bytes that begin as a pickle of protocol 2 or later.

    Returns:
        The facts. No bytes are an error.
    """
    reader = _Reader(data)
    status = "complete"
    try:
        while reader.opcodes < _MOST_OPCODES and reader.step():
            pass
    except _TruncatedError:
        status = "truncated"
    except KeyError:
        status = "damaged"
    whole = reader.ended or status != "complete"
    if not whole and data[-1] != _STOP:
        status = "truncated"
    return PickleFacts(
        protocol=data[1],
        imports=tuple(reader.imports),
        hides_imports=reader.hides_imports,
        status=status,
        was_read_whole=whole,
        trailing_bytes=len(data) - reader.position if reader.ended else 0,
    )


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self.position = 0
        self.opcodes = 0
        self.ended = False
        self.imports: Dict[Tuple[str, str], None] = {}
        self.hides_imports = False
        self._memo: Dict[int, Optional[str]] = {}
        # The strings on top of the stack; None for one that isn't known.
        self._pushed: List[Optional[str]] = []

    def step(self) -> bool:
        """Take one opcode. False if it was the last one."""
        if self.position >= len(self._data):
            raise _TruncatedError
        opcode = _OPCODES[self._data[self.position]]
        self.position += 1
        self.opcodes += 1
        start, end = self._argument(opcode)
        name = opcode.name
        if name in _STRINGS:
            self._pushed.append(self._text(start, end))
        elif name in _TO_MEMO:
            self._memo[self._memo_index(name, start, end)] = self._pushed[-1] if self._pushed else None
        elif name in _FROM_MEMO:
            self._pushed.append(self._memo.get(self._memo_index(name, start, end)))
        elif name == "STOP":
            self.ended = True
            return False
        elif name not in _NEUTRAL:
            self._note_import(name, start, end)
            self._pushed.clear()
        return True

    def _argument(self, opcode: _Opcode) -> Tuple[int, int]:
        """Pass over an argument, and give where its content starts and ends."""
        start = self.position
        end = start + opcode.fixed
        if opcode.length_format is not None:
            start += opcode.length_format.size
            if start > len(self._data):
                raise _TruncatedError
            (length,) = opcode.length_format.unpack_from(self._data, self.position)
            if length < 0:
                raise KeyError(length)
            end = start + length
        for _ in range(opcode.lines):
            end = self._data.find(b"\n", end) + 1
            if not end:
                raise _TruncatedError
        if end > len(self._data):
            raise _TruncatedError
        self.position = end
        return start, end

    def _text(self, start: int, end: int) -> Optional[str]:
        if end - start > _LONGEST_NAME:
            return None
        return self._data[start:end].decode("utf-8", "backslashreplace")

    def _memo_index(self, name: str, start: int, end: int) -> int:
        if name == "MEMOIZE":
            return len(self._memo)
        argument = self._data[start:end]
        if name not in ("GET", "PUT"):
            return int.from_bytes(argument, "little")
        # Long numbers take long to read, and no memo is that large.
        return int(argument) if len(argument) < 20 and argument.strip().isdigit() else -1

    def _note_import(self, name: str, start: int, end: int) -> None:
        if name in _IMPORTS_TWO_LINES:
            module, attribute = self._data[start:end].decode("utf-8", "backslashreplace").splitlines()[:2]
            self.imports[(module, attribute)] = None
        elif name == "STACK_GLOBAL":
            known = self._pushed[-2:]
            if len(known) == 2 and None not in known:
                self.imports[(str(known[0]), str(known[1]))] = None
            else:
                self.hides_imports = True
        elif name in _IMPORTS_BY_NUMBER:
            self.hides_imports = True
