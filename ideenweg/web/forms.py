"""What somebody typed into a form: read once, whole, within limits, and given back as it was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, cast

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

MOST_FIELDS = 1000
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody chose. `name` and `content_type` are what their browser says: believe neither."""

    name: str
    content_type: str
    size: int
    file: BinaryIO

    def read(self) -> bytes:
        """All of it."""
        self.file.seek(0)
        return self.file.read()


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form that was sent."""

    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, Sequence[Upload]] = field(default_factory=dict)
    sent: FormData | None = None

    async def close(self) -> None:
        """Give back what its files were kept in while the request was answered."""
        if self.sent is not None:
            await self.sent.close()

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def text(self, name: str) -> str:
        """What was typed, without blanks around it, lines ended by LF; empty where nothing was."""
        return next((tidy(value) for value in self.fields.get(name, ())), "")

    def secret(self, name: str) -> str:
        """What was typed, to the letter: a blank may be a part of a password."""
        return next(iter(self.fields.get(name, ())), "")

    def all(self, name: str) -> list[str]:
        """Everything chosen under a name: of checkboxes, or of fields that can be added."""
        return [tidy(value) for value in self.fields.get(name, ())]

    def file(self, name: str) -> Upload | None:
        """The file chosen, if one was."""
        return next(iter(self.files.get(name, ())), None)


def form_of(request: Request) -> Form:
    """The form that was sent with the request; an empty one for a request that sends none."""
    return cast(Form, getattr(request.state, "form", Form()))


def tidy(text: str) -> str:
    """`text` without blanks around it and with single line ends; browsers send CR LF."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "").strip()


async def read_form(request: Request, limit: int) -> Form:
    """Read the body of a request, of at most `limit` bytes, as a form.

    Raises HTTPException: 413 for a larger one, 400 for one that is no form.
    """
    if int(request.headers.get("content-length", "0") or 0) > limit:
        raise HTTPException(413)
    read = 0

    async def receive() -> Message:
        nonlocal read
        message = await request.receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise HTTPException(413)
        return message

    try:
        data = await Request(request.scope, receive).form(
            max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=limit
        )
    except (MultiPartException, UnicodeDecodeError):
        raise HTTPException(400) from None
    except ClientDisconnect:
        raise HTTPException(400) from None
    fields: dict[str, list[str]] = {}
    files: dict[str, list[Upload]] = {}
    for name, value in data.multi_items():
        if not isinstance(value, UploadFile):
            fields.setdefault(name, []).append(value)
        elif value.filename:  # a browser sends an empty part where no file was chosen
            files.setdefault(name, []).append(
                Upload(value.filename, value.content_type or "", value.size or 0, value.file)
            )
    return Form(fields, files, data)
