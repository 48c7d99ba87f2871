#!/usr/bin/env python3
"""Checks configs/schema/job.schema.json against the manifests that the reader's tests use.

Every valid manifest passes the schema, every invalid one fails it, except where a schema
cannot see the fault: those files are listed here, and one that the schema does see is an error too.
"""

import json
import pathlib
import re
import sys

try:
    import jsonschema
    import yaml
except ImportError as missing:
    print(f"SKIPPED: {missing} (Debian: python3-jsonschema python3-yaml)")
    sys.exit(77)

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent

INEXPRESSIBLE = {
    # Gone once a YAML reader has made its values.
    "duplicate-key", "duplicate-key-in-section", "range-octal", "threads-octal",
    "threads-hexadecimal", "range-exponent", "threads-exponent",
    # A character that an escape stands for.
    "nul-escape", "escape-of-no-character",
    # Infinity and NaN are no numbers in JSON, so that schemas do not bound them.
    "cv-infinite", "seconds-nan",
    # A relation between two values, or a bound on a value written as text.
    "range-empty", "range-reversed", "range-too-large", "memory-overflow", "memory-zero", "time-too-long",
    "time-zero", "batch-with-item", "batch-without-items", "exec-with-items",
    "placeholder-misspelt", "placeholder-of-xargs", "program-with-item", "stream-with-item",
    "array-of-program", "threads-auto-in-stream", "threads-auto-beside-variable",
}
# No YAML at all, or nothing that a YAML reader without limits should be given.
UNREADABLE = {
    "alias-bomb", "alias-inside-itself", "alias-unknown", "carriage-returns-only", "colon-in-plain-text",
    "colon-without-blank", "foreign-tag", "key-is-list", "nested-too-deep", "no-break-space", "not-utf8",
    "nul-byte", "tab-indent", "two-documents", "typographic-quotes", "unclosed-bracket", "unclosed-quote",
    "windows-line-ends-and-bracket",
}


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2's core schema, which editors use: `yes` and 1:30:00 are text."""


CoreLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?[0-9]+$|^0x[0-9a-fA-F]+$", "-+0123456789"),
    ("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$|^[-+]?\.(inf|Inf|INF)$"
              r"|^\.(nan|NaN|NAN)$", "-+.0123456789"),
    ("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern),
                                     list(first))
CoreLoader.add_constructor("tag:yaml.org,2002:int",
                           lambda loader, node: int(node.value, 16 if "x" in node.value else 10))


def load(path):
    return yaml.load(path.read_bytes(), Loader=CoreLoader)


def main():
    schema = json.loads((ROOT / "configs/schema/job.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    complaints = []

    examples = [path for path in (ROOT / "configs").rglob("*.yaml")
                if isinstance(load(path), dict) and "command" in load(path)]
    valid = sorted((HERE / "valid").glob("*.yaml")) + sorted(examples)
    for path in valid:
        complaints += [f"{path}: valid, but the schema says: {error.message}"
                       for error in validator.iter_errors(load(path))]

    invalid = [path for path in sorted((HERE / "invalid").glob("*.yaml"))
               if path.stem not in UNREADABLE]
    for path in invalid:
        passes = validator.is_valid(load(path))
        if passes and path.stem not in INEXPRESSIBLE:
            complaints.append(f"{path}: invalid, but the schema takes it")
        if not passes and path.stem in INEXPRESSIBLE:
            complaints.append(f"{path}: the schema sees this fault: take it off the list")

    stems = {path.stem for path in (HERE / "invalid").glob("*.yaml")}
    complaints += [f"{name}: listed here, but there is no such file"
                   for name in sorted((INEXPRESSIBLE | UNREADABLE) - stems)]

    print("\n".join(complaints) if complaints else
          f"{len(valid)} valid and {len(invalid)} invalid manifests agree with the schema")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
