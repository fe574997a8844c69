# SPDX-License-Identifier: GPL-2.0
"""The guest's functions: its kernel's, the known load's, a submission's."""

import bisect
import gzip
import os
import re
import subprocess


def fetch(root, kernel, cache, release):
    """The kernel's /proc/kallsyms, read in a guest once and kept."""
    path = cache / 'grade' / ('kallsyms-%s.gz' % release)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        data = subprocess.run(
            [str(root / 'scripts' / 'guest'), '-k', kernel, '--no-module',
             '-t', '180', '-A', 'nokaslr', 'gzip -c /proc/kallsyms'],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            check=True).stdout
        gzip.decompress(data)
        new = path.with_suffix('.%d' % os.getpid())
        new.write_bytes(data)
        new.rename(path)
    return gzip.decompress(path.read_bytes()).decode()


def nm(path):
    """(address, name) of the functions of an object."""
    said = subprocess.run(['nm', str(path)], capture_output=True, text=True,
                          check=False).stdout
    return [(int(a, 16), name) for a, kind, name in
            (line.split() for line in said.split('\n')
             if re.match(r'^[0-9a-f]+ [tTwW] \S+$', line))]


def undefined(path):
    """The names that an object takes from others."""
    said = subprocess.run(['nm', '-u', str(path)], capture_output=True,
                          text=True, check=False).stdout
    return {line.split()[-1] for line in said.split('\n') if line.strip()}


def exported(module):
    """The names that a module exports, by the file that its build left."""
    lines = module.with_name('Module.symvers').read_text().split('\n')
    return {line.split('\t')[1] for line in lines if line}


class Symbols:
    """Names by address, and whether a name is known."""

    def __init__(self, text, load, user):
        pairs = []
        self.names = set()
        for line in text.split('\n'):
            words = line.split()
            if len(words) == 3 and words[1] in 'tTwW':
                pairs.append((int(words[0], 16), words[2]))
                self.names.add(words[2])
        pairs.sort()
        self.addresses = [a for a, _ in pairs]
        self.sorted_names = [n for _, n in pairs]
        self.load = sorted(load)
        self.names |= {name for _, name in load}
        code = sorted(a for a, _ in user)
        self.user = (code[0], code[-1] + 4096) if code else (0, 0)
        self.own = set()

    def name(self, address, base=None):
        """The function an address lies in, or None. base is where the known
        load's text lies."""
        if base is not None and self.load and \
                base <= address < base + self.load[-1][0] + 256:
            offset = address - base
            i = bisect.bisect_right([a for a, _ in self.load], offset) - 1
            return self.load[i][1] if i >= 0 else None
        i = bisect.bisect_right(self.addresses, address) - 1
        if i < 0 or i + 1 >= len(self.addresses):
            return None
        # Behind the kernel's last function there is no code of its own.
        if address - self.addresses[i] > 1 << 16:
            return None
        return self.sorted_names[i]
