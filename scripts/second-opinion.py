"""Reads the messages of vectors with Google's protobuf, and says which it takes and what it finds in them.

Gets JSON on stdin: {"descriptor": FileDescriptorSet in base64, "vectors": [{"name", "message": hex}]}.
Gives JSON on stdout: {"version", "implementation", "results": {name: null where it is refused, else what is in it}}.
"""
import base64
import json
import sys

import google.protobuf
from google.protobuf import descriptor_pb2, descriptor_pool, message, message_factory
from google.protobuf.internal import api_implementation


# What the vectors leave out where it is 0.
ABSENT_WHERE_ZERO = {'min_protocol_version', 'features', 'lowest_height', 'short_digests', 'compact'}


def to_json(part):
    """A message as the fixtures have it: see test/fixtures/README.md."""
    result = {}

    for field in part.DESCRIPTOR.fields:
        value = getattr(part, field.name)

        if field.name in ABSENT_WHERE_ZERO and not value:
            continue

        if isinstance(value, (bytes, str, int, bool)):
            result[field.camelcase_name] = scalar(field, value)
        elif hasattr(value, 'DESCRIPTOR'):
            if part.HasField(field.name):
                result[field.camelcase_name] = to_json(value)
        else:
            result[field.camelcase_name] = [to_json(item) if hasattr(item, 'DESCRIPTOR') else scalar(field, item) for item in value]

    return result


def scalar(field, value):
    if isinstance(value, bytes):
        return value.hex()

    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known is not None else 'UNSPECIFIED'

    return str(value) if field.type == field.TYPE_UINT64 else value


def read(message_class, data):
    parsed = message_class()

    try:
        parsed.ParseFromString(data)
    except (message.DecodeError, UnicodeDecodeError):
        return None

    body = parsed.WhichOneof('body')
    request_id = None if parsed.request_id == 0 else str(parsed.request_id)

    if body is None:
        return {'type': None, 'requestId': request_id, 'message': None}

    name = parsed.DESCRIPTOR.fields_by_name[body].camelcase_name

    return {'type': name, 'requestId': request_id, 'message': to_json(getattr(parsed, body))}


def main():
    given = json.load(sys.stdin)
    pool = descriptor_pool.DescriptorPool()

    for file in descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(given['descriptor'])).file:
        file.name = file.name or 'vibecoin.proto'
        pool.Add(file)

    message_class = message_factory.GetMessageClass(pool.FindMessageTypeByName('vibecoin.network.v1.Message'))
    results = {vector['name']: read(message_class, bytes.fromhex(vector['message'])) for vector in given['vectors']}
    json.dump({'version': google.protobuf.__version__, 'implementation': api_implementation.Type(), 'results': results}, sys.stdout)


main()
