"""Reads OSCAL assessment results strictly, with compliance-trestle, and prints what is in them."""

import json
import pathlib
import sys

from trestle.oscal.assessment_results import AssessmentResults


def prop(thing, name):
    return next((p.value for p in thing.props if p.name == name), None)


def read(path):
    results = AssessmentResults.oscal_read(path)
    if results is None:
        raise SystemExit(f"trestle reads nothing in {path}")
    (result,) = results.results
    known = {observation.uuid for observation in result.observations or []}
    named = [
        related.observation_uuid
        for finding in result.findings or []
        for related in finding.related_observations or []
    ]
    return {
        "version": str(results.metadata.oscal_version.__root__),
        "coverage": prop(result, "coverage"),
        "findings": {
            finding.target.target_id: {
                "state": finding.target.status.state.value,
                "verdict": prop(finding, "verdict"),
                "due": prop(finding, "due"),
            }
            for finding in result.findings or []
        },
        "observations": len(known),
        "dangling": [uuid for uuid in named if uuid not in known],
        "plan": results.import_ap.href == f"#{results.back_matter.resources[0].uuid}",
    }


for path in sys.argv[1:]:
    print(json.dumps(read(pathlib.Path(path))))
