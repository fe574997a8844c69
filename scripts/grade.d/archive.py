# SPDX-License-Identifier: GPL-2.0
"""Unpack what was handed in as one file: .tar.gz, .tgz, .tar or .zip.

Whoever made it may have meant harm: only plain files are taken, none above a
size, so many at most and so much in all, and none out of the folder.
"""

import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

SUFFIXES = ('.tar.gz', '.tgz', '.tar', '.zip')
FILES_MOST = 2000
# What may come out of it, taken or not.
READ_MOST = 256 << 20

WRONG = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error,
         lzma.LZMAError, RuntimeError, NotImplementedError, ValueError)


class TooMuch(OSError):
    """More than anybody hands in."""


class Bounded(io.RawIOBase):
    """A stream that ends with an error where it gets too long."""

    def __init__(self, stream, most):
        self.stream = stream
        self.left = most

    def readable(self):
        return True

    def readinto(self, buffer):
        data = self.stream.read(len(buffer))
        self.left -= len(data)
        if self.left < 0:
            raise TooMuch('more than %d MB come out of it' % (READ_MOST >> 20))
        buffer[:len(data)] = data
        return len(data)


def is_archive(path):
    return path.name.lower().endswith(SUFFIXES)


def stem(path):
    """Its name without the suffix."""
    suffix = max((s for s in SUFFIXES if path.name.lower().endswith(s)),
                 key=len, default='')
    return path.name[:len(path.name) - len(suffix)]


def tar_members(path):
    """(name, whether it is a plain file, how to read it) of each member."""
    opened = gzip.open if path.name.lower().endswith('gz') else open
    with opened(path, 'rb') as stream, tarfile.open(
            fileobj=Bounded(stream, READ_MOST), mode='r|') as tar:
        for member in tar:
            if not member.isdir():
                yield member.name, member.isreg(), (
                    lambda most, m=member: tar.extractfile(m).read(most))


def zip_members(path):
    left = READ_MOST
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            left -= member.file_size
            if left < 0:
                raise TooMuch('more than %d MB come out of it' %
                              (READ_MOST >> 20))

            def read(most, m=member):
                with archive.open(m) as file:
                    return file.read(most)

            # Of a Unix zip, the upper half is the mode; a link is no file.
            kind = member.external_attr >> 28
            yield member.filename, kind in (0, 8), read


def unpack(path, target, file_most, all_most):
    """Unpack into a new directory; the notes on what was left out."""
    notes, total, taken = [], 0, 0
    target.mkdir(parents=True, exist_ok=True)
    members = zip_members if path.name.lower().endswith('.zip') else tar_members
    try:
        for name, plain, read in members(path):
            place = PurePosixPath(name.replace('\\', '/'))
            if place.is_absolute() or '..' in place.parts:
                notes.append('%s: %s leads out of it and was left out' % (
                    path.name, name))
                continue
            if not plain:
                notes.append('%s: %s is no plain file and was left out' % (
                    path.name, name))
                continue
            data = read(file_most + 1)
            total += len(data)
            taken += 1
            if len(data) > file_most:
                notes.append('%s: %s is too large and was left out' % (
                    path.name, name))
            elif total > all_most or taken > FILES_MOST:
                raise TooMuch('there is more in it than anybody hands in')
            else:
                write(target / Path(*place.parts), data)
    except WRONG as error:
        notes.append('%s: not all of it could be unpacked: %s' % (
            path.name, error))
    return notes


def write(path, data):
    """A name may stand for a file here and a folder there: then the first."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except (FileExistsError, NotADirectoryError, IsADirectoryError):
        pass
