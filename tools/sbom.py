#!/usr/bin/env python3
"""Lists what the server is made of, as a CycloneDX document (a software bill of materials).

    tools/sbom.py [binary]          build/release/bin/skald unless told otherwise

Two kinds of components: the Debian packages of the shared libraries that the binary loads, found
by following them as the loader does, and the packages of headers and static libraries that went
into the build (the list of tools/packages.sh), marked as excluded at run time. Versions come from the
package database of this machine, so run it where the binary was built, or where it runs.
"""

import json
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOADED = re.compile(r"=> (/\S+) \(|^\s*(/\S+) \(", re.MULTILINE)
BUILD_PACKAGES = re.compile(r"packages=\((.*?)\)", re.DOTALL)


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


def package_of(path):
    """The name of the package that a file belongs to, or None."""
    # With a merged /usr the database may know the file by either of two names.
    for name in (path, path.removeprefix("/usr"), f"/usr{path}"):
        if owner := run("dpkg-query", "-S", name).partition(": ")[0]:
            return owner.partition(":")[0]
    return None


def runtime_packages(binary):
    paths = (match.group(1) or match.group(2) for match in LOADED.finditer(run("ldd", binary)))
    owners = {package_of(str(pathlib.Path(path).resolve())) or f"unpackaged:{path}"
              for path in paths}
    return sorted(owners)


def build_packages():
    text = (ROOT / "tools/packages.sh").read_text(encoding="utf-8")
    return sorted(set(BUILD_PACKAGES.search(text).group(1).split()))


def component(name, scope):
    version, architecture = (run("dpkg-query", "-W", "-f=${Version}\t${Architecture}", name)
                             .split("\t") + [""])[:2]
    if not version:
        return {"type": "library", "name": name, "scope": scope}
    return {"type": "library", "name": name, "version": version, "scope": scope,
            "purl": f"pkg:deb/debian/{name}@{version.replace('+', '%2B')}?arch={architecture}"}


def project_version():
    text = (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
    return re.search(r"project\(skald VERSION (\S+)", text).group(1)


def main(arguments):
    binary = pathlib.Path(arguments[0]) if arguments else ROOT / "build/release/bin/skald"
    if not binary.is_file():
        print(f"sbom: no {binary}; tools/build.sh builds it", file=sys.stderr)
        return 1
    runtime = runtime_packages(binary)
    building = [name for name in build_packages() if name not in runtime]
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {"component": {"type": "application", "name": "skald",
                                   "version": project_version()}},
        "components": [component(name, "required") for name in runtime]
                      + [component(name, "excluded") for name in building],
    }
    json.dump(document, sys.stdout, indent=2)
    print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
