"""The JSON Schemas (2020-12) of lifecycle and programme files, for editors and for the loader.

Every part says in `description` what it is for and, where it has a choice of forms, in `x-expects` what may stand
there; editors show the one, messages quote the other. `x-parse` names the text that `durations.py` reads.
"""

from states.schema.lifecycle import lifecycle_schema, lifecycle_structure
from states.schema.parts import DRAFT, NAME, Schema
from states.schema.programme import programme_schema
from states.schema.records import FORMATS

__all__ = ["DRAFT", "FORMATS", "NAME", "Schema", "lifecycle_schema", "lifecycle_structure", "programme_schema"]
