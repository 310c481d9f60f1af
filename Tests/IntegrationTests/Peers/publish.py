"""Publishes as users of Python's GRIP library do: publish.py CONTROL_URI CHANNEL ITEMS.

ITEMS is a JSON list of items; the members of "formats" are named like the library's classes and hold their arguments:

    [{"formats": {"HttpStreamFormat": {"content": "text"}}, "id": "2", "prev_id": "1"}]

An argument {"base64": "..."} stands for bytes.
"""

import json
import sys
from base64 import b64decode

from gripcontrol import GripPubControl, HttpResponseFormat, HttpStreamFormat, WebSocketMessageFormat
from pubcontrol import Item

FORMATS = {each.__name__: each for each in [HttpResponseFormat, HttpStreamFormat, WebSocketMessageFormat]}


def bytes_or_value(object):
    return b64decode(object["base64"]) if "base64" in object else object


def main():
    control_uri, channel, items = sys.argv[1:]
    publisher = GripPubControl({"control_uri": control_uri})
    failures = []

    def published(succeeded, message):
        if not succeeded:
            failures.append(message)

    for item in json.loads(items, object_hook=bytes_or_value):
        formats = [FORMATS[name](**arguments) for name, arguments in item.pop("formats").items()]
        publisher.publish(channel, Item(formats, **item), callback=published)
    publisher.wait_all_sent()
    if failures:
        sys.exit("\n".join(failures))


main()
