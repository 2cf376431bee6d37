"""Forms made of record kinds, whatever a lifecycle file declares: what is shown, what was typed, the data it means.

Pure: these modules know no request and no database.

Everything in a form has a name like the path of a blocker: `f.title`, `f.stations.0.body`. What was typed is kept
under these names, as text, so that a form can be shown again as it was sent.
"""
