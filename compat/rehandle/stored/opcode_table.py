"""The opcodes of pickles of every protocol: what each takes from the bytes and the stack, and puts there."""

import pickletools
import struct
from typing import Dict, NamedTuple, Optional

IMPORTS_TWO_LINES = {"GLOBAL", "INST"}
"""Their argument is a module and a name, in a line each."""


class Opcode(NamedTuple):
    """One opcode.

    Attributes:
        name: its name in `pickletools`.
        protocol: the first protocol that has it.
        fixed: the size of its argument in bytes, where that is fixed.
        length_format: how the length is written before the argument, where it is.
        lines: the number of lines that the argument is, where it is text.
        takes_mark: whether it takes everything down to the last mark from the stack.
        takes: how many objects it takes besides.
        gives: how many objects it puts there.
    """

    name: str
    protocol: int
    fixed: int
    length_format: Optional[struct.Struct]
    lines: int
    takes_mark: bool
    takes: int
    gives: int


_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: struct.Struct("<B"),
    pickletools.TAKEN_FROM_ARGUMENT4: struct.Struct("<i"),
    pickletools.TAKEN_FROM_ARGUMENT4U: struct.Struct("<I"),
    pickletools.TAKEN_FROM_ARGUMENT8U: struct.Struct("<Q"),
}

# Protocol 5, which the pickletools of Python 3.7 doesn't know.
_ADDED = {
    0x96: Opcode("BYTEARRAY8", 5, 0, _LENGTHS[pickletools.TAKEN_FROM_ARGUMENT8U], 0, False, 0, 1),
    0x97: Opcode("NEXT_BUFFER", 5, 0, None, 0, False, 0, 1),
    0x98: Opcode("READONLY_BUFFER", 5, 0, None, 0, False, 1, 1),
}


def _table() -> Dict[int, Opcode]:
    opcodes = dict(_ADDED)
    for opcode in pickletools.opcodes:
        size = opcode.arg.n if opcode.arg is not None else 0
        lines = 0
        if size == pickletools.UP_TO_NEWLINE:
            lines = 2 if opcode.name in IMPORTS_TWO_LINES else 1
        before = opcode.stack_before
        takes_mark = pickletools.markobject in before
        opcodes[ord(opcode.code)] = Opcode(
            opcode.name,
            opcode.proto,
            max(size, 0),
            _LENGTHS.get(size),
            lines,
            takes_mark,
            before.index(pickletools.markobject) if takes_mark else len(before),
            len(opcode.stack_after),
        )
    return opcodes


OPCODES = _table()
"""By their bytes."""
