#!/usr/bin/env bash
# Installs the logging libraries that the tests drive the server with, once, under build/clients.
#
# They come from npm, PyPI, Maven and crates in fixed versions. Progress goes to standard error; standard output
# holds lines that a shell can evaluate, one for each kind that could be had:
#
#   SKALD_NODE_CLIENTS=<folder with node_modules>
#   SKALD_PYTHON_CLIENTS=<python with the packages>
#   SKALD_JAVA_CLIENTS=<folder with the compiled client, and the packages in lib>
#   SKALD_RUST_CLIENTS=<folder with the compiled client>
#
# What cannot be had (no npm, no network) is said and left out; its tests are then skipped.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly folder=$PWD/build/clients
readonly node_packages=(
  winston@3.19.0 winston-loki@6.1.7 pino@10.4.0 pino-loki@3.0.0
  @opentelemetry/api-logs@0.223.1 @opentelemetry/sdk-logs@0.223.1
  @opentelemetry/exporter-logs-otlp-http@0.223.1 @opentelemetry/exporter-logs-otlp-proto@0.223.1
  @opentelemetry/resources@2.12.1
)
readonly python_packages=(
  python-logging-loki==0.3.1 opentelemetry-sdk==1.45.2
  opentelemetry-exporter-otlp-proto-http==1.45.2 websocket-client==1.9.2
)

progress() { echo "client_libraries: $*" >&2; }

# is_installed <marker> <package>...: whether these very packages were installed before.
is_installed() {
  local marker=$1
  shift
  [[ -f $marker && $(<"$marker") == "$*" ]]
}

install_node() {
  command -v npm >/dev/null && command -v node >/dev/null || {
    progress "no npm: left out"
    return 1
  }
  is_installed "$folder/node/installed" "${node_packages[@]}" && return 0
  progress "npm install ${node_packages[*]}"
  rm -rf "$folder/node"
  mkdir -p "$folder/node"
  (cd "$folder/node" && echo '{"private": true}' >package.json &&
    timeout 300 npm install --no-audit --no-fund --ignore-scripts "${node_packages[@]}" >&2) ||
    return 1
  echo "${node_packages[*]}" >"$folder/node/installed"
}

install_python() {
  is_installed "$folder/python/installed" "${python_packages[@]}" && return 0
  progress "pip install ${python_packages[*]}"
  rm -rf "$folder/python"
  python3 -m venv "$folder/python" >&2 || return 1
  timeout 300 "$folder/python/bin/pip" install --quiet --disable-pip-version-check \
    "${python_packages[@]}" >&2 || return 1
  echo "${python_packages[*]}" >"$folder/python/installed"
}

# sources_of <folder>: what a client is made of, as one line.
sources_of() { find "$1" -type f -exec sha256sum {} + | sort | sha256sum; }

install_java() {
  local source=tests/e2e/clients/loki4j
  command -v mvn >/dev/null && command -v javac >/dev/null || {
    progress "no Maven: left out"
    return 1
  }
  is_installed "$folder/java/installed" "$(sources_of "$source")" && return 0
  progress "mvn dependency:copy-dependencies for loki4j"
  rm -rf "$folder/java"
  mkdir -p "$folder/java"
  timeout 300 mvn -B -q -f "$source/pom.xml" \
    org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
    "-DoutputDirectory=$folder/java/lib" >&2 || return 1
  javac -cp "$folder/java/lib/*" -d "$folder/java" "$source/Loki4jClient.java" >&2 || return 1
  sources_of "$source" >"$folder/java/installed"
}

install_rust() {
  local source=tests/e2e/clients/tracing-loki
  command -v cargo >/dev/null || {
    progress "no cargo: left out"
    return 1
  }
  is_installed "$folder/rust/installed" "$(sources_of "$source")" && return 0
  progress "cargo build of tracing-loki's client"
  rm -rf "$folder/rust/source"
  mkdir -p "$folder/rust"
  cp -r "$source" "$folder/rust/source"
  (cd "$folder/rust/source" && timeout 600 cargo build --quiet --target-dir "$folder/rust/target" >&2) ||
    return 1
  cp "$folder/rust/target/debug/rust-client" "$folder/rust/"
  sources_of "$source" >"$folder/rust/installed"
}

if install_node; then
  printf 'SKALD_NODE_CLIENTS=%q\n' "$folder/node"
else
  progress "no clients for Node.js"
fi
if install_python; then
  printf 'SKALD_PYTHON_CLIENTS=%q\n' "$folder/python/bin/python"
else
  progress "no clients for Python"
fi
if install_java; then
  printf 'SKALD_JAVA_CLIENTS=%q\n' "$folder/java"
else
  progress "no clients for Java"
fi
if install_rust; then
  printf 'SKALD_RUST_CLIENTS=%q\n' "$folder/rust"
else
  progress "no clients for Rust"
fi
