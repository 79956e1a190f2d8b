"""Holds the TOML files of regimes against their JSON Schemas, as an editor would.

usage: check_schemas.py SCHEMAS FOLDER…    prints each problem, then how many files were held
"""

import datetime
import json
import pathlib
import sys
import tomllib

import jsonschema


def plain(value):
    """Returns TOML as JSON has it: days and instants are texts."""
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return str(value)
    return value


schemas = pathlib.Path(sys.argv[1])
held = 0
for folder in map(pathlib.Path, sys.argv[2:]):
    for path in sorted(folder.rglob("*.toml")):
        name = {"tests": "tests", "calendars": "calendar"}.get(path.parent.name, path.stem)
        schema = json.loads((schemas / f"{name}.schema.json").read_text())
        validator = jsonschema.Draft202012Validator(schema)
        for problem in validator.iter_errors(plain(tomllib.loads(path.read_text()))):
            print(f"{path}: {list(problem.path)}: {problem.message[:200]}")
        held += 1
print(held)
