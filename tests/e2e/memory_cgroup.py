"""A memory limit for one process, by a control group of version 1 or 2, where that is permitted."""

import os
import pathlib
import re
import time

ROOT = pathlib.Path("/sys/fs/cgroup")


def _own_group(controller):
    """Returns the path of this process' group under the hierarchy of `controller` ("": version 2)."""
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            return path.strip("/")
    return ""


class MemoryCgroup:
    """A group with a limit of `size` bytes; removed at the end. Swap counts as memory if it can."""

    def __init__(self, parent, size, names):
        self._path = parent / f"skald-{os.getpid()}"
        self._names = names
        self._path.mkdir()
        try:
            self._write("limit", size)
            if (self._path / names["swap"]).exists():
                self._write("swap", names["swap_limit"](size))
        except OSError:
            self._path.rmdir()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for _ in range(50):
            try:
                self._path.rmdir()
                return
            except OSError:  # the kernel has not let go of the last process yet
                time.sleep(0.1)

    def _write(self, name, value):
        (self._path / self._names[name]).write_text(str(value))

    def wrapper(self):
        """Returns the words that go before a command to run it inside."""
        return ["sh", "-c", 'echo $$ > "$0" && exec "$@"', str(self._path / "cgroup.procs")]

    def killed(self):
        """Returns how many processes were killed for want of memory."""
        text = (self._path / self._names["events"]).read_text()
        found = re.search(r"^oom_kill (\d+)$", text, re.MULTILINE)
        return int(found.group(1)) if found else 0


VERSION_1 = {"limit": "memory.limit_in_bytes", "swap": "memory.memsw.limit_in_bytes",
             "swap_limit": lambda size: size, "events": "memory.oom_control"}
VERSION_2 = {"limit": "memory.max", "swap": "memory.swap.max", "swap_limit": lambda _: 0,
             "events": "memory.events"}


def limit_memory(size):
    """Returns a group with a limit of `size` bytes, or None where that is not permitted."""
    for parent, names in ((ROOT / "memory" / _own_group("memory"), VERSION_1),
                          (ROOT / _own_group(""), VERSION_2)):
        try:
            return MemoryCgroup(parent, size, names)
        except OSError:
            continue
    return None
