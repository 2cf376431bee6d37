"""The doors: web pages, API, command line; the application that puts the rooms together. It decides nothing itself."""

from ideenweg.wiring import open_workflow

__all__ = ["open_workflow"]
