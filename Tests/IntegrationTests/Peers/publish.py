"""Publishes as users of Python's GRIP library do: publish.py CONTROL_URI CHANNEL TEXT."""

import sys

from gripcontrol import GripPubControl, HttpResponseFormat, HttpStreamFormat, WebSocketMessageFormat
from pubcontrol import Item


def main():
    control_uri, channel, text = sys.argv[1:]
    publisher = GripPubControl({"control_uri": control_uri})
    formats = [
        HttpResponseFormat(body=text + "\n"),
        HttpStreamFormat(text + "\n"),
        WebSocketMessageFormat(text),
    ]
    publisher.publish(channel, Item(formats), blocking=True)


main()
