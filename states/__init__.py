"""Lifecycles, guards and the plan of a move: pure, no database, no clock, no files, no network."""
