"""What the origin knows: how many items each channel has had."""

import mmap
import os
import struct


class Store:
    """Counters in a file that the origin and the publishers share, so that they outlive a killed origin.

    Items are numbered from 1 on each channel and say no more than their number, so that a counter is all there is to
    keep.
    """

    def __init__(self, path, channels):
        self.channels = {name: index for index, name in enumerate(channels)}
        size = 8 * (len(self.channels) + 1)
        with open(path, "a+b") as file:
            if os.fstat(file.fileno()).st_size < size:
                file.truncate(size)
            self.memory = mmap.mmap(file.fileno(), size)

    def last(self, channel):
        return self._get(self.channels[channel])

    def advance(self, channel):
        """Makes room for one more item and returns its number."""
        number = self.last(channel) + 1
        self._set(self.channels[channel], number)
        return number

    @property
    def pages(self):
        """How many pages the origin was asked for."""
        return self._get(len(self.channels))

    def count_page(self):
        self._set(len(self.channels), self.pages + 1)

    def _get(self, index):
        return struct.unpack_from("<q", self.memory, 8 * index)[0]

    def _set(self, index, value):
        struct.pack_into("<q", self.memory, 8 * index, value)


def text(channel, number):
    """What an item says."""
    return f"{channel} {number}\n"


def names(prefix, count):
    return [f"{prefix}{index}" for index in range(count)]
