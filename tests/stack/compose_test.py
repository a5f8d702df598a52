#!/usr/bin/env python3
"""The compose stack is sound on paper: schema, references, health checks, memory, variables.

    compose_test.py

compose-spec.json beside this file is the schema of the Compose Specification (Apache-2.0), as its
Go library ships it.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
# pylint: disable=wrong-import-position
from harness import TestSkipped, check, check_equal, report, run_test

try:
    import jsonschema
    import yaml
except ImportError as missing:
    jsonschema = yaml = None
    MISSING = str(missing)

STACK = ROOT / "configs/stack"
MEMORY_BUDGET = 1536
VARIABLE = re.compile(r"\$\{(\w+)(?::-[^}]*)?\}")


def load(path):
    return yaml.safe_load(path.read_text())


def settings():
    lines = (STACK / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def expand(value, variables):
    """The document with its variables replaced, as docker compose sees it."""
    if isinstance(value, dict):
        return {key: expand(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [expand(item, variables) for item in value]
    return VARIABLE.sub(lambda m: variables[m[1]], value) if isinstance(value, str) else value


def check_schema(document):
    schema = json.loads((pathlib.Path(__file__).parent / "compose-spec.json").read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)
    errors = [f"{list(error.path)}: {error.message}" for error in validator.iter_errors(document)]
    check(not errors, f"the compose file: {errors}")


def check_variables(variables):
    text = (STACK / "compose.yaml").read_text()
    check_equal(set(re.findall(r"\$\{(\w+)", text)), set(variables), "variables of .env and used")


def check_references(document):
    volumes, networks = set(document["volumes"]), set(document["networks"])
    used = set()
    for name, service in document["services"].items():
        check(set(service["networks"]) <= networks, f"{name}: unknown network")
        for other in service.get("depends_on", {}):
            check("healthcheck" in document["services"][other], f"{name} waits for {other}")
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                check((STACK / source).exists(), f"{name} mounts {source}, which is not there")
            elif not source.startswith("/"):
                used.add(source)
    check_equal(used, volumes, "volumes used and declared")


def megabytes(text):
    check(text.endswith("m"), f"memory limit {text}")
    return int(text[:-1])


def check_services(document):
    services = document["services"]
    for name, service in services.items():
        check("healthcheck" in service, f"{name} has no health check")
        check(re.search(r":[\w.\-]+$", service["image"]), f"{name}: an image without a version")
        for port in service.get("ports", []):
            check(port.startswith("127.0.0.1:"), f"{name}: port {port} is open to the network")
    total = sum(megabytes(service["mem_limit"]) for service in services.values())
    check(total <= MEMORY_BUDGET, f"{total} MB of memory limits, more than {MEMORY_BUDGET}")
    check_equal(services["skald"]["mem_limit"], "256m", "this server's memory")
    report(f"{len(services)} services, {total} MB")


def check_mounted_configurations():
    for path in sorted(STACK.rglob("*.yaml")):
        check(isinstance(load(path), dict), f"{path} is no YAML document")
    scraped = {job["job_name"] for job in load(STACK / "prometheus/prometheus.yaml")["scrape_configs"]}
    check("skald" in scraped, "Prometheus does not scrape the server")
    urls = {source["uid"]: source["url"] for source in
            load(STACK / "grafana/provisioning/datasources/skald.yaml")["datasources"]}
    check_equal(urls["skald"], "http://skald:3100", "the datasource")


def check_override(document):
    """Merged over a usual Loki service it changes image and health check, nothing else."""
    lines = (STACK / "swap-loki.yaml").read_text().splitlines()
    check_equal(len(lines), 2, "lines of the override")
    override = load(STACK / "swap-loki.yaml")
    check_schema(override)
    check_equal(set(override["services"]["loki"]), {"image", "healthcheck"}, "what it overrides")
    own = document["services"]["skald"]["healthcheck"]["test"]
    check_equal(override["services"]["loki"]["healthcheck"]["test"], own, "its health check")


def test():
    if yaml is None:
        raise TestSkipped(MISSING)
    variables = settings()
    check_variables(variables)
    raw = load(STACK / "compose.yaml")
    check_schema(raw)
    document = expand(raw, variables)
    check_schema(document)
    check_references(document)
    check_services(document)
    check_mounted_configurations()
    check_override(document)


if __name__ == "__main__":
    run_test(test)
