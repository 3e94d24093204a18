"""Arrow as a stranger may write it: the structures of the C data interface, with any field changed."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Sequence
from typing import Any


class _Schema(ctypes.Structure):
    pass


class _Array(ctypes.Structure):
    pass


class _Stream(ctypes.Structure):
    pass


SchemaRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Schema))
ArrayRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Array))
StreamRelease = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Stream))
GetSchema = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Schema))
GetNext = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(_Stream), ctypes.POINTER(_Array))
GetError = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.POINTER(_Stream))

_Schema._fields_ = [
    ("format", ctypes.c_char_p), ("name", ctypes.c_char_p), ("metadata", ctypes.c_char_p), ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("children", ctypes.POINTER(ctypes.POINTER(_Schema))),
    ("dictionary", ctypes.POINTER(_Schema)), ("release", SchemaRelease), ("private_data", ctypes.c_void_p),
]
_Array._fields_ = [
    ("length", ctypes.c_int64), ("null_count", ctypes.c_int64), ("offset", ctypes.c_int64), ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64), ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))), ("dictionary", ctypes.POINTER(_Array)), ("release", ArrayRelease),
    ("private_data", ctypes.c_void_p),
]
_Stream._fields_ = [
    ("get_schema", GetSchema), ("get_next", GetNext), ("get_last_error", GetError), ("release", StreamRelease),
    ("private_data", ctypes.c_void_p),
]

_capsule = ctypes.pythonapi.PyCapsule_New
_capsule.restype = ctypes.py_object
_capsule.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]

KEPT: list[Any] = []
"""What the structures point to; a test is short."""


@SchemaRelease
def _release_schema(schema: Any) -> None:
    schema.contents.release = SchemaRelease(0)


@ArrayRelease
def _release_array(array: Any) -> None:
    array.contents.release = ArrayRelease(0)


@StreamRelease
def _release_stream(stream: Any) -> None:
    stream.contents.release = StreamRelease(0)


class Column:
    """One array: its format, its buffers (``None`` for NULL), and any field of the structures by its name."""

    def __init__(
        self,
        format: str,
        buffers: Sequence[bytes | None],
        length: int,
        *,
        name: bytes | None = b"",
        children: Sequence[Column | None] = (),
        dictionary: Column | None = None,
        schema_children: int | None = None,
        misaligned: bool = False,
        **fields: Any,
    ) -> None:
        self.schema = _Schema(format=format.encode(), name=name, release=_release_schema)
        self.array = _Array(length=length, n_buffers=len(buffers), release=_release_array)
        places = []
        for buffer in buffers:
            if buffer is None:
                places.append(None)
                continue
            # a page more: what is read past the end shows as zeros, not as a crash elsewhere
            memory = ctypes.create_string_buffer(len(buffer) + 4096)
            place = (ctypes.addressof(memory) + 63) // 64 * 64 + int(misaligned)
            ctypes.memmove(place, buffer, len(buffer))
            KEPT.append(memory)
            places.append(place)
        self.array.buffers = (ctypes.c_void_p * max(len(places), 1))(*places)
        if children:
            pointers = [ctypes.POINTER(_Array)() if child is None else ctypes.pointer(child.array) for child in children]
            self.array.children = (ctypes.POINTER(_Array) * len(children))(*pointers)
            # a child that is not there is a number in the schema
            schemas = [ctypes.pointer((child or Column("l", [], 0, name=b"v")).schema) for child in children]
            self.schema.children = (ctypes.POINTER(_Schema) * len(children))(*schemas)
            self.array.n_children = self.schema.n_children = len(children)
        if schema_children is not None:
            self.schema.n_children = schema_children
        if dictionary is not None:
            self.array.dictionary, self.schema.dictionary = ctypes.pointer(dictionary.array), ctypes.pointer(dictionary.schema)
        for field, value in fields.items():
            setattr(self.array, field, value)
        KEPT.append(self)

    def released(self) -> Column:
        """The same array, released already."""
        self.array.release = ArrayRelease(0)
        return self

    def without_dictionary(self) -> Column:
        """The same array, whose dictionary only its schema has."""
        self.array.dictionary = ctypes.POINTER(_Array)()
        return self

    def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
        return (
            _capsule(ctypes.addressof(self.schema), b"arrow_schema", None),
            _capsule(ctypes.addressof(self.array), b"arrow_array", None),
        )


class Stream:
    """The arrays of one schema; an error's words end it."""

    def __init__(self, schema: Column, *arrays: Column | bytes) -> None:
        left = list(arrays)
        words = ctypes.c_char_p(b"")

        def get_schema(_: Any, out: Any) -> int:
            ctypes.memmove(out, ctypes.byref(schema.schema), ctypes.sizeof(_Schema))
            return 0

        def get_next(_: Any, out: Any) -> int:
            ctypes.memset(out, 0, ctypes.sizeof(_Array))
            if not left:
                return 0
            array = left.pop(0)
            if isinstance(array, bytes):
                words.value = array
                return 5
            ctypes.memmove(out, ctypes.byref(array.array), ctypes.sizeof(_Array))
            return 0

        def get_error(_: Any) -> int | None:
            return ctypes.cast(words, ctypes.c_void_p).value

        self.stream = _Stream(GetSchema(get_schema), GetNext(get_next), GetError(get_error), _release_stream)
        KEPT.append((self, schema, arrays, words))

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return _capsule(ctypes.addressof(self.stream), b"arrow_array_stream", None)


def int64(values: Sequence[int], **fields: Any) -> Column:
    return Column("l", [None, struct.pack(f"<{len(values)}q", *values)], len(values), **fields)


def texts(data: bytes, offsets: Sequence[int], **fields: Any) -> Column:
    return Column("u", [None, struct.pack(f"<{len(offsets)}i", *offsets), data], len(offsets) - 1, **fields)


def views(rows: Sequence[bytes | tuple[int, int, int]], *buffers: bytes, **fields: Any) -> Column:
    """Views of rows: bytes that lie in the view, or (length, buffer, offset)."""
    packed = b"".join(
        struct.pack("<i12s", len(row), row) if isinstance(row, bytes) else struct.pack("<i4sii", row[0], b"", row[1], row[2])
        for row in rows
    )
    lengths = struct.pack(f"<{len(buffers)}q", *map(len, buffers))
    return Column("vu", [None, packed, *buffers, lengths], len(rows), **fields)


def table(rows: int, **columns: Column) -> Column:
    for name, column in columns.items():
        column.schema.name = name.encode()
    return Column("+s", [None], rows, children=list(columns.values()))
