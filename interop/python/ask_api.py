"""Asks a node's API everything that its OpenAPI document allows, and some that it does not.

`python ask_api.py URL` runs schemathesis with this file as its hooks. KANAE_KNOWN is a JSON object with
`desk` and `node` (tokens) and `path` (values of parameters in addresses that lead somewhere). It fails on
any answer of 5xx, and on any that the document does not describe.
"""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)


def main(url):
    here = Path(__file__)
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": here.stem, "PYTHONPATH": str(here.parent)}
    command = [
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{url}/api/v1/openapi.json",
        f"--checks={','.join(CHECKS)}",
        "--phases=coverage,fuzzing",
        f"--max-examples={os.environ.get('KANAE_EXAMPLES', '8')}",
        "--max-time=75",
        "--workers=1",
        "--seed=1",
        "--no-shrink",
        "--continue-on-failure",
        "--request-timeout=20",
        "--warnings=off",
        "--suppress-health-check=all",
        "--output-truncate=true",
    ]
    sys.exit(subprocess.run(command, env=environment).returncode)


if __name__ == "__main__":
    main(sys.argv[1])
else:
    import schemathesis

    KNOWN = json.loads(os.environ["KANAE_KNOWN"])
    chance = random.Random(1)

    @schemathesis.hook
    def map_path_parameters(context, path_parameters):
        """Leads most requests to something that is there."""
        for name in path_parameters or {}:
            if name in KNOWN["path"] and chance.random() < 0.7:
                path_parameters[name] = chance.choice(KNOWN["path"][name])
        return path_parameters

    @schemathesis.hook
    def before_call(context, case, kwargs):
        """Gives each request an address of its own, so that no limit hides what comes behind it."""
        headers = case.headers if case.headers is not None else {}
        headers["X-Forwarded-For"] = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
        at_desk = case.path.startswith("/api/v1/desk")
        token = KNOWN["desk" if at_desk else "node"]
        if at_desk or chance.random() < 0.5:
            headers["Authorization"] = f"Bearer {token}"
        if case.method.upper() != "GET" and chance.random() < 0.7:
            headers["If-Match"] = "*"
        case.headers = headers
