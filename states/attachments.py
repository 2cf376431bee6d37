"""Who may attach documents, remove them, decide that everybody may see them, and who sees them before. Plans only."""

from __future__ import annotations

from collections.abc import Iterator

from states.blockers import Blocker, blocker
from states.lifecycle import Lifecycle
from states.permissions import Blockers
from states.programme import DOCUMENT_TYPES
from states.reading import Reader, reads
from states.records import kind_of
from states.roles import acting, barred
from states.snapshot import Snapshot

LONGEST_NAME = 200
"""Characters of a document's name."""


def plan_attach(
    lifecycle: Lifecycle, snapshot: Snapshot, record: str | None, media_type: str, size: int, there: int
) -> Blockers:
    """What stands against one more document, where the item has `there`. Raises UnknownName for an unknown record.

    size: bytes.
    """
    if record is not None:
        kind_of(lifecycle, record)
    limits = snapshot.programme.documents
    roles = lifecycle.documents.attach
    blockers = barred(lifecycle, snapshot, tuple(lifecycle.roles) if roles is None else roles)
    if media_type not in [DOCUMENT_TYPES[one] for one in limits.types] or size > limits.megabytes * 1_000_000:
        blockers.append(
            blocker(
                "invalid_document",
                "Diese Datei wird hier nicht angenommen. Möglich sind {types}, je höchstens {megabytes} MB.",
                "This file is not taken here. Possible are {types}, up to {megabytes} MB each.",
                types=", ".join(limits.types),
                megabytes=limits.megabytes,
                path="file",
            )
        )
    if there >= limits.number:
        blockers.append(
            blocker(
                "too_many_documents",
                "Mehr als {number} Dokumente nimmt ein Vorgang nicht auf. Entfernen Sie eines, das nicht mehr gilt.",
                "An item takes no more than {number} documents. Remove one that is out of date.",
                number=limits.number,
            )
        )
    return tuple(blockers)


def plan_remove(lifecycle: Lifecycle, snapshot: Snapshot, author: str) -> Blockers:
    """What stands against removing a document of `author`: it is up to them, and to those who publish."""
    return () if acting(snapshot).id == author else tuple(barred(lifecycle, snapshot, lifecycle.documents.publish))


def plan_show(lifecycle: Lifecycle, snapshot: Snapshot) -> Blockers:
    """What stands against deciding whether everybody may see a document."""
    return tuple(barred(lifecycle, snapshot, lifecycle.documents.publish))


def visible(lifecycle: Lifecycle, reader: Reader, record: str | None, author: str, *, public: bool) -> bool:
    """Whether `reader` may open a document: their own; a public one of a released item; one that belongs to the item
    or to a record whose kind they read, where they have a role on it."""
    if author in reader.people or (public and reader.released):
        return True
    kind = lifecycle.records.get(record) if record else None
    return reader.member and (kind is None or reads(kind, reader))


def named_badly(name: str) -> Iterator[Blocker]:
    """What is wrong with the name of a file."""
    if (
        not name.strip()
        or len(name) > LONGEST_NAME
        or any(not letter.isprintable() or letter in "/\\" for letter in name)
    ):
        yield blocker(
            "invalid_name",
            "Geben Sie der Datei einen Namen aus höchstens {limit} Zeichen ohne Schrägstriche.",
            "Give the file a name of up to {limit} characters without slashes.",
            limit=LONGEST_NAME,
            path="name",
        )
