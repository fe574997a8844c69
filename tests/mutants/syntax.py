# SPDX-License-Identifier: GPL-2.0
"""A C source as its compiler sees it, by libclang: tokens, and cursors with the
places that they have in the file, also where they come through a macro.
"""

import ctypes
from bisect import bisect_left
from pathlib import Path

import clang.cindex as cindex
from clang.cindex import CursorKind, TokenKind

# Of a compiler's words, those that change what a source means.
JOINED = ('-D', '-U', '-I', '-std=')
APART = ('-include', '-isystem', '-iquote', '-idirafter', '-I', '-D', '-U')


def meaning(words):
    """Of a compile command, what libclang is to know."""
    out, words = [], iter(words)
    for word in words:
        if word in APART:
            out += [word, next(words)]
        elif word.startswith(JOINED) or word == '-nostdinc':
            out.append(word)
    return out


class Broken(Exception):
    """A source that libclang cannot read."""


class Unit:
    """A source file with all that it includes."""

    def __init__(self, source, words, directory):
        args = meaning(words) + ['-w', '-working-directory', str(directory)]
        self.directory = Path(directory)
        try:
            self.tu = cindex.Index.create().parse(str(source), args)
        except cindex.TranslationUnitLoadError as error:
            raise Broken('%s: %s' % (source, error)) from error
        self.errors = [d for d in self.tu.diagnostics if d.severity >= 4]

    def definitions(self):
        """The outermost cursors, and each's file."""
        for cursor in self.tu.cursor.get_children():
            if cursor.location.file:
                path = self.directory / cursor.location.file.name
                yield cursor, path.resolve()


_get_file_location = cindex.conf.lib.clang_getFileLocation
_get_file_location.restype = None


def offset(location):
    """Where a location is in the file it was written in."""
    out = ctypes.c_uint()
    _get_file_location(location, None, None, None, ctypes.byref(out))
    return out.value


class Text:
    """One file's bytes and tokens."""

    def __init__(self, unit, path, cursor):
        self.bytes = path.read_bytes()
        name = cursor.location.file
        whole = cindex.SourceRange.from_locations(
            cindex.SourceLocation.from_offset(unit.tu, name, 0),
            cindex.SourceLocation.from_offset(unit.tu, name, len(self.bytes)))
        self.tokens = [Token(t) for t in unit.tu.get_tokens(extent=whole)
                       if t.kind != TokenKind.COMMENT]
        self.starts = [t.start for t in self.tokens]
        self.ends = [t.end for t in self.tokens]

    def get(self, start, end):
        return self.bytes[start:end].decode()

    def within(self, start, end):
        """The tokens of a range."""
        return self.tokens[bisect_left(self.starts, start):
                           bisect_left(self.starts, end)]

    def after(self, end):
        """The first token that begins there or behind."""
        i = bisect_left(self.starts, end)
        return self.tokens[i] if i < len(self.tokens) else None

    def is_whole(self, start, end):
        """Whether a range is of whole tokens, with brackets in pairs."""
        if start >= end:
            return False
        i = bisect_left(self.starts, start)
        j = bisect_left(self.ends, end)
        if i == len(self.starts) or self.starts[i] != start or \
           j == len(self.ends) or self.ends[j] != end:
            return False
        return is_paired(self.tokens[i:j + 1])

    def place(self, at):
        """Line and column."""
        line = self.bytes.count(b'\n', 0, at) + 1
        return line, at - (self.bytes.rfind(b'\n', 0, at) + 1) + 1


class Token:
    """A word of the source."""

    def __init__(self, token):
        self.text = token.spelling
        self.kind = token.kind
        self.start = token.extent.start.offset
        self.end = token.extent.end.offset


def is_paired(tokens):
    depth = 0
    for token in tokens:
        depth += (token.text in ('(', '[', '{')) - (token.text in (')', ']', '}'))
        if depth < 0:
            return False
    return depth == 0


def bounds(cursor):
    """Where a cursor is in its file."""
    return offset(cursor.extent.start), offset(cursor.extent.end)


WRAPPERS = (CursorKind.UNEXPOSED_EXPR, CursorKind.PAREN_EXPR)


def bare(cursor):
    """What is within conversions and brackets that the compiler sees."""
    while cursor.kind in WRAPPERS:
        children = list(cursor.get_children())
        if len(children) != 1:
            break
        cursor = children[0]
    return cursor


INTEGERS = {getattr(cindex.TypeKind, name) for name in (
    'BOOL CHAR_U UCHAR USHORT UINT ULONG ULONGLONG CHAR_S SCHAR SHORT INT LONG '
    'LONGLONG ENUM').split()}


def kind_of(kind):
    """A type without its names and qualifiers, as far as rules care."""
    real = kind.get_canonical()
    if real.kind in INTEGERS:
        return 'integer'
    return real.spelling.replace('const ', '').replace('volatile ', '')


def is_integer(cursor):
    return kind_of(cursor.type) == 'integer'


def is_bool(kind):
    return kind.get_canonical().kind == cindex.TypeKind.BOOL


def is_pointer(kind):
    return kind.get_canonical().kind == cindex.TypeKind.POINTER


def siblings(cursor, kind):
    """The declarations of a kind beside one, itself among them."""
    return [c for c in cursor.semantic_parent.get_children() if c.kind == kind]
