"""What an operator edits: data and one settings module; nothing is read at import."""
