# SPDX-License-Identifier: GPL-2.0
"""The schema of perftop's JSON, made from what views.json says of columns.

Draft 7, which is the newest that Debian 11's python3-jsonschema knows.
"""

import json

DECIMAL = r'^(0|[1-9][0-9]*)$'
ADDRESS = r'^0x[0-9a-f]+$'
BYTES = r'^([0-9a-f]{2})+$'


def string(pattern=None):
    return {'type': 'string', **({'pattern': pattern} if pattern else {})}


def ref(name):
    return {'$ref': '#/definitions/' + name}


def thing(members, optional=(), **more):
    """An object of these members and no others."""
    return {'type': 'object', 'properties': members,
            'required': [name for name in members if name not in optional],
            'additionalProperties': False, **more}


def named(members, names):
    """With the twin of each name that is no UTF-8."""
    return {**members, **{name + '_hex': ref('bytes') for name in names}}


def frame(of, members, optional=()):
    return thing({'of': {'const': of}, **members}, optional)


def frames():
    twins = ('name_hex', 'module_hex')
    name = named({'name': string()}, ['name'])
    return {'oneOf': [
        frame('kernel', {**name, 'offset': ref('address'),
                         'module': string(), 'module_hex': ref('bytes')},
              ('offset', 'module') + twins),
        frame('kernel', {'address': string()}),
        frame('user', {'file': string(), 'file_hex': ref('bytes'),
                       'offset': ref('address'), 'deleted': {'const': True}},
              ('deleted', 'file_hex')),
        frame('user', {'name': string(), 'offset': ref('address')}),
        frame('user', {'name': string(), 'address': ref('address')}, ('name',)),
        frame('kernel', {'mark': {'const': 'truncated'}}),
        frame('user', {'mark': {'enum': ['running', 'signal', 'truncated',
                                         'no frame pointer']}})]}


DEFINITIONS = {
    'decimal': string(DECIMAL),
    'number': {'type': 'integer', 'minimum': 0},
    'priority': {'type': 'integer'},
    'percent': {'type': 'number', 'minimum': 0, 'maximum': 100},
    'rate': {'type': 'number', 'minimum': 0},
    'bytes': string(BYTES),
    'address': string(ADDRESS),
    'hex': string('^[0-9a-f]{8}$'),
    'cpus': string('^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$'),
    'decimal by cpu': {
        'type': 'object', 'patternProperties': {DECIMAL: ref('decimal')},
        'additionalProperties': False},
    'octaves': {'type': 'array', 'items': thing({
        'from': ref('decimal'), 'to': ref('decimal'),
        'eighths': {'type': 'array', 'items': ref('decimal'),
                    'minItems': 8, 'maxItems': 8}})},
    'thread': thing(named({
        'pid': ref('number'), 'tgid': ref('number'), 'comm': string(),
        'policy': string(), 'priority': ref('priority')}, ['comm']),
        ['comm_hex']),
    # Numbers of frames; null: one for which there was no memory.
    'frames': {'type': 'array',
               'items': {'type': ['integer', 'null'], 'minimum': 0}},
    'frame': frames(),
}


def type_of(column):
    """The definition of what a column has."""
    kind, unit = column['type'], column['unit']
    if kind == 'integer':
        return ref('priority' if unit == 'priority' else 'number')
    if kind == 'number':
        return ref('percent' if unit == 'percent' else 'rate')
    if kind == 'string':
        return ref('cpus') if unit == 'cpus' else string()
    if kind == 'name':
        return string()
    if kind == 'boolean':
        return {'type': 'boolean'}
    return ref(kind)


# Where a row that is nobody's has no value, or a ratio none by nothing.
NULL_FROM = {'ratio', 'average', 'part', 'percentile', 'rate', 'own'}
NULL_UNITS = {'hash', 'id', 'number', 'cpu', 'flag', 'priority', 'word', 'name',
              'thread', 'stack', 'cpus'}


def may_be_null(column):
    if column['from'] in NULL_FROM:
        return True
    if column['from'] == 'key':
        return True
    if column['from'] == 'account':
        return column['unit'] == 'cpu'
    if column['from'] in ('counter', 'by cpu'):
        return column['unit'] in NULL_UNITS
    return False


def members(columns):
    """What columns are in an object, and which of it need not be there."""
    made, twins = {}, []
    for column in columns:
        value = type_of(column)
        if may_be_null(column):
            value = {'anyOf': [value, {'type': 'null'}]}
        made[column['id']] = {'description': column['help'], **value} \
            if '$ref' not in value else \
            {'description': column['help'], 'allOf': [value]}
        if column['type'] == 'name':
            twins.append(column['id'] + '_hex')
            made[twins[-1]] = ref('bytes')
    return made, twins


def row(view):
    made, twins = members(view['columns'])
    of_some = ['is', 'is_running', 'is_waiting']
    return thing({
        'record': {'anyOf': [ref('decimal'), {'type': 'null'}]},
        'since': ref('decimal'),
        'is': {'enum': ['others', 'overflow', 'all']},
        'is_running': {'const': True},
        'is_waiting': {'const': True},
        **made}, of_some + twins)


def view_schema(of, table):
    made, twins = members(table)
    return thing({
        'on': {'type': 'boolean'}, 'lacks': {'type': ['string', 'null']},
        **made, 'rows': {'type': 'array', 'items': row(of)}}, twins,
        description=of['what'])


def make(views):
    """Of an object of views.json."""
    machine, twins = members(views['machine'])
    names = {name: view for name, view in views['views'].items()
             if view['json']}
    whole = thing({
        'perftop': string(),
        'boot': {'type': ['string', 'null']},
        'load': string('^[0-9a-f]{16}$'),
        'hook': string(),
        'tsc_khz': ref('number'),
        'tsc_unstable': {'type': 'boolean'},
        'tsc_constant': {'type': 'boolean'},
        'tsc_nonstop': {'type': 'boolean'},
        'filter': string(),
        'filter_hex': ref('bytes'),
        **machine,
        'views': {
            'type': 'object', 'minProperties': 1,
            'properties': {name: view_schema(view, views['table'])
                           for name, view in names.items()},
            'additionalProperties': False},
        'frames': {'type': 'array', 'items': ref('frame')},
        'frames_lost': ref('decimal')}, ['filter_hex'] + twins)
    return {'$schema': 'http://json-schema.org/draft-07/schema#',
            'title': 'perftop: /proc/perftop.d/NAME.json and all.json',
            'definitions': DEFINITIONS, **whole}


def resolved(schema):
    """The same without references, which take most of a validator's time."""
    def resolve(node):
        if isinstance(node, list):
            return [resolve(item) for item in node]
        if not isinstance(node, dict):
            return node
        if 'allOf' in node:
            return resolve(node['allOf'][0])
        if '$ref' in node:
            name = node['$ref'].rpartition('/')[2]
            return resolve(schema['definitions'][name])
        return {key: resolve(value) for key, value in node.items()
                if key not in ('definitions', 'description')}
    return resolve(schema)


def text(views):
    return json.dumps(make(views), indent=1, ensure_ascii=False) + '\n'
