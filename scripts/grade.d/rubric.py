# SPDX-License-Identifier: GPL-2.0
"""The rubric: parts and checks, with the numbers of rubric.toml, or of a
teacher's file. --explain prints it, judge.py goes by it."""

import math
import tomllib
from collections import namedtuple
from pathlib import Path

Part = namedtuple('Part', 'name title points')
Check = namedtuple('Check', 'id points text')

NUMBERS = Path(__file__).with_suffix('.toml')

TITLES = {
    '1.1': 'a module with /proc/perftop that says "Hello World"',
    '1.2': 'a kprobe that counts how often the file was opened',
    '1.3': 'how often each PID was scheduled, in a hash table',
    '2.1': 'schedule counts by stack trace, kernel and user',
    '2.2': 'accumulated rdtsc time by stack trace',
    '2.3': 'an rb-tree: the 20 most scheduled, by time',
    '3': 'function names instead of addresses for kernel tasks',
}

# What a check asks for; a part's own words go before those for all.
TEXTS = {
    'hello': 'each of three reads says Hello World',
    'opens': 'a number grows by one from read to read',
    'pids': 'entries with a PID and a count',
    'pidcount': 'processes that passed a byte N times to and fro have counts '
                'of N to N and {pid_percent:g} %, and 10',
    'stacks': 'entries with stacks: kernel addresses or names that are of this '
              'kernel, and not what %p makes of them',
    'known': 'the kernel threads grade_alpha and grade_beta are among the '
             'entries, told by functions (or addresses inside them) of their '
             'own',
    'counts': 'the counts of grade_alpha and grade_beta are what they were '
              'scheduled, within {count_percent:g} % or {count_most:g}',
    'merged': 'each of the two is one entry, with a stack of its own',
    'user': 'a user task is found: a user address inside grade_user, or its '
            'name',
    'time': 'the ticks of grade_alpha and grade_beta are right within '
            '{time_percent:g} %',
    'bound': 'no time exceeds CPUs x elapsed ticks',
    'grows': 'the times of the known threads grow with the load',
    'twenty': 'at least two and at most {entries:g} entries',
    'order': 'times do not increase from entry to entry',
    'top': 'grade_alpha is among the first {top:g} kernel threads\' entries '
           'and above grade_beta',
    'named': 'the kernel\'s functions are shown by names that this kernel has, '
             'outside of the tracer\'s own frames; no kernel address stands '
             'bare',
    'zero': 'loaded again, it starts at zero: nothing of the load before is '
            'shown',
    'alive': 'it unloads, loads again, unloads while it is being read and with '
             'a load running, five times over; the kernel reports nothing; no '
             'file, probe or memory stays behind; the log grows by less than '
             '{flood:g} lines',
    ('1.2', 'zero'): 'loaded again, the number starts where it started',
    ('2.2', 'stacks'): 'entries with stacks and a time',
}

# All of these are set by use().
PARTS = []
CHECKS = {}
LIMITS = {}


class Wrong(ValueError):
    """A rubric that cannot be used, and why."""


def read(path):
    try:
        with open(path, 'rb') as file:
            return tomllib.load(file)
    except OSError as error:
        raise Wrong('%s: %s' % (path, error.strerror)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Wrong('%s: %s' % (path, error)) from None


def merge(path, into, changes, where=''):
    """Take over the numbers that another table changes; it may name nothing
    that is not there."""
    for name, value in changes.items():
        shown = where + name
        if name not in into:
            raise Wrong("%s: nothing is called '%s'; there are %s" % (
                path, shown, ', '.join(into)))
        if isinstance(into[name], dict) != isinstance(value, dict):
            raise Wrong("%s: '%s' is %s table" % (
                path, shown, 'a' if isinstance(into[name], dict) else 'no'))
        if isinstance(value, dict):
            merge(path, into[name], value, shown + '.')
            continue
        if isinstance(value, bool) or not isinstance(value, (int, float)) or \
                not math.isfinite(value) or value < 0:
            raise Wrong("%s: '%s' is to be a number, 0 or more, and not %r" % (
                path, shown, value))
        into[name] = value


def use(path=None):
    """Let the rubric have the numbers of the table, changed by a file."""
    numbers = read(NUMBERS)
    if path:
        merge(path, numbers, read(path))
    LIMITS.update(numbers['limits'])
    PARTS.clear()
    for name, checks in numbers['points'].items():
        CHECKS[name] = [Check(check, points, TEXTS.get(
            (name, check), TEXTS[check]).format(**LIMITS))
                        for check, points in checks.items()]
        PARTS.append(Part(name, TITLES[name], sum(checks.values())))


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
            lines += wrap('%6s  %-9s ' % (points(check.points), check.id),
                          'as above' if check.text in told else check.text)
            told.add(check.text)
        lines.append('')
    lines += [
        'A check is passed, failed, or not decidable from the output; the '
        'last gives no',
        'points by itself and asks a person to look at the transcript. '
        'Other numbers:', '--rubric FILE, of the form of %s.' %
        NUMBERS.relative_to(NUMBERS.parent.parent.parent)]
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


use()
