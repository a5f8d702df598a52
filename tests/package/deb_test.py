#!/usr/bin/env python3
"""The Debian package installs into an empty root, and what it installed runs there.

    deb_test.py BUILD_FOLDER

Builds the package with cpack, looks at its control data, installs it with dpkg into a scratch root
(its scripts run outside of it and respect DPKG_ROOT), starts the server from there by chroot with
the configuration file that it brought, pushes and queries a line, and purges it.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
# pylint: disable=wrong-import-position
from harness import (NANOSECONDS, Client, TemporaryDirectory, TestSkipped, check, check_equal,
                     free_port, report, run_test, wait_until)

COLLECT = ROOT / "tools/package/collect_libraries.sh"
CONFIG = "/etc/skald/config.yaml"
UNIT = "lib/systemd/system/skald.service"


def run(*words, **options):
    result = subprocess.run([str(word) for word in words], capture_output=True, text=True,
                            check=False, **options)
    check_equal(result.returncode, 0, f"{words[0]}: {result.stdout}{result.stderr}")
    return result.stdout


def build_package(build, folder):
    run("cpack", "-G", "DEB", "-B", folder, cwd=build)
    packages = list(folder.glob("*.deb"))
    check_equal(len(packages), 1, "packages")
    return packages[0]


def check_control(package, folder):
    field = lambda name: run("dpkg-deb", "-f", package, name).strip()
    check_equal(field("Package"), "skald", "name")
    check("libc6" in field("Depends"), f"depends on {field('Depends')}")
    check("sysusers" in field("Depends"), "needs something that makes its user")
    run("dpkg-deb", "-e", package, folder)
    check_equal((folder / "conffiles").read_text().split(), [CONFIG], "conffiles")
    for script in ("postinst", "prerm", "postrm"):
        run("sh", "-n", folder / script)
        check(os.access(folder / script, os.X_OK), f"{script} can be executed")


def prepare_root(root):
    for name in ("info", "updates", "triggers"):
        (root / "var/lib/dpkg" / name).mkdir(parents=True)
    for name in ("status", "available"):
        (root / "var/lib/dpkg" / name).touch()
    (root / "etc").mkdir()
    (root / "bin").mkdir()
    shutil.copy("/bin/kill", root / "bin/kill")  # which the unit names


def dpkg(root, *words):
    return run("dpkg", f"--root={root}", "--force-depends", "--force-script-chrootless",
               f"--log={root}/dpkg.log", *words)


def check_unit(root):
    unit = (root / UNIT).read_text()
    check_equal(re.findall(r"^ExecStart=(\S+) (.*)$", unit, re.MULTILINE),
                [("/usr/bin/skald", f"-config.file={CONFIG}")], "what the unit starts")
    if shutil.which("systemd-analyze") is None:
        report("systemd-analyze is not installed: the unit is not verified")
        return
    # Without a service manager it complains of its surroundings; of the unit it must not.
    result = subprocess.run(["systemd-analyze", "verify", "--man=no", f"--root={root}",
                             "skald.service"], capture_output=True, text=True, check=False)
    about_unit = [line for line in result.stderr.splitlines()
                  if "skald.service:" in line and not re.search(r"Unit \S+ not found", line)]
    check(not about_unit, f"systemd-analyze verify: {about_unit}")
    report("systemd-analyze verify: nothing about the unit")


def start(root, port):
    uid = int(re.search(r"^skald:[^:]*:(\d+):", (root / "etc/passwd").read_text(), re.M)[1])
    state = root / "var/lib/skald"
    state.mkdir(exist_ok=True)  # systemd does it by StateDirectory=
    os.chown(state, uid, uid)
    run(COLLECT, root, root / "usr/bin/skald", root / "usr/bin/skaldcli")
    return subprocess.Popen(
        ["chroot", f"--userspec={uid}:{uid}", root, "/usr/bin/skald", f"-config.file={CONFIG}",
         f"-server.http-listen-port={port}", f"-server.grpc-listen-port={free_port()}"],
        stderr=subprocess.DEVNULL)


def check_server(root):
    port = free_port()
    process = start(root, port)
    try:
        health = ["chroot", root, "/usr/bin/skald", "-health",
                  f"-health.url=http://127.0.0.1:{port}/ready"]
        wait_until(lambda: subprocess.run(health, capture_output=True, check=False).returncode == 0,
                   60, "the installed server is healthy")
        with Client(port) as client:
            row = (time.time_ns() - NANOSECONDS, "from the package")
            check_equal(client.push_json([({"app": "deb"}, [row])]).status, 204, "push")
        out = run("chroot", root, "/usr/bin/skaldcli", f"--addr=http://127.0.0.1:{port}", "-q",
                  "query", '{app="deb"}', "-oraw")
        check_equal(out, "from the package\n", "skaldcli query")
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    check_equal(code, 0, "exit code of the server")
    check((root / "var/lib/skald/skald").is_dir(), "data lies in /var/lib/skald/skald")


def test(build):
    if os.geteuid() != 0:
        raise TestSkipped("needs root for chroot")
    for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps", "systemd-sysusers"):
        if shutil.which(tool) is None:
            raise TestSkipped(f"{tool} is not installed")
    with TemporaryDirectory() as folder:
        (folder / "out").mkdir()
        package = build_package(build, folder / "out")
        report(f"{package.name}: {package.stat().st_size // 1024} kB")
        check_control(package, folder / "control")
        root = folder / "root"
        prepare_root(root)
        dpkg(root, "-i", package)
        check_unit(root)
        check_server(root)
        (root / CONFIG[1:]).write_text("auth_enabled: false # changed by the user\n")
        dpkg(root, "-r", "skald")
        check("changed by the user" in (root / CONFIG[1:]).read_text(), "removal keeps the config")
        check((root / "var/lib/skald/skald").is_dir(), "removal keeps the data")
        dpkg(root, "-P", "skald")
        check(not (root / "etc/skald").exists(), "a purge takes the configuration")
        check(not (root / "var/lib/skald").exists(), "a purge takes the data")


if __name__ == "__main__":
    run_test(test, *sys.argv[1:])
