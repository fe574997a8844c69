# SPDX-License-Identifier: GPL-2.0
"""The rubric: parts, checks, points. --explain prints it, judge.py goes by it."""

from collections import namedtuple

Part = namedtuple('Part', 'name title points')
Check = namedtuple('Check', 'id points text')

PARTS = [
    Part('1.1', 'a module with /proc/perftop that says "Hello World"', 1),
    Part('1.2', 'a kprobe that counts how often the file was opened', 1),
    Part('1.3', 'how often each PID was scheduled, in a hash table', 1),
    Part('2.1', 'schedule counts by stack trace, kernel and user', 2),
    Part('2.2', 'accumulated rdtsc time by stack trace', 2),
    Part('2.3', 'an rb-tree: the 20 most scheduled, by time', 2),
    Part('3', 'function names instead of addresses for kernel tasks', 11),
]

# What is the same wherever it stands.
ALIVE = 'it unloads, loads again, unloads while it is being read and with a ' \
    'load running, five times over; the kernel reports nothing; no file, probe ' \
    'or memory stays behind; the log grows by less than %d lines'
ZERO = 'loaded again, it starts at zero: nothing of the load before is shown'
KNOWN = 'the kernel threads grade_alpha and grade_beta are among the entries, ' \
    'told by functions (or addresses inside them) of their own'
MERGED = 'each of the two is one entry, with a stack of its own'
TIME = 'the ticks of grade_alpha and grade_beta are right within 5 %'
BOUND = 'no time exceeds CPUs x elapsed ticks'
ORDER = 'times do not increase from entry to entry'
TWENTY = 'at least two and at most 20 entries'
TOP = 'grade_alpha is among the first five kernel threads\' entries and above ' \
    'grade_beta'
USER = 'a user task is found: a user address inside grade_user, or its name'

CHECKS = {
    '1.1': [
        Check('hello', 0.5, 'each of three reads says Hello World'),
        Check('alive', 0.5, ALIVE),
    ],
    '1.2': [
        Check('opens', 0.5, 'a number grows by one from read to read'),
        Check('zero', 0.25, 'loaded again, the number starts where it started'),
        Check('alive', 0.25, ALIVE),
    ],
    '1.3': [
        Check('pids', 0.25, 'entries with a PID and a count'),
        Check('pidcount', 0.5, 'processes that passed a byte N times to and '
              'fro have counts of N to 1.25 N'),
        Check('alive', 0.25, ALIVE),
    ],
    '2.1': [
        Check('stacks', 0.25, 'entries with stacks: kernel addresses or names '
              'that are of this kernel, and not what %p makes of them'),
        Check('known', 0.5, KNOWN),
        Check('counts', 0.5, 'the counts of grade_alpha and grade_beta are '
              'what they were scheduled, within 10 % or 3'),
        Check('merged', 0.25, MERGED),
        Check('user', 0.25, USER),
        Check('alive', 0.25, ALIVE),
    ],
    '2.2': [
        Check('stacks', 0.25, 'entries with stacks and a time'),
        Check('time', 1, TIME),
        Check('bound', 0.25, BOUND),
        Check('grows', 0.25, 'the times of the known threads grow with the '
              'load'),
        Check('alive', 0.25, ALIVE),
    ],
    '2.3': [
        Check('twenty', 0.5, TWENTY),
        Check('order', 0.75, ORDER),
        Check('top', 0.5, TOP),
        Check('alive', 0.25, ALIVE),
    ],
    '3': [
        Check('named', 4, 'the kernel\'s functions are shown by names that '
              'this kernel has; no kernel address stands bare'),
        Check('known', 1.5, KNOWN),
        Check('top', 0.5, TOP),
        Check('twenty', 1, TWENTY),
        Check('order', 1, ORDER),
        Check('time', 1, TIME),
        Check('merged', 0.5, MERGED),
        Check('user', 0.5, USER),
        Check('zero', 0.5, ZERO),
        Check('alive', 0.5, ALIVE),
    ],
}

# More lines in the kernel's log in one guest than this is a flood.
FLOOD = 1000

for part in PARTS:
    assert abs(sum(c.points for c in CHECKS[part.name]) - part.points) < 1e-9


def part_named(name):
    for part in PARTS:
        if part.name == name:
            return part
    return None


def points(value):
    """11, 0.5, 1.25: no more digits than there are."""
    return ('%.2f' % value).rstrip('0').rstrip('.')


def explain():
    """The rubric as text."""
    told = set()
    lines = ['Points are for what a submission does in the guest. What its '
             'source shows is', 'reported beside them and costs none.', '']
    for part in PARTS:
        lines.append('%-4s %s (%s)' % (part.name, part.title,
                                       points(part.points)))
        for check in CHECKS[part.name]:
            text = check.text % FLOOD if check.id == 'alive' else check.text
            if text in told:
                text = 'as above'
            told.add(check.text)
            told.add(text)
            lines += wrap('%6s  %-9s ' % (points(check.points), check.id),
                          text)
        lines.append('')
    lines += [
        'A check is passed, failed, or not decidable from the output; the '
        'last gives no',
        'points by itself and asks a person to look at the transcript.']
    return '\n'.join(lines)


def wrap(head, text, width=79):
    lines = []
    line = head
    for word in text.split():
        if len(line) + len(word) + 1 > width:
            lines.append(line.rstrip())
            line = ' ' * len(head)
        line += word + ' '
    lines.append(line.rstrip())
    return lines
