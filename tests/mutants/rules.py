# SPDX-License-Identifier: GPL-2.0
"""The mistakes that a tired programmer makes, as changes of a syntax tree.

Each rule takes a node and yields the ranges of the file that it would write
otherwise, and how. What comes out is a Mutant, named after its place among
those of its rule in its function, so that it keeps its name while others are
edited.
"""

from collections import defaultdict
from dataclasses import dataclass

from clang.cindex import CursorKind as Kind
from clang.cindex import TokenKind

from syntax import (bare, bounds, is_bool, is_integer, is_paired, is_pointer,
                    kind_of, siblings)

TOP = (Kind.FUNCTION_DECL, Kind.VAR_DECL)

RULES = {
    'compare': '< for <=, == for !=, and the reverse',
    'sense': 'a condition the other way round',
    'logic': '&& for ||, and the reverse',
    'term': 'a term of && or || left out',
    'operator': '+ for -, | for &, << for >>, += for = ...',
    'unary': '!, ~ or - left out',
    'constant': 'one more, or the next of an enumeration',
    'index': 'the next element of an array',
    'unit': 'a factor, or what converts, left out',
    'minmax': 'min for max, and the reverse',
    'statement': 'a statement left out',
    'increment': '++ or -- left out',
    'arguments': 'two neighbours of a call swapped',
    'member': 'the next member of the same type',
    'return': 'another value returned',
}

OTHER = {
    '<': '<=', '<=': '<', '>': '>=', '>=': '>', '==': '!=', '!=': '==',
    '&&': '||', '||': '&&',
    '+': '-', '-': '+', '*': '/', '/': '*', '%': '/', '|': '&', '&': '|',
    '^': '|', '<<': '>>', '>>': '<<',
    '+=': '-=', '-=': '+=', '|=': '&=', '&=': '|=', '*=': '/=', '/=': '*=',
    '<<=': '>>=', '>>=': '<<=', '^=': '|=', '%=': '/=',
    'min': 'max', 'max': 'min', 'min_t': 'max_t', 'max_t': 'min_t',
    'true': 'false', 'false': 'true',
}
COMPARE = ('<', '<=', '>', '>=', '==', '!=')
LOGIC = ('&&', '||')
BITWISE = ('&', '|', '&=', '|=')
FACTOR = ('*', '/', '<<', '>>')

BINARY = (Kind.BINARY_OPERATOR, Kind.COMPOUND_ASSIGNMENT_OPERATOR)
JUMPS = (Kind.BREAK_STMT, Kind.CONTINUE_STMT, Kind.GOTO_STMT, Kind.RETURN_STMT)
WORDS = {Kind.IF_STMT: 'if', Kind.WHILE_STMT: 'while', Kind.FOR_STMT: 'for',
         Kind.DO_STMT: 'do'}
LEFT_OUT = (Kind.CALL_EXPR, Kind.BINARY_OPERATOR, Kind.UNARY_OPERATOR,
            Kind.COMPOUND_ASSIGNMENT_OPERATOR, Kind.UNEXPOSED_EXPR,
            Kind.PAREN_EXPR, Kind.StmtExpr, Kind.CSTYLE_CAST_EXPR)


@dataclass
class Mutant:
    """A range of a file, and what is to stand there."""
    file: str
    function: str
    rule: str
    start: int
    end: int
    old: str
    new: str
    line: int
    column: int
    ordinal: int = 0

    @property
    def name(self):
        return '%s:%s:%s:%d' % (self.file, self.function, self.rule,
                                self.ordinal)

    @property
    def change(self):
        """In one line, what tells it from others."""
        return '%s => %s' % (' '.join(self.old.split()),
                             ' '.join(self.new.split()) or 'nothing')

    def apply(self, text):
        """The file's bytes with it in; no line moves."""
        lost = self.old.count('\n') - self.new.count('\n')
        return text[:self.start] + self.new.encode() + b'\n' * lost + \
            text[self.end:]

    def diff(self, text):
        """The lines it is in, before and after."""
        before = text[:self.start].rfind(b'\n') + 1
        after = text.find(b'\n', self.end)
        old = text[before:after].decode()
        new = (text[before:self.start] + self.new.encode() +
               text[self.end:after]).decode()
        return ['-' + line for line in old.split('\n')] + \
            ['+' + line for line in new.split('\n')]


class Finder:
    """All that the rules would do to one definition."""

    def __init__(self, file, text, cursor):
        self.file = file
        self.text = text
        self.top = cursor
        self.found = {}

    def mutants(self):
        self.visit(self.top, None)
        out = sorted(self.found.values(), key=lambda m: (m.start, m.end, m.new))
        count = defaultdict(int)
        for mutant in out:
            count[mutant.rule] += 1
            mutant.ordinal = count[mutant.rule]
        return out

    def add(self, rule, start, end, new):
        """One more, unless the file would be the same, or was so before."""
        if not self.text.is_whole(start, end):
            return
        old = self.text.get(start, end)
        if old == new or (start, end, new) in self.found:
            return
        line, column = self.text.place(start)
        self.found[start, end, new] = Mutant(
            self.file, self.top.spelling, rule, start, end, old, new, line,
            column)

    def get(self, cursor):
        return self.text.get(*bounds(cursor))

    def visit(self, cursor, parent):
        for rule in BY_KIND.get(cursor.kind, ()):
            rule(self, cursor, parent)
        self.named_constant(cursor, parent)
        for child in cursor.get_children():
            if cursor.kind == Kind.CASE_STMT and \
               child == next(cursor.get_children()):
                continue
            self.leave_out(child, cursor)
            self.visit(child, cursor)

    # --- Operators ---------------------------------------------------------

    def operator(self, cursor):
        """The one token between two operands."""
        left, right = cursor.get_children()
        between = self.text.within(bounds(left)[1], bounds(right)[0])
        return between[0] if len(between) == 1 else None

    def binary(self, cursor, _):
        token = self.operator(cursor)
        if not token or token.text not in OTHER:
            return
        rule = 'compare' if token.text in COMPARE else \
            'logic' if token.text in LOGIC else 'operator'
        self.add(rule, token.start, token.end, OTHER[token.text])
        if token.text in LOGIC:
            self.one_term(cursor, token.text)
        elif token.text in FACTOR:
            self.no_factor(cursor)
        elif cursor.kind == Kind.COMPOUND_ASSIGNMENT_OPERATOR:
            self.add('operator', token.start, token.end, '=')

    def one_term(self, cursor, operator):
        """The last of a chain, and where it begins also the first."""
        left, right = cursor.get_children()
        self.add('term', *bounds(cursor), self.get(left))
        if left.kind == Kind.BINARY_OPERATOR:
            token = self.operator(left)
            if token and token.text == operator:
                return
        self.add('term', *bounds(cursor), self.get(right))

    def no_factor(self, cursor):
        """a * CONSTANT: a."""
        left, right = cursor.get_children()
        if self.is_constant(right):
            self.add('unit', *bounds(cursor), self.get(left))
        elif self.is_constant(left):
            self.add('unit', *bounds(cursor), self.get(right))

    def is_constant(self, cursor):
        inner = bare(cursor)
        return inner.kind == Kind.INTEGER_LITERAL or \
            inner.kind == Kind.CXX_UNARY_EXPR or self.macro(cursor)

    def unary(self, cursor, parent):
        start, end = bounds(cursor)
        tokens = self.text.within(start, end)
        if not tokens:
            return
        if tokens[0].text in ('!', '~', '-'):
            self.add('unary', tokens[0].start, tokens[0].end, '')
        elif not self.is_step(cursor, parent):
            for token in (tokens[0], tokens[-1]):
                if token.text in ('++', '--'):
                    self.add('increment', token.start, token.end, '')

    def is_step(self, cursor, parent):
        """Of a loop, without which it has no end: that is always seen."""
        return parent and parent.kind == Kind.FOR_STMT and \
            cursor != list(parent.get_children())[-1]

    # --- Conditions --------------------------------------------------------

    def invert(self, condition, rule='sense'):
        """Unless another rule does the same to it."""
        inner = bare(condition)
        text = self.get(condition)
        if inner.kind == Kind.BINARY_OPERATOR and \
           len(list(inner.get_children())) == 2:
            token = self.operator(inner)
            if token and token.text in ('==', '!='):
                return
        if not text.startswith('!') or inner.kind != Kind.UNARY_OPERATOR:
            self.add(rule, *bounds(condition), '!(%s)' % text)

    def condition(self, cursor, _):
        children = list(cursor.get_children())
        start, end = bounds(cursor)
        tokens = self.text.within(start, end)
        if not tokens or tokens[0].text != WORDS[cursor.kind]:
            return
        if cursor.kind == Kind.FOR_STMT:
            children = self.for_condition(tokens, children)
        elif cursor.kind == Kind.DO_STMT:
            children = children[1:]
        if children:
            self.invert(children[0])

    def for_condition(self, tokens, children):
        """The child between the two semicolons."""
        depth, stops = 0, []
        for token in tokens:
            depth += (token.text == '(') - (token.text == ')')
            if token.text == ';' and depth == 1:
                stops.append(token.start)
            if len(stops) == 2:
                break
        return [c for c in children if len(stops) == 2 and
                stops[0] < bounds(c)[0] < stops[1]]

    def choice(self, cursor, _):
        condition = next(cursor.get_children())
        following = self.text.after(bounds(condition)[1])
        if following and following.text == '?':
            self.invert(condition)

    # --- Values ------------------------------------------------------------

    def literal(self, cursor, _):
        start, end = bounds(cursor)
        text = self.text.get(start, end)
        digits = text.rstrip('uUlL')
        if digits.isdigit() or digits.startswith('0x'):
            value = int(digits, 0 if digits.startswith('0x') else 10)
            self.add('constant', start, end, '%d%s' % (
                0 if value == 1 else value + 1, text[len(digits):]))

    def macro(self, cursor):
        """Whether it is a macro's name, and no more."""
        tokens = self.text.within(*bounds(cursor))
        return len(tokens) == 1 and tokens[0].kind == TokenKind.IDENTIFIER and \
            is_integer(cursor) and bare(cursor).kind not in (
                Kind.DECL_REF_EXPR, Kind.MEMBER_REF_EXPR)

    def named_constant(self, cursor, parent):
        """One more; of what may be a mask, the next bits."""
        text = self.get(cursor)
        if not cursor.kind.is_expression() or text == 'NULL' or \
           not self.macro(cursor) or bounds(cursor) == bounds(parent):
            return
        more = '(%s + 1)'
        if parent.kind in BINARY:
            token = self.operator(parent)
            if token and token.text in BITWISE:
                more = '(%s << 1)'
        self.add('constant', *bounds(cursor), OTHER.get(text, more % text))

    def reference(self, cursor, parent):
        """Of an enumeration: the next."""
        to = cursor.referenced
        text = self.get(cursor)
        if not to or to.kind != Kind.ENUM_CONSTANT_DECL or \
           text != to.spelling:
            return
        names = [c.spelling for c in siblings(to, Kind.ENUM_CONSTANT_DECL)]
        other = OTHER.get(text) or names[(names.index(text) + 1) % len(names)]
        if other == text:
            other = '(%s + 1)' % text
        self.add('constant', *bounds(cursor), other)

    def element(self, cursor, _):
        children = list(cursor.get_children())
        if len(children) != 2 or \
           self.text.after(bounds(children[0])[1]).text != '[':
            return
        index = bare(children[1])
        to = index.referenced if index.kind == Kind.DECL_REF_EXPR else None
        if index.kind != Kind.INTEGER_LITERAL and not self.macro(index) and \
           not (to and to.kind == Kind.ENUM_CONSTANT_DECL):
            self.add('index', *bounds(children[1]),
                     '(%s) + 1' % self.get(children[1]))

    def member(self, cursor, _):
        to = cursor.referenced
        tokens = self.text.within(*bounds(cursor))
        if not to or not tokens or to.kind != Kind.FIELD_DECL or \
           tokens[-1].text != to.spelling:
            return
        same = [c.spelling for c in siblings(to, Kind.FIELD_DECL) if
                c.spelling and not c.is_bitfield() and
                c.type.get_canonical().spelling ==
                to.type.get_canonical().spelling]
        if to.spelling in same and len(same) > 1:
            self.add('member', tokens[-1].start, tokens[-1].end,
                     same[(same.index(to.spelling) + 1) % len(same)])

    # --- Calls -------------------------------------------------------------

    def call(self, cursor, _):
        arguments = list(cursor.get_arguments())
        where = [bounds(a) for a in arguments]
        if not all(self.text.is_whole(*w) for w in where):
            return
        for a, b in zip(range(len(arguments)), range(1, len(arguments))):
            if where[a][1] <= where[b][0] and \
               kind_of(arguments[a].type) == kind_of(arguments[b].type):
                self.swap(where[a], where[b])
        if arguments and is_integer(cursor) and is_integer(arguments[0]) and \
           self.get(cursor).startswith(cursor.spelling):
            self.add('unit', *bounds(cursor),
                     '(%s)' % self.text.get(*where[0]))

    def swap(self, one, other):
        between = self.text.get(one[1], other[0])
        self.add('arguments', one[0], other[1], self.text.get(*other) +
                 between + self.text.get(*one))

    def extreme(self):
        """min and max are macros, or functions: their names tell."""
        tokens = self.text.within(*bounds(self.top))
        for token, following in zip(tokens, tokens[1:]):
            if token.text in ('min', 'max', 'min_t', 'max_t') and \
               following.text == '(':
                self.add('minmax', token.start, token.end, OTHER[token.text])

    # --- Statements --------------------------------------------------------

    def leave_out(self, cursor, parent):
        """A statement that nothing else is made of."""
        if not is_statement(cursor, parent):
            return
        start, end = bounds(cursor)
        tokens = self.text.within(start, end)
        following = self.text.after(end)
        if not tokens or not following or following.text != ';' or \
           not is_paired(tokens):
            return
        if cursor.kind == Kind.UNARY_OPERATOR:
            return
        if cursor.kind == Kind.RETURN_STMT and \
           bounds(parent)[1] == bounds(self.top)[1]:
            return
        self.add('statement', start, end, '')

    def returned(self, cursor, _):
        value = next(cursor.get_children(), None)
        if not value or self.top.kind != Kind.FUNCTION_DECL:
            return
        kind = self.top.result_type
        text = self.get(value)
        if is_bool(kind):
            if text in ('true', 'false'):
                self.add('return', *bounds(value), OTHER[text])
            else:
                self.invert(value, 'return')
        elif is_pointer(kind):
            if text != 'NULL':
                self.add('return', *bounds(value), 'NULL')
        elif kind_of(kind) == 'integer':
            self.add('return', *bounds(value), '1' if text == '0' else '0')

    def definition(self, cursor, _):
        if cursor == self.top:
            self.extreme()


def is_statement(cursor, parent):
    """Where a statement may stand, and of a kind that can go alone."""
    if cursor.kind not in LEFT_OUT and cursor.kind not in JUMPS:
        return False
    children = list(parent.get_children())
    if parent.kind in (Kind.COMPOUND_STMT, Kind.LABEL_STMT, Kind.DEFAULT_STMT):
        return True
    if parent.kind == Kind.IF_STMT:
        return cursor != children[0]
    if parent.kind == Kind.DO_STMT:
        return cursor == children[0]
    return parent.kind in (Kind.WHILE_STMT, Kind.FOR_STMT, Kind.CASE_STMT) and \
        cursor == children[-1]


BY_KIND = {
    Kind.BINARY_OPERATOR: (Finder.binary,),
    Kind.COMPOUND_ASSIGNMENT_OPERATOR: (Finder.binary,),
    Kind.UNARY_OPERATOR: (Finder.unary,),
    Kind.CONDITIONAL_OPERATOR: (Finder.choice,),
    Kind.IF_STMT: (Finder.condition,),
    Kind.WHILE_STMT: (Finder.condition,),
    Kind.FOR_STMT: (Finder.condition,),
    Kind.DO_STMT: (Finder.condition,),
    Kind.INTEGER_LITERAL: (Finder.literal,),
    Kind.DECL_REF_EXPR: (Finder.reference,),
    Kind.ARRAY_SUBSCRIPT_EXPR: (Finder.element,),
    Kind.MEMBER_REF_EXPR: (Finder.member,),
    Kind.CALL_EXPR: (Finder.call,),
    Kind.RETURN_STMT: (Finder.returned,),
    Kind.FUNCTION_DECL: (Finder.definition,),
    Kind.VAR_DECL: (Finder.definition,),
}


def find(file, text, cursor):
    """The mutants of an outermost definition, in the order of the file."""
    if cursor.kind not in TOP or not cursor.is_definition():
        return []
    return Finder(file, text, cursor).mutants()
