"""Papers for decisions (Beschlussvorlagen): an item's facts in the template of the city. What fills it is said
by the file beside it, and no field is known here. Nothing is changed and nothing decided.
"""
