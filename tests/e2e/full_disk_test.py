"""A disk that fills up: pushes are refused, queries answered, and all goes on when space returns.

The data directory lies on a small tmpfs in a mount namespace of its own, which another file fills.
First the server notices in time, by its reserve; then, without one worth the name, its writes
really fail. Whatever was acknowledged is shown exactly once, also after a kill and a restart. Last
it is started again on a disk without a byte left, and makes space itself once it has a limit.
"""

import pathlib
import random
import subprocess
import sys
import time

from harness import (Client, NANOSECONDS, Server, TemporaryDirectory, TestSkipped, check,
                     check_equal, report, run_test, wait_until)

MEBIBYTE = 1 << 20
DISK = 48 * MEBIBYTE
SELECTOR = '{job="disk"}'
REFUSALS = {429, 503}  # agents try again after both
LINES = 40
PADDING_BYTES = 900  # of which the log holds a copy for every push
PADDING = "x" * PADDING_BYTES


class SmallDisk:
    """A tmpfs that only processes started through `wrapper` see.

    It is held by a process that ends when this closes its input, or is gone.
    """

    def __init__(self, mount_point):
        self.path = mount_point
        script = f"mount -t tmpfs -o size={DISK} none {mount_point} && echo mounted && exec cat"
        try:
            self._holder = subprocess.Popen(["unshare", "-rm", "sh", "-c", script],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                            stderr=subprocess.STDOUT)
        except FileNotFoundError as error:
            raise TestSkipped(f"there is no unshare: {error}") from error
        answer = self._holder.stdout.readline().decode().strip()
        if answer != "mounted":
            self.close()
            raise TestSkipped(f"no file system may be mounted in a user namespace: {answer}")
        self.wrapper = ["nsenter", "-t", str(self._holder.pid), "-U", "-m",
                        "--preserve-credentials", "--"]
        self._ballast = mount_point / "ballast"

    def close(self):
        self._holder.stdin.close()
        self._holder.wait()
        self._holder.stdout.close()

    def _run(self, *command):
        return subprocess.run([*self.wrapper, *command], check=False, capture_output=True)

    def fill(self, leave=0):
        """Leaves so many bytes free."""
        free = int(self._run("df", "-B1", "--output=avail", str(self.path)).stdout.split()[1])
        self._run("dd", "if=/dev/zero", f"of={self._ballast}", "bs=64K", "oflag=append",
                  "conv=notrunc", f"count={max(0, free - leave + 65535) // 65536}")

    def free(self):
        self._run("rm", "-f", str(self._ballast))


class Pusher:
    """Pushes batches of distinct lines and remembers those that were acknowledged."""

    def __init__(self, padding=lambda: PADDING):
        self.acknowledged = []
        self._padding = padding
        self._sequence = 0

    def push(self, client):
        """Pushes one batch; returns the reply."""
        batch = []
        for _ in range(LINES):
            self._sequence += 1
            batch.append((time.time_ns(), f"seq={self._sequence} {self._padding()}"))
        reply = client.push_json([({"job": "disk"}, batch)])
        if reply.status == 204:
            self.acknowledged += [line for _, line in batch]
        else:
            check(reply.status in REFUSALS, f"a push was answered {reply.status}: {reply.body!r}")
        return reply

    def push_until(self, client, wanted, timeout, what):
        def is_as_wanted():
            reply = self.push(client)
            return reply if wanted(reply.status) else None
        return wait_until(is_as_wanted, timeout, what)


def check_lines(client, pusher, began, what):
    """Every acknowledged line is shown once; others are those of refused pushes, at most once."""
    rows = [row.line for row in client.rows(SELECTOR, began, time.time_ns() + NANOSECONDS)]
    shown = set(rows)
    check_equal(len(rows), len(shown), f"{what}: lines shown twice")
    lost = [line for line in pusher.acknowledged if line not in shown]
    check(not lost, f"{what}: {len(lost)} acknowledged lines are lost, first {lost[:1]}")
    check_equal(client.count(SELECTOR, time.time_ns()), len(rows), f"{what}: lines counted")
    return len(rows)


def configure(server, reserve, more=""):
    base = server.config_path.read_text().partition("skald:")[0]
    server.config_path.write_text(
        base + "skald: {memtable_size: 2MB, memory_limit: 256MB, "
        f"free_space_reserve: {reserve}{more}}}\n")


def check_full_disk(binary, directory, disk, name, reserve, leave):
    """Fills the disk but for `leave` bytes, again and again."""
    data = disk.path / name
    data.mkdir(exist_ok=True)
    with Server(binary, directory, data=data) as server:
        subprocess.run([*disk.wrapper, "mkdir", "-p", str(data)], check=True)
        configure(server, reserve)
        pusher = Pusher()
        began = time.time_ns()
        server.start(disk.wrapper)
        with Client(server.port) as client:
            for _ in range(100):
                check_equal(pusher.push(client).status, 204, f"{name}: a push with space")
            for round_number in range(3):
                disk.fill(leave)
                refusal = pusher.push_until(client, lambda status: status != 204, 60,
                                            "a push is refused")
                text = refusal.body.decode(errors="replace").strip()
                check("disk" in text or "space" in text or "log" in text, f"no clear word: {text}")
                check("/" not in text, f"a path is none of the client's business: {text}")
                for _ in range(20):
                    pusher.push(client)
                lines = check_lines(client, pusher, began, f"{name}, while the disk is full")
                disk.free()
                pusher.push_until(client, lambda status: status == 204, 30,
                                  "pushes are taken when space returns")
                for _ in range(20):
                    pusher.push(client)
                report(f"{name}, round {round_number}: refused with {refusal.status} ({text}), "
                       f"{lines} lines shown, {len(pusher.acknowledged)} acknowledged")
            check_lines(client, pusher, began, f"{name}, with space again")
            check_equal(client.request("POST", "/flush").status, 204, "flush")
            disk.fill(leave)
            pusher.push_until(client, lambda status: status != 204, 60, "a push is refused")
        server.kill()
        disk.free()
        server.start(disk.wrapper)
        with Client(server.port) as client:
            lines = check_lines(client, pusher, began, f"{name}, after a kill")
            check_equal(pusher.push(client).status, 204, "a push after the restart")
        check_equal(server.terminate(), 0, "exit code")
    report(f"{name}: {lines} lines after a kill, {len(pusher.acknowledged)} acknowledged, 0 lost")


def random_padding():
    return random.randbytes(PADDING_BYTES // 2).hex()


def metric(client, name):
    text = client.request("GET", "/metrics").body.decode()
    return float(next(line.split()[-1] for line in text.splitlines() if line.startswith(name + " ")))


def check_restart_without_a_byte(binary, directory, disk):
    """Starts on a full disk: queries are answered; a disk limit then frees space by itself."""
    data = disk.path / "last-byte"
    data.mkdir(exist_ok=True)
    with Server(binary, directory, data=data) as server:
        subprocess.run([*disk.wrapper, "mkdir", "-p", str(data)], check=True)
        configure(server, "1B")
        pusher = Pusher(random_padding)
        began = time.time_ns()
        server.start(disk.wrapper)
        with Client(server.port) as client:
            for _ in range(4):
                for _ in range(50):
                    check_equal(pusher.push(client).status, 204, "a push with space")
                check_equal(client.request("POST", "/flush").status, 204, "flush")
            disk.fill()
            # More than a memtable, as the log's blocks allow, is in the log alone.
            pusher.push_until(client, lambda status: status != 204, 60, "a push is refused")
        for number in range(2):
            server.kill()
            disk.fill()
            server.start(disk.wrapper)
            with Client(server.port) as client:
                lines = check_lines(client, pusher, began, f"start {number} on a full disk")
                disk.fill()
                pusher.push_until(client, lambda status: status != 204, 60, "a push is refused")
            report(f"start {number} without a byte left: {lines} lines shown")
        server.kill()
        disk.fill()
        configure(server, "1B", ", disk_limit: 2MB")
        server.start(disk.wrapper)
        with Client(server.port) as client:
            wait_until(lambda: metric(client, "skald_part_bytes") <= 2e6, 60,
                       "parts are removed for the disk limit")
            pusher.push_until(client, lambda status: status == 204, 60,
                              "pushes are taken in the space that removed parts leave")
            newest = pusher.acknowledged[-LINES:]
            rows = [row.line for row in client.rows(SELECTOR, began, time.time_ns() + NANOSECONDS)]
            check_equal(rows[-LINES:], newest, "the newest lines")
            removed = metric(client, "skald_parts_over_disk_limit_total")
        check_equal(server.terminate(), 0, "exit code")
        report(f"the disk limit removed {removed:.0f} parts from a disk without a byte left")


def test(binary):
    with TemporaryDirectory() as directory:
        mount_point = pathlib.Path(directory) / "disk"
        mount_point.mkdir()
        disk = SmallDisk(mount_point)
        try:
            check_full_disk(binary, directory, disk, "reserve", "8MB", 4 * MEBIBYTE)
            check_full_disk(binary, directory, disk, "no-reserve", "1B", 0)
            disk.free()
            check_restart_without_a_byte(binary, directory, disk)
        finally:
            disk.close()


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
