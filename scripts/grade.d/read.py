# SPDX-License-Identifier: GPL-2.0
"""Read what a submission prints, whatever its layout.

An output is a list of entries (a task, a stack, a process). Each has frames
(names or addresses) and numbers, which the words beside them, or the header of
their column, may tell apart: rank, pid, hash, count, time, size. Nothing is
known of the layout, so entries are found by what repeats:

  1. lines whose first number runs 1, 2, 3, ... behind the same words: ranks;
  2. else the first line with a number whose words return;
  3. else the blocks between blank lines or rulers, if they hold frames.
"""

import re
from collections import Counter, OrderedDict

SYMBOL = re.compile(
    r'(?<![\w.$])([A-Za-z_][\w.$]*)\+(?:0x)?([0-9a-fA-F]+)'
    r'(?:/(?:0x)?[0-9a-fA-F]+)?(?:\s*\[([\w-]+)\])?')
HEXADDR = re.compile(r'(?<![\w.+])(0[xX])?([0-9a-fA-F]{16})(?![\w])')
HEXSHORT = re.compile(r'(?<![\w.+])0[xX]([0-9a-fA-F]{5,15})(?![\w])')
DECADDR = re.compile(r'(?<![\w.+-])(\d{19,20})(?![\w.])')
# As %ld prints an address, or %d its lower half.
NEGATIVE = re.compile(r'(?<![\w.+)\]-])-(\d{8,19})(?![\w.])')
NUMBER = re.compile(
    r'(?<![^\s:=(,|\[])-\d+(?:\.\d+)?(?![\w])'
    r'|(?<![\w.+])(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)(?![\w])'
    r'|(?<![\w.+-])(?=[0-9a-f]*\d)[0-9a-f]{6,8}(?![\w])')
# Where the kernel's own text is, if it lies where it was linked to.
TEXT = range(0xffffffff81000000, 0xffffffff85000000)
RULER = re.compile(r'^[\s\-=*_#~+/|<>.:]*$')
WORD = re.compile(r'[a-z]+')

# What a word says of the number beside it, the strongest kind first.
KINDS = OrderedDict([
    ('rank', {'rank', 'no', 'nr', 'index', 'position', 'place'}),
    ('pid', {'pid', 'tid', 'pids', 'process', 'processid', 'tgid'}),
    ('hash', {'hash', 'jhash', 'jenkins', 'jenkin', 'key', 'hashkey',
              'jhashkey'}),
    ('time', {'time', 'tick', 'ticks', 'cycles', 'cycle', 'rdtsc', 'tsc',
              'runtime', 'ns', 'us', 'ms', 'duration', 'executed', 'clock',
              'elapsed', 'cputime', 'cumulative', 'spent', 'nanoseconds'}),
    ('count', {'count', 'counts', 'times', 'scheduled', 'schedules',
               'schedule', 'frequency', 'freq', 'switches', 'counter', 'sched',
               'scheduling', 'occurrences', 'hits', 'runs', 'scheds'}),
    ('size', {'size', 'length', 'len', 'depth', 'entries', 'frames', 'cpu',
              'level'}),
])
UNITS = {'times': 'count', 'switches': 'count', 'ticks': 'time', 'tick': 'time',
         'cycles': 'time', 'clock': 'time', 'rdtsc': 'time', 'tsc': 'time',
         'ns': 'time', 'us': 'time', 'ms': 'time', 's': 'time', 'sec': 'time'}
# Words that say something of a time, but not that it is a sum.
PARTIAL = {'avg', 'average', 'longest', 'max', 'maximum', 'min', 'last',
           'mean', 'share', 'percent'}


class Frame:
    """A place in a program: a name, an address, or what %p makes of one."""

    def __init__(self, text, name=None, offset=0, module=None, address=None):
        self.text = text
        self.name = name
        self.offset = offset
        self.module = module
        self.address = address

    @property
    def kernel(self):
        """Whether it is an address in the kernel's half."""
        return self.address is not None and self.address >> 47 == 0x1ffff

    @property
    def hashed(self):
        """%p prints eight zeros and eight digits that mean nothing."""
        return (self.address is not None and self.address < 1 << 32 and
                bool(re.match(r'(0x)?0{8}[0-9a-f]{8}$', self.text)) and
                self.address >= 1 << 24)


class Number:
    """A number, what kind the words make it, and which column it is in."""

    def __init__(self, value, kind, column, text, unit=None):
        self.value = value
        self.kind = kind
        self.column = column
        self.text = text
        self.unit = unit


class Entry:
    """One task of an output."""

    def __init__(self, lines):
        self.lines = lines
        self.frames = []
        self.numbers = []

    @property
    def text(self):
        return '\n'.join(self.lines)

    def of_kind(self, kind):
        return [n for n in self.numbers if n.kind == kind]


class Output:
    """All that was read."""

    def __init__(self, text, entries, how, header):
        self.text = text
        self.entries = entries
        self.how = how
        self.header = header

    @property
    def blank(self):
        return not self.text.strip()

    @property
    def frames(self):
        return [f for e in self.entries for f in e.frames]


def label_of(line, place):
    """The words between the last number or divider and a place."""
    return re.split(r'[,;|]|\d', line[max(0, place - 200):place])[-1]


def labelled(line, place):
    """Whether words say that a number, and no address, stands there."""
    return classify(words_of(label_of(line, place))) is not None


def canonical(value):
    """Whether it may be an address of either half."""
    return value >> 47 in (0, 0x1ffff)


def find_frames(line, names=frozenset()):
    """The frames of a line, and the line with each of them blanked out."""
    found = []
    # Nothing but numbers stands there, perhaps behind an index.
    alone = not re.search(r'[A-Za-z]', line)

    def take(match, **what):
        found.append((match.start(), Frame(match.group(), **what)))
        return ' ' * len(match.group())

    def symbol(match):
        return take(match, name=match.group(1), offset=int(match.group(2), 16),
                    module=match.group(3))

    def address(match):
        value = int(match.group(2), 16)
        if not canonical(value) or (
                match.group(2).isdigit() and not match.group(1) and
                labelled(match.string, match.start())):
            return match.group()
        return take(match, address=value)

    def decimal(match):
        value = int(match.group(1))
        if value >> 47 != 0x1ffff:
            return match.group()
        return take(match, address=value)

    def negative(match):
        value = (1 << 64) - int(match.group(1))
        if value >> 47 != 0x1ffff or labelled(match.string, match.start()) or \
                not (alone or value in TEXT):
            return match.group()
        return take(match, address=value)

    # A short one may be a hash or a count, if the words say so.
    def short(match):
        if labelled(match.string, match.start()):
            return match.group()
        return take(match, address=int(match.group(1), 16))

    line = SYMBOL.sub(symbol, line)
    line = HEXADDR.sub(address, line)
    line = DECADDR.sub(decimal, line)
    line = NEGATIVE.sub(negative, line)
    # A bare name, as %ps prints it, if the line has nothing else but an index.
    words = line.split()
    bare = len(words) < 5 and re.match(
        r'^[\W\d]*([A-Za-z_][\w.]*)[ ,;|]*(\[[\w-]+\])?[ ,;|]*$',
        ' '.join(words))
    if bare and bare.group(1) in names:
        found.append((line.index(bare.group(1)),
                      Frame(bare.group(1), bare.group(1))))
        line = re.sub(r'\w', ' ', line)
    if found or re.match(r'^[\s\[\]#\d:.,<>-]*0[xX][0-9a-fA-F]+[\s,]*$', line):
        line = HEXSHORT.sub(short, line)
    found.sort(key=lambda pair: pair[0])
    return [frame for _, frame in found], line


def classify(words):
    """The kind that words make of a number, or None."""
    words = set(words)
    if words & PARTIAL and not words & {'rank', 'pid'}:
        return 'other'
    for kind, known in KINDS.items():
        if words & known:
            return kind
    return None


def words_of(text):
    text = re.sub(r'([a-z])([A-Z])', r'\1 \2', text).lower()
    return WORD.findall(text)


def parse_number(text):
    if text.lower().startswith('0x'):
        return int(text, 16)
    if re.match(r'^-?\d+$', text):
        return int(text)
    if re.match(r'^-?\d+\.\d+$', text):
        return float(text)
    return int(text, 16)


def find_numbers(line):
    """Numbers of a line whose frames are blanked out, with their kinds."""
    numbers = []
    before = 0
    matches = [m for m in NUMBER.finditer(line)]
    for i, match in enumerate(matches):
        end = matches[i + 1].start() if i + 1 < len(matches) else len(line)
        label = line[before:match.start()]
        after = line[match.end():end]
        unit = re.match(r'[\s(]*(%|[A-Za-z]+)(?:[\s]+(ticks|cycles))?(?!\w)'
                        r'(?!\s*[:=\[])', after)
        kind = None
        word = unit.group(1).lower() if unit else None
        before = match.end()
        if word == '%':
            kind = 'other'
            before = match.end() + unit.end()
        elif word in UNITS:
            before = match.end() + unit.end()
        # The last phrase before a number says most.
        phrase = re.split(r'[,;|\t]|\s{2,}', label.rstrip())[-1]
        kind = (kind or classify(words_of(phrase)) or
                classify(words_of(label)))
        if kind is None and word is not None:
            kind = UNITS.get(word)
        if kind is None and i == len(matches) - 1:
            kind = classify(words_of(after))
        column = ' '.join(words_of(label)) or '#%d' % i
        numbers.append(Number(parse_number(match.group()), kind, column,
                              match.group(), word if word in UNITS else None))
    return numbers


class Line:
    """A line with its parts."""

    def __init__(self, text, names):
        self.text = text
        self.frames, self.rest = find_frames(text, names)
        self.numbers = find_numbers(self.rest)
        self.ruler = bool(RULER.match(text))
        self.shape = ' '.join(
            re.sub(r'[^\w:]+', ' ', NUMBER.sub('#', self.rest)).split())
        # What has no words, or but one that may be a name, is alike by that.
        words = [word for word in re.findall(r'[A-Za-z]{2,}',
                                             NUMBER.sub(' ', self.rest))
                 if not re.fullmatch(r'[0-9a-fA-F]{6,}', word)]
        self.plain = not words
        # Whatever names stand between, two labels tell what a line says.
        kinds = [n.kind for n in self.numbers if n.kind not in (None, 'other')]
        if len(set(kinds)) > 1:
            self.shape = 'labelled ' + ' '.join(kinds)
        elif len(self.numbers) > 3 and len(words) < 2:
            self.shape = 'row of numbers' + ' and a word' * len(words)

    @property
    def bare_frame(self):
        """Frames, perhaps behind an index, and nothing else."""
        return bool(self.frames) and len(self.numbers) < 2 and \
            not re.search(r'[A-Za-z]{3,}', self.rest)

    @property
    def lead(self):
        """The first number, and the words before it."""
        if not self.numbers or self.bare_frame:
            return None
        match = NUMBER.search(self.rest)
        if not re.match(r'^\d+$', match.group()):
            return None
        return ' '.join(words_of(self.rest[:match.start()])), int(
            match.group())


def find_ranks(lines):
    """Where the longest run 1, 2, 3, ... of leading numbers stands."""
    groups = OrderedDict()
    for i, line in enumerate(lines):
        if line.lead:
            groups.setdefault((line.lead[0], line.plain), []).append(
                (i, line.lead[1]))
    best = []
    for (words, _), places in groups.items():
        kind = classify(words.split())
        if kind not in (None, 'rank', 'other'):
            continue
        run = []
        for place, value in places:
            if run and value == run[-1][1] + 1:
                run.append((place, value))
            elif len(run) > 2 and value in (0, 1):
                break
            elif value in (0, 1):
                run = [(place, value)]
            elif kind != 'rank' and run:
                run = []
                break
        if len(run) > len(best):
            best = run
    if len(best) < 2:
        return []
    gaps = [b[0] - a[0] for a, b in zip(best, best[1:])]
    # A table of two columns may begin with 1, 2, 3 by chance.
    if len(best) < 4 and max(gaps) == 1 and not classify(
            lines[best[0][0]].lead[0].split()) == 'rank':
        return []
    return [place for place, _ in best]


def find_shapes(lines):
    """Where the first line with a number stands whose words return."""
    count = Counter(line.shape for line in lines
                    if line.numbers and not line.bare_frame)
    for line in lines:
        if line.numbers and not line.bare_frame and count[line.shape] > 1:
            return [i for i, other in enumerate(lines)
                    if other.shape == line.shape and other.numbers and
                    not other.bare_frame]
    return []


def find_blocks(lines):
    """The first lines of blocks that hold frames."""
    starts = []
    fresh = True
    for i, line in enumerate(lines):
        if line.ruler:
            fresh = True
        elif fresh and (line.frames or line.numbers):
            starts.append(i)
            fresh = False
    return starts if any(line.frames for line in lines) else []


def trails(lines, starts):
    """Whether the lines found stand below what they belong to."""
    framed = [i for i, line in enumerate(lines) if line.frames]
    return bool(framed) and framed[0] < starts[0] and framed[-1] < starts[-1]


def cut(lines, starts, trailing):
    """The lines of each entry. The last ends where something new begins."""
    pieces = []
    if trailing:
        first = 0
        for start in starts:
            pieces.append(lines[first:start + 1])
            first = start + 1
        return pieces
    for i, start in enumerate(starts):
        end = starts[i + 1] if i + 1 < len(starts) else len(lines)
        pieces.append(lines[start:end])
    if len(pieces) > 1:
        seen = {line.shape for piece in pieces[:-1] for line in piece}
        last = pieces[-1]
        for i, line in enumerate(last):
            if i and not line.frames and not line.ruler and \
                    line.shape not in seen:
                pieces[-1] = last[:i]
                break
    return pieces


def find_header(lines, first):
    """The nearest line above the entries that names columns."""
    for line in reversed(lines[:first]):
        if line.numbers or line.frames:
            continue
        cells = [cell.strip() for cell in re.split(
            r'[\t|]+|\s{2,}|,', line.text) if cell.strip()]
        kinds = [classify(words_of(cell)) for cell in cells]
        if sum(kind is not None for kind in kinds) < 2:
            cells = line.text.split()
            kinds = [classify(words_of(cell)) for cell in cells]
        if sum(kind is not None for kind in kinds) >= 2:
            kinds = ['other' if '%' in cell else kind
                     for cell, kind in zip(cells, kinds)]
            return list(zip(cells, kinds))
    return []


def apply_header(entry, header):
    """Columns name the numbers that stand in a row without words of their own,
    be the row one line or several."""
    columns = [(cell, kind) for cell, kind in header
               if kind is not None or not re.search(
                   r'(?i)stack|trace|name|comm|task|func', cell)]
    plain = [n for n in entry.numbers]
    if len(plain) < len(columns) or not columns:
        return
    for number, (cell, kind) in zip(plain, columns):
        if number.kind is None or number.kind == UNITS.get(number.unit):
            number.kind = kind
            number.column = cell


def make_entry(piece, header):
    entry = Entry([line.text for line in piece])
    for i, line in enumerate(piece):
        entry.frames += line.frames
        if line.bare_frame:
            continue
        # A line of one number has the words of the line above it.
        above = piece[i - 1] if i else None
        for number in line.numbers:
            if number.kind is None and above and not above.numbers and \
                    len(line.numbers) == 1 and not above.frames:
                number.kind = classify(words_of(above.text))
            if number.column.startswith('#'):
                number.column = '%s of line %d' % (number.column, min(i, 3))
        entry.numbers += line.numbers
    if header:
        apply_header(entry, header)
    return entry


def read(text, names=frozenset()):
    """Read an output. names are those of the kernel's functions."""
    text = text.replace('\r', '').replace('\0', '')
    lines = [Line(part, names) for part in text.split('\n')]
    how = 'ranks'
    starts = find_ranks(lines)
    if not starts:
        how = 'lines that return'
        starts = find_shapes(lines)
    if not starts:
        how = 'blocks'
        starts = find_blocks(lines)
    if not starts:
        return Output(text, [], 'nothing', [])
    trailing = how == 'lines that return' and trails(lines, starts)
    header = find_header(lines, starts[0])
    entries = [make_entry(piece, header)
               for piece in cut(lines, starts, trailing)]
    if how == 'ranks':
        for entry in entries:
            if entry.numbers:
                entry.numbers[0].kind = 'rank'
    return Output(text, entries, how, header)


def numbers_of(text):
    """All plain numbers of an output, in order, frames left out."""
    found = []
    for line in text.split('\n'):
        _, rest = find_frames(line)
        found += [n.value for n in find_numbers(rest)]
    return found
