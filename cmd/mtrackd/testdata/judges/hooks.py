"""Schemathesis hooks: real ids in the place of generated ones, so that more than the 404s is judged.

MTRACK_ORGANIZATION is the creator's organization, MTRACK_TRACKS a file with ids of live tracks of the creator, one a line.
"""

import os
from pathlib import Path

import schemathesis
from schemathesis.core.parameters import ParameterLocation

organization = os.environ["MTRACK_ORGANIZATION"]
live = Path(os.environ["MTRACK_TRACKS"]).read_text().split()
calls = 0


@schemathesis.hook
def before_call(context, case, kwargs):
    """Gives three of four requests whose path is valid by the contract an organization and a track that exist."""
    global calls
    path = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
    if path is None or not path.mode.is_positive:
        return
    calls += 1
    if calls % 4 == 0:
        return
    # What a stateful test took from an earlier answer is what it tests.
    linked = case._override.path_parameters if case._override else {}
    if "organization_id" not in linked:
        case.path_parameters["organization_id"] = organization
    if "track_id" in case.path_parameters and "track_id" not in linked:
        case.path_parameters["track_id"] = live[-1]


@schemathesis.hook
def after_call(context, case, response):
    """Forgets a track that was deleted: the next request gets another one."""
    track = (case.path_parameters or {}).get("track_id")
    deleted = case.operation.definition.raw["operationId"] == "deleteTrack" and response.status_code == 200
    if deleted and track in live:
        live.remove(track)
