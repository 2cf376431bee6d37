"""`ideenweg item attach | documents | detach | publish`."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_a_file_is_attached_listed_published_and_removed(sqlite_cli: Any, tmp_path: Path) -> None:
    cli = sqlite_cli
    number = cli.create("Bänke am Fluss")
    file = tmp_path / "skizze.txt"
    file.write_text("Drei Bänke")
    environment = {"IDEENWEG_DOCUMENTS": str(tmp_path / "files")}

    def call(*arguments: str) -> Any:
        return cli("item", *arguments, "--json", **environment)

    assert call("attach", number, str(file), "--as", cli.resident).code == 0
    (one,) = call("documents", number).json["documents"]
    assert (one["name"], one["size"], one["public"]) == ("skizze.txt", file.stat().st_size, False)
    assert Path(one["file"]).read_text() == "Drei Bänke"
    assert call("documents", number, "--as", cli.resident).json["documents"] == [one]
    assert call("publish", number, one["id"], "--as", cli.resident).code == 1
    assert call("publish", number, one["id"], "--as", cli.coordinator).code == 0
    assert "skizze.txt" in cli("item", "documents", number, **environment).out
    assert call("attach", number, str(tmp_path / "fehlt"), "--as", cli.resident).code == 2
    file.write_text("<html>")
    assert call("attach", number, str(file), "--as", cli.resident).code == 2
    assert call("detach", number, "d-0", "--as", cli.resident).code == 4
    assert call("detach", number, one["id"], "--as", cli.resident).code == 0
    assert call("documents", number).json["documents"] == []
