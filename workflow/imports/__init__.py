"""Takes in what others kept in tables: ideas with the state they have, and the logs of earlier tools.

Everything is read and judged before anything is written, and what is written comes in as one: all or nothing. It may
not know a door, and writes through the same events, records and clocks as the engine.
"""
