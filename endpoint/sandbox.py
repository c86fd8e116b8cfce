"""A process into one that cannot reach any other: the kernel refuses it new sockets, whatever a query asks for.

A filter of system calls (seccomp), which Linux gives without privileges and which cannot be taken back. Where the
system has none, the tokenizer in front (``limits``) stands alone.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys

__all__ = ["forbid_sockets"]

# machine -> (its name in the audit interface, the number of the system call socket)
CALLS = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
SET_NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2
LOAD, JUMP_EQUAL, RETURN = 0x20, 0x15, 0x06  # instructions of the classic packet filter
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EACCES
NUMBER, MACHINE = 0, 4  # offsets in struct seccomp_data


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def forbid_sockets() -> bool:
    """Refuse this process every new socket from now on, and return whether the system could be made to."""
    known = CALLS.get(platform.machine())
    if not sys.platform.startswith("linux") or known is None:
        return False
    machine, call = known
    instructions = b"".join(
        struct.pack("=HBBI", *each)
        for each in (
            (LOAD, 0, 0, MACHINE),
            (JUMP_EQUAL, 0, 3, machine),
            (LOAD, 0, 0, NUMBER),
            (JUMP_EQUAL, 0, 1, call),
            (RETURN, 0, 0, REFUSE),
            (RETURN, 0, 0, ALLOW),
        )
    )
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(SET_SECCOMP, FILTER_MODE, ctypes.byref(program), 0, 0) == 0)
