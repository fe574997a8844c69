# SPDX-License-Identifier: GPL-2.0
"""Mutants before the tests in a guest: perftop.ko with one in it, the tests of
tests/guest on two CPUs, until the first that fails.
"""

import re
import shlex
import signal
import subprocess
import threading
from pathlib import Path

# All tests, on a busy machine; one that has not ended then hangs.
LIMIT = 1500

PREPARE = r'''
here=$1 kernel=$2
. "$1/host.sh"
make_temp
build_tests
build_all "$2"
mv "$tmp/$2" "$3"
'''

ENDED = {120: 'the kernel panicked', 121: 'the kernel reported an error',
         122: 'the guest went down', 124: 'the guest hung'}


# Guests that run.
children = set()


class Failed(Exception):
    """The module as it is does not build."""


class Module:
    """A tree built for a kernel."""

    def __init__(self, root, tree, kernel, kdir, names):
        self.root = root
        self.tree = tree
        self.kernel = kernel
        self.kdir = Path(kdir)
        self.names = names
        said = self.make()
        if said is not None:
            raise Failed(said)

    def make(self):
        """None, or what the compiler said."""
        done = subprocess.run(
            ['make', '-s', '-C', str(self.kdir), 'M=%s' % self.tree, 'modules'],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True)
        return done.stderr.strip() if done.returncode else None

    def sources(self):
        """Each source file, and the command that compiled it."""
        for path in sorted(self.tree.rglob('.*.o.cmd')):
            command = path.read_text().splitlines()[0].split(':=', 1)[1]
            words = shlex.split(command)
            source = [w for w in words if w.endswith('.c')][-1:]
            if source and not source[0].endswith('.mod.c'):
                yield (self.kdir / source[0]).resolve(), words

    def prepare(self, to):
        """What all guests have in /root/tests."""
        self.tests = to
        subprocess.run(['bash', '-euc', PREPARE, 'mutants',
                        str(self.root / 'tests' / 'guest'), self.kernel,
                        str(to)], check=True)


def stop():
    """End what runs: its thread may not come to it."""
    for child in list(children):
        child.send_signal(signal.SIGTERM)
        child.wait()


class Worker:
    """One guest after the other."""

    def __init__(self, module):
        self.module = module

    def judge(self, mutant):
        """What became of it, and in what it was seen."""
        path = self.module.tree / mutant.file
        before = path.read_bytes()
        path.write_bytes(mutant.apply(before))
        try:
            if self.module.make() is not None:
                return 'unbuilt', ''
            return self.boot()
        finally:
            path.write_bytes(before)

    def boot(self):
        module = self.module
        child = subprocess.Popen(
            [str(module.root / 'scripts' / 'guest'), '-k', module.kernel,
             '-c', '2', '-t', str(LIMIT), '-a', '%s:/root/tests' % module.tests,
             '--no-module', '-a', '%s/perftop.ko:/root/perftop.ko' % module.tree,
             '--', 'tests/run', *module.names],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, errors='replace')
        # It ends by itself; this is for what does not.
        timer = threading.Timer(LIMIT + 60, child.kill)
        timer.start()
        children.add(child)
        try:
            return self.watch(child)
        finally:
            timer.cancel()
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
            child.wait()
            children.discard(child)

    def watch(self, child):
        """Until a test fails, or the guest has ended."""
        last, ran, plan = '', 0, None
        for line in child.stdout:
            match = re.match(r'(not )?ok \d+ -? ?(\S+)', line)
            if match and match[1]:
                return 'seen', 'guest:' + match[2]
            if match:
                last, ran = match[2], ran + 1
            elif re.match(r'1\.\.\d+$', line):
                plan = int(line[3:])
        status = child.wait()
        if plan == 0:
            return 'unbuilt', 'guest: no such test'
        if status == 0 and ran == plan:
            return 'survived', ''
        return 'seen', 'guest: %s, after %s' % (
            ENDED.get(status, 'status %d' % status), last or 'the boot')
