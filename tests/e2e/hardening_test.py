"""Looks at the built program: how hard it is to exploit, and what it is made of.

    hardening_test.py <server> <1 if it was built with SKALD_HARDEN>
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys

from harness import TestSkipped, check, report, run_test

ROOT = pathlib.Path(__file__).resolve().parents[2]


def readelf(option, binary):
    return subprocess.run(["readelf", "--wide", option, binary], capture_output=True, text=True,
                          check=True).stdout


def check_program(binary):
    header, segments = readelf("--file-header", binary), readelf("--segments", binary)
    dynamic = readelf("--dynamic", binary)
    check(re.search(r"Type:\s+DYN", header), "the program is not position-independent")
    check("GNU_RELRO" in segments, "relocations stay writable")
    check(re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic), "symbols are bound lazily")
    stack = re.search(r"GNU_STACK.*?\b(R\w*)\s+0x", segments)
    check(stack and "E" not in stack.group(1), "the stack is executable")
    loads = re.findall(r"^\s+LOAD\s.*$", segments, re.MULTILINE)
    check(loads and not any(re.search(r"\bRWE\b", load) for load in loads),
          "a segment is writable and executable")
    check("RPATH" not in dynamic and "RUNPATH" not in dynamic, "the program brings library paths")
    report("position-independent, RELRO, bound at the start, no executable stack")


def check_compiled_checks(binary):
    symbols = readelf("--dyn-syms", binary)
    check("__stack_chk_fail" in symbols, "no stack protector")
    check(re.search(r"__(?:memcpy|memmove|snprintf|read|recv)_chk", symbols), "no checked calls")
    report("stack protectors and checked library calls")


def check_bill_of_materials(binary):
    done = subprocess.run([sys.executable, ROOT / "tools/sbom.py", binary], capture_output=True,
                          text=True, check=False)
    check(done.returncode == 0, f"tools/sbom.py failed: {done.stderr}")
    components = json.loads(done.stdout)["components"]
    versions = {one["name"]: one.get("version") for one in components}
    for name in ("libc6", "libssl3", "libre2-9", "g++"):
        check(versions.get(name), f"{name} is not listed with its version")
    unknown = [one["name"] for one in components if one["name"].startswith("unpackaged:")]
    check(not unknown, f"libraries of no package: {unknown}")
    report(f"tools/sbom.py lists {len(components)} packages with versions")


def run(binary, hardened):
    if shutil.which("readelf") is None:
        raise TestSkipped("there is no readelf")
    check_program(binary)
    if hardened == "1":
        check_compiled_checks(binary)
    if shutil.which("dpkg-query"):
        check_bill_of_materials(binary)


if __name__ == "__main__":
    run_test(run, *sys.argv[1:3])
