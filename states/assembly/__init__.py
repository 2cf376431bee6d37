"""Makes frozen data out of a file's data that keeps to the schema, names not yet looked up.

What the schema demands and a faulty file lacks is filled in here, so that the checks see the rest of such a file too.
"""

from states.assembly.lifecycle import assemble_lifecycle
from states.assembly.programme import assemble_programme
from states.assembly.words import text

__all__ = ["assemble_lifecycle", "assemble_programme", "text"]
