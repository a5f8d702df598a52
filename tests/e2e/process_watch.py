"""Samples what a server holds: resident memory, file descriptors, threads; and judges growth."""

import os
import pathlib
import statistics
import threading
import time

from harness import check

MEBIBYTE = 1 << 20
# A run of less than so many seconds says nothing about memory: caches are still being filled.
WARM_AFTER = 300
# What a process may hold more in the last third of a run than in the second.
MEMORY_SLACK = 0.10
MEMORY_SLACK_BYTES = 8 * MEBIBYTE
# Descriptors and threads, as medians: one more is not growth, one more for every delete is.
COUNT_SLACK = 1
# Files whose number changes with what is stored: parts, whole and under way, and log segments.
STORED = (".part", ".tmp", ".wal")


class Sample:
    def __init__(self, pid, seconds):
        status = dict(line.split(":\t", 1) for line in
                      pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                      if ":\t" in line)
        self.seconds = seconds
        self.resident = int(status["VmRSS"].split()[0]) * 1024
        self.threads = int(status["Threads"])
        self.descriptors, self.stored = _open_files(pathlib.Path(f"/proc/{pid}/fd"))


def _open_files(directory):
    """Returns how many descriptors there are for other things than stored data, and for those.

    Directories are open while they are synced, files in /proc while they are read: not counted.
    """
    other = stored = 0
    for link in directory.iterdir():
        try:
            is_directory = link.is_dir()
            target = os.readlink(link)
        except FileNotFoundError:  # closed meanwhile
            continue
        if is_directory or target.startswith("/proc/"):
            continue
        if target.removesuffix(" (deleted)").endswith(STORED):
            stored += 1
        else:
            other += 1
    return other, stored


class ProcessWatch(threading.Thread):
    """Takes a sample every half second until it is stopped or the process is gone."""

    def __init__(self, pid, interval=0.5):
        super().__init__(daemon=True)
        self.samples = []
        self._failure = None
        self._pid = pid
        self._interval = interval
        self._ending = threading.Event()

    def run(self):
        began = time.monotonic()
        try:
            while not self._ending.wait(self._interval):
                self.samples.append(Sample(self._pid, time.monotonic() - began))
        except (OSError, KeyError):
            return  # it is gone, or a zombie
        except Exception as error:  # for finish() to raise on the test's own thread
            self._failure = error

    def finish(self):
        self._ending.set()
        self.join()
        if self._failure is not None:
            raise self._failure
        check(len(self.samples) >= 6, "the process was gone too soon to say how it grows")

    def third(self, number):
        """Returns the samples of the first (0), second or last third of the time."""
        end = self.samples[-1].seconds
        return [sample for sample in self.samples
                if number * end / 3 <= sample.seconds <= (number + 1) * end / 3]

    def median(self, field, number):
        return statistics.median(getattr(sample, field) for sample in self.third(number))

    def highest(self, field):
        return max(getattr(sample, field) for sample in self.samples)

    def over_time(self, parts=10):
        """Returns (seconds, median of resident bytes) of each part of the time."""
        end = self.samples[-1].seconds
        rows = []
        for part in range(parts):
            inside = [sample.resident for sample in self.samples
                      if part * end / parts <= sample.seconds <= (part + 1) * end / parts]
            if inside:
                rows.append(((part + 1) * end / parts, statistics.median(inside)))
        return rows

    def check_no_growth(self):
        """Fails if the last third holds more than the second, give or take what is said above."""
        before, after = self.median("resident", 1), self.median("resident", 2)
        check(self.samples[-1].seconds < WARM_AFTER or
              after <= before * (1 + MEMORY_SLACK) + MEMORY_SLACK_BYTES,
              f"memory grows: {before / MEBIBYTE:.0f} MiB in the second third of the time, "
              f"{after / MEBIBYTE:.0f} MiB in the last")
        for field in ("threads", "descriptors"):
            before, after = self.median(field, 1), self.median(field, 2)
            check(after <= before + COUNT_SLACK, f"{field} grow: from {before} to {after}")
