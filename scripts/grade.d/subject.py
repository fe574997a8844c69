# SPDX-License-Identifier: GPL-2.0
"""What is known of a module that has run: what it printed, what it should have
printed, and whose the entries are. judge.py goes by it."""

import itertools
import re

import read
import rubric

Unit = {'us': 1e3, 'ms': 1e6, 's': 1e9, 'sec': 1e9}

IDLE = re.compile(r'^(do_idle|cpu_startup_entry|start_secondary|default_idle\w*|'
                  r'rest_init)$')
# What every stack begins with, if it is taken in a probe's handler.
TRACER = re.compile(r'^(stack_trace_save\w*|arch_stack_walk\w*|kprobe_\w+|'
                    r'\w*ftrace\w*|__?schedule\w*|pick_(?:next_)?task\w*|'
                    r'schedule\w*|pre_handler_kretprobe|\w*handler\w*|'
                    r'aggr_\w+|arch_ftrace\w*|opt\w*_callback|preempt_schedule\w*|'
                    r'\w*rethook\w*|(?:asm_)?exc_int3|do_int3|notifier_call\w*)$')
# The known threads whose stacks differ in the functions of their own alone.
LIKE = ('alpha', 'beta', 'gamma')
BLANK = read.Output('', [], 'nothing', [])


class Subject:
    """A module with all its runs, as the checks see it."""

    def __init__(self, runs, symbols, source, release, module=None,
                 own=frozenset()):
        self.runs = runs
        self.module = module    # as the kernel calls it
        self.own = own          # its functions
        self.symbols = symbols
        self.source = source
        self.release = release
        self.load = runs['load']
        self.reading = runs['read']
        self.base = self.load.text_base
        self.cache = {}

    # --- What was printed --------------------------------------------------

    def output(self, plan, step):
        key = plan, step
        if key not in self.cache:
            text = self.runs[plan].text(step)
            ok = self.runs[plan].ok(step)
            self.cache[key] = read.read(text, self.symbols.names) \
                if ok and text.strip() else BLANK
        return self.cache[key]

    def best(self):
        """The output with the most behind it."""
        for plan, step in (('load', 'after2'), ('load', 'after1'),
                           ('load', 'before'), ('read', 'read3'),
                           ('read', 'read2'), ('read', 'read1')):
            output = self.output(plan, step)
            if not output.blank:
                return output
        return BLANK

    def loaded(self):
        """The output after the known load, and how often that had run."""
        for step, runs in (('after2', 2), ('after1', 1)):
            output = self.output('load', step)
            if not output.blank:
                return output, runs
        return BLANK, 0

    def nothing(self, *plans):
        """Why there is no output, or a blank one."""
        for plan in plans or ('load', 'read'):
            run = self.runs[plan]
            if run.trouble():
                return run.trouble()
            step = run.step('load')
            if run.refused():
                return run.refused()
            if step and not any(run.text(s).strip() for s in
                                ('read1', 'after1', 'after2')):
                failed = run.step('read1') or run.step('before')
                if failed and not failed.ok:
                    return 'reading %s failed: %s' % (
                        run.file, failed.text.strip()[:200])
                return 'the file is blank'
        return 'the file is blank'

    # --- Truth -------------------------------------------------------------

    def truth(self, runs):
        """name -> (pids, ticks, rests) of the known threads, summed."""
        known = {}
        for i in range(1, runs + 1):
            for line in self.load.text('known%d' % i).split('\n'):
                words = line.split()
                if len(words) == 4:
                    pids, ticks, rests = known.get(words[0], ((), 0, 0))
                    known[words[0]] = (pids + (int(words[1]),),
                                       ticks + int(words[2]),
                                       rests + int(words[3]))
        return known

    def processes(self, runs):
        """(pid, rounds) of the known processes."""
        return [(int(words[1]), int(words[2]))
                for i in range(1, runs + 1)
                for words in (line.split() for line in
                              self.load.text('users%d' % i).split('\n'))
                if len(words) == 3 and words[0] in ('ask', 'answer')]

    # --- Entries -----------------------------------------------------------

    def names(self, entry):
        """The functions of an entry, by name or by address."""
        found = []
        for frame in entry.frames:
            name = frame.name
            if name is None and frame.kernel:
                name = self.symbols.name(frame.address, self.base)
            if name:
                found.append(name)
        return found

    def of_thread(self, output, name):
        """The entries of a known thread where it rests."""
        own = 'grade_%s_' % name
        found = [e for e in output.entries
                 if any(n.startswith(own) for n in self.names(e))]
        return found or [e for e in output.entries if 'grade_' + name in e.text]

    def at_rest(self, output, name):
        """Those of them with the place where the thread rests."""
        found = self.of_thread(output, name)
        return [e for e in found if any(n == 'grade_%s_rest' % name
                                        for n in self.names(e))] or found

    def joined(self):
        """Where threads of one form are one entry: [their names], the entry;
        None if they are told apart."""
        if 'joined' not in self.cache:
            self.cache['joined'] = find_joined(self)
        return self.cache['joined']

    def by_time(self, output, ticks):
        """Entries whose time is right though their stacks do not say whose."""
        return [e for e in output.entries
                if any(near(v, ticks) for v in times(e))]

    def idle(self, entry):
        return any(IDLE.match(n) for n in self.names(entry))


def find_joined(s):
    """(names, entry, their numbers) of an entry whose count, or time, is that
    of several known threads together, of which none but one is shown."""
    output, runs = s.loaded()
    truth = s.truth(runs)
    shown = [n for n in LIKE if n in truth and s.of_thread(output, n)]
    absent = [n for n in LIKE if n in truth and n not in shown]
    if len(shown) != 1:
        return None
    for size in range(len(absent), 0, -1):
        for others in itertools.combinations(absent, size):
            names = [n for n in LIKE if n in shown or n in others]
            rests, ticks = [[truth[n][i] for n in names] for i in (2, 1)]
            for entry in s.of_thread(output, shown[0]):
                if entry.of_kind('count'):
                    if any(sum(rests) <= v <= sum(rests) * 1.1 + 3
                           for v in counts(entry)):
                        return names, entry, rests
                elif all(ticks) and any(near(v, sum(ticks))
                                        for v in times(entry)):
                    return names, entry, ticks
    return None


def sum_of(values):
    """340 = 20 + 20 + 300"""
    return '%d = %s' % (sum(values), ' + '.join('%d' % v for v in values))


def share(what):
    """By which share a number may be off."""
    return rubric.LIMITS[what + '_percent'] / 100


def near(value, truth):
    return abs(value - truth) <= share('time') * truth


def times(entry):
    """The times of an entry in ticks. A number without a word may be one."""
    found = [n.value * Unit.get(n.unit, 1) for n in entry.of_kind('time')]
    return found or [n.value for n in entry.of_kind(None)
                     if isinstance(n.value, int)]


def counts(entry):
    found = [n.value for n in entry.of_kind('count')]
    return found or [n.value for n in entry.of_kind(None)
                     if isinstance(n.value, int)]


def few(values):
    return ', '.join('%d' % v for v in values[:4]) or 'nothing'


def column(output, kind):
    """Columns of that kind that most entries have: label -> values."""
    labels = {}
    for entry in output.entries:
        for number in entry.of_kind(kind):
            if isinstance(number.value, int):
                labels.setdefault(number.column, []).append(number.value)
    return {label: values for label, values in labels.items()
            if len(values) * 5 >= len(output.entries) * 4}


def falls(values):
    return all(a >= b for a, b in zip(values, values[1:]))


def is_tracer(s, frame, name):
    return bool(TRACER.match(name or '')) or name in s.own or \
        frame.module is not None and frame.module == s.module


def whole(output):
    """(entry, its frames) of all."""
    return [(e, e.frames) for e in output.entries]


def of_tasks(s, output):
    """The same without the tracer's own frames: those that are known to be,
    and what all stacks begin with."""
    entries = [e for e in output.entries if e.frames]
    stacks = [[(f, f.name or s.symbols.name(f.address, s.base)
                if f.name or f.kernel else None) for f in entry.frames]
              for entry in entries]
    names = [[name for _, name in stack] for stack in stacks]
    common = 0
    if len({tuple(n) for n in names}) > 2:
        while len({tuple(n[:common + 1]) for n in names}) == 1:
            common += 1
    return [(entry, [f for f, name in stack[common:]
                     if not is_tracer(s, f, name)])
            for entry, stack in zip(entries, stacks)]


def kernel_frames(s, pairs):
    """(named right, bare, hashed, unknown names) of entries' frames."""
    named = bare = hashed = unknown = 0
    for entry, frames in pairs:
        for frame in frames:
            if frame.hashed:
                low, high = s.symbols.user
                hashed += not low <= frame.address < high
            elif frame.name is not None:
                if frame.module or frame.name in s.symbols.names:
                    named += 1
                else:
                    unknown += 'user' not in entry.text
            elif frame.kernel and s.symbols.name(frame.address, s.base):
                bare += 1
    return named, bare, hashed, unknown


def hashed_frame(s):
    """What %p makes of an address, as a guest shows it whose kernel hashes;
    None if what is shown there are mostly others."""
    for step in ('read3', 'read2', 'read1'):
        output = s.output('read', step)
        named, bare, hashed, _ = kernel_frames(s, whole(output))
        if hashed > named + bare:
            return next(f.text for f in output.frames if f.hashed)
    return None
