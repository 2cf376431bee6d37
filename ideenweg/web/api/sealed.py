"""/checkpoint: the root over the whole history, for whoever keeps it elsewhere."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from ideenweg.web.api.caller import Anybody
from ideenweg.web.api.problems import Problem
from ideenweg.web.api.strict import StrictRoute
from ideenweg.web.api.values import Document, Told, Whole
from states.sentences import Sentence
from workflow.checkpoints import FORMAT, growth, latest

router = APIRouter(tags=["history"], route_class=StrictRoute)

A_HASH = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


class CheckpointDocument(Document):
    """The root of the Merkle tree (RFC 9162) over the first `size` events: docs/audit.md says how it is worked out.

    It tells nothing of what the events are. Kept elsewhere, it shows later that none of them was changed or taken away.
    """

    format: str = Field(examples=[FORMAT])
    programme: str = Field(description="Its key.", examples=["dos-2030"])
    size: int = Field(description="How many events it covers.", examples=[4711])
    root: str = Field(description="64 hexadecimal digits.", examples=[A_HASH])
    at: Told = Field(description="When it was made.")
    consistency: list[str] | None = Field(
        description="With `since`: the hashes that prove the checkpoint of that size to be its beginning (RFC 9162 "
        "§2.1.4).",
        examples=[None],
    )


class CheckpointQuery(BaseModel):
    """Against which earlier checkpoint."""

    model_config = ConfigDict(extra="forbid")

    since: Whole | None = Field(None, description="The size of one that was kept.", ge=0, examples=[None])


@router.get(
    "/checkpoint",
    summary="Read the latest checkpoint of the history",
    responses={404: {"description": "None was made yet, or none as large as `since`."}},
)
def read_checkpoint(caller: Anybody, asked: Annotated[CheckpointQuery, Query()]) -> CheckpointDocument:
    """One is made every night. Whoever keeps them elsewhere can prove later that nobody rewrote the history."""
    with caller.reading() as connection:
        found = latest(connection)
        if found is None:
            raise Problem("not_found", Sentence("Noch gibt es keinen Prüfpunkt.", "No checkpoint was made yet."))
        if asked.since is not None and asked.since > found.size:
            detail = Sentence(
                f"Der jüngste Prüfpunkt hat {found.size} Ereignisse.", f"The latest checkpoint has {found.size} events."
            )
            raise Problem("not_found", detail)
        path = None if asked.since is None else growth(connection, asked.since, found.size)
    told = found.told(caller.programme.key)
    return CheckpointDocument.model_validate({**told, "at": caller.at(found.at), "consistency": path})
