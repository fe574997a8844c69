# SPDX-License-Identifier: GPL-2.0
"""Mutants before the unit tests: what tests/unit/Makefile would do, known from
make itself, done for one changed file at a time.

Of a mutant, no more is built than depends on its file, and no program is run
whose code is as before; the one that sees most of the file's in the least time
goes first, and the first failure ends it.
The sanitizers stay, since a fault may be one of memory.
"""

import filecmp
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

UNIT = 'tests/unit'
# What linking takes, in seconds.
LINK = 0.3
# What a program may use, beside several times what it takes.
MORE_CPU = 2
MORE_TIME = 20
OUTPUT_MAX = 16 << 20

ENVIRONMENT = dict(os.environ, CMOCKA_MESSAGE_OUTPUT='STDOUT',
                   CMOCKA_TEST_ABORT='1', ASAN_OPTIONS='symbolize=0',
                   UBSAN_OPTIONS='symbolize=0', LC_ALL='C')


# Programs that run, each the first of a group.
children = set()


class Failed(Exception):
    """The tree as it is does not build, or does not pass."""


def commands(directory, source):
    """All that make would do for the programs, each a line."""
    done = subprocess.run(
        ['make', '-n', '-B', '--no-print-directory', 'SOURCE=%s' % source,
         'programs'], cwd=directory, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise Failed('make: ' + done.stderr.strip())
    return done.stdout.replace('\\\n', ' ').splitlines()


def after(words, option):
    return words[words.index(option) + 1]


def lighter(words):
    """Without what only a reader wants: a mutant may well give warnings."""
    return [w for w in words if w not in ('-g', '-Werror')] + ['-w']


def plain(words):
    """As a kernel has it: to see whether two sources are the same code."""
    drop = re.compile('-(fsanitize|fno-sanitize|O|g)')
    return [w for w in lighter(words) if not drop.match(w)] + ['-O2']


def prerequisites(path):
    """Of a compiler's .d file, what its object is made from."""
    text = path.read_text().replace('\\\n', ' ')
    return text.splitlines()[0].split(':', 1)[1].split()


class Program:
    """A test program: how it is linked, of what, and what it takes."""

    def __init__(self, words, objects):
        self.words = words
        self.path = after(words, '-o')
        self.objects = [w for w in words if w in objects]
        self.cpu = self.time = 0
        self.tried = Counter()
        self.seen = Counter()

    def cost(self, file):
        """Of seeing one of a file's mutants, as far as that is known."""
        return (self.cpu + LINK) * (self.tried[file] + 2) / \
            (self.seen[file] + 1)

    def limits(self):
        """A mutant may be slower, but then it ends."""
        return int(self.cpu * 4) + 1 + MORE_CPU, self.time * 10 + MORE_TIME


class Units:
    """The programs and objects of a tree: how they are made, and made once."""

    def __init__(self, tree, source):
        self.tree = tree
        self.directory = tree / UNIT
        self.objects = {}
        self.programs = []
        for line in commands(self.directory, source):
            self.take(line)

    def build(self, jobs):
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(self.make, self.objects.values()))
            list(pool.map(self.make, [p.words for p in self.programs]))
        self.depends = {name: self.files_of(name) for name in self.objects}
        for program in self.programs:
            self.measure(program)

    def take(self, line):
        """A line of make's: what to build from is kept."""
        words = shlex.split(line)
        if '-o' in words and '-c' in words:
            words = lighter(words)
            self.objects[after(words, '-o')] = words
        elif '-o' in words:
            self.programs.append(Program(words, self.objects))
        else:
            subprocess.run(line, shell=True, cwd=self.directory, check=True)

    def make(self, words):
        done = subprocess.run(words, cwd=self.directory, text=True,
                              stderr=subprocess.PIPE)
        if done.returncode:
            raise Failed(done.stderr.strip())

    def files_of(self, name):
        """An object's files that are of the tree, relative to it."""
        out, top = set(), self.tree.resolve()
        for word in prerequisites((self.directory / name).with_suffix('.d')):
            path = (self.directory / word).resolve()
            if path.is_relative_to(top):
                out.add(str(path.relative_to(top)))
        return out

    def measure(self, program):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        status, said = run_program(self.directory, program.path, 600, 600)
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        program.time = time.monotonic() - began
        program.cpu = usage.ru_utime + usage.ru_stime - before.ru_utime - \
            before.ru_stime
        if status:
            raise Failed('%s fails as it is%s' % (program.path,
                                                  said and ', in ' + said))

    def sources(self):
        """Those of the objects, and each's command."""
        for words in self.objects.values():
            source = next(w for w in words if w.endswith('.c'))
            yield (self.directory / source).resolve(), words


def stop():
    """End what runs: its thread may not come to it."""
    for child in list(children):
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)


def run_program(directory, path, cpu, seconds):
    """Its status, None if it did not end, and in which test it was."""
    said = directory / (path + '.said')
    with said.open('wb') as out:
        child = subprocess.Popen(
            ['prlimit', '--cpu=%d' % cpu, '--core=0',
             '--fsize=%d' % OUTPUT_MAX, './' + path],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, env=ENVIRONMENT, start_new_session=True)
        children.add(child)
        try:
            status = child.wait(seconds)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
            children.discard(child)
    names = re.findall(r'^\[ RUN +\] (\S+)',
                       said.read_text(errors='replace'), re.M)
    return status, names[-1] if names else ''


class Worker:
    """A copy of a built tree, in which one mutant at a time lives."""

    def __init__(self, units, number):
        self.units = units
        self.tree = units.tree.with_name('%s.%d' % (units.tree.name, number))
        shutil.copytree(units.tree, self.tree, symlinks=True)
        self.directory = self.tree / UNIT

    def judge(self, mutant):
        """What became of it, and in what it was seen."""
        path = self.tree / mutant.file
        before = path.read_bytes()
        path.write_bytes(mutant.apply(before))
        try:
            verdict = self.try_programs(mutant)
            if verdict[0] == 'survived' and self.is_same(mutant, before):
                verdict = 'same', ''
            return verdict
        finally:
            path.write_bytes(before)

    def affected(self, mutant):
        return [name for name, files in self.units.depends.items()
                if mutant.file in files]

    def try_programs(self, mutant):
        affected = set(self.affected(mutant))
        built = {}
        for program in sorted(self.units.programs,
                              key=lambda p: p.cost(mutant.file)):
            wanted = [o for o in program.objects if o in affected]
            for name in wanted:
                if name not in built:
                    built[name] = self.build(name)
            if any(built[name] is None for name in wanted):
                return 'unbuilt', ''
            changed = {o for o in wanted if built[o]}
            if changed:
                program.tried[mutant.file] += 1
                verdict = self.run(program, changed)
                if verdict:
                    program.seen[mutant.file] += 1
                    return verdict
        return 'survived', ''

    def compile(self, words, out):
        """Whether it compiles, into a file beside the tree's own."""
        words = list(words)
        words[words.index('-o') + 1] = out
        return subprocess.run(
            [w for w in words if w not in ('-MMD', '-MP')], cwd=self.directory,
            stderr=subprocess.DEVNULL).returncode == 0

    def build(self, name):
        """Whether an object is another now; None if it cannot be built."""
        out = name + '.mutant'
        if not self.compile(self.units.objects[name], out):
            return None
        return not filecmp.cmp(self.directory / out, self.directory / name,
                               shallow=False)

    def run(self, program, changed):
        path = program.path + '.mutant'
        words = [w + '.mutant' if w in changed or w == program.path else w
                 for w in program.words]
        if subprocess.run(words, cwd=self.directory,
                          stderr=subprocess.DEVNULL).returncode:
            return 'unbuilt', ''
        status, test = run_program(self.directory, path, *program.limits())
        if status == 0:
            return None
        return 'seen', '%s%s%s' % (Path(program.path).name,
                                   test and ':' + test,
                                   ' (no end)' if status in (
                                       None, -signal.SIGKILL) else '')

    def is_same(self, mutant, before):
        """Whether the compiler makes the same of both in all that is
        shipped."""
        path = self.tree / mutant.file
        for name in self.affected(mutant):
            words = plain(self.units.objects[name])
            if not self.compile(words, name + '.after'):
                return False
            after_it = path.read_bytes()
            path.write_bytes(before)
            self.compile(words, name + '.before')
            path.write_bytes(after_it)
            if not filecmp.cmp(self.directory / (name + '.after'),
                               self.directory / (name + '.before'),
                               shallow=False):
                return False
        return True
