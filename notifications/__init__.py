"""The only reader of notices: it expands, renders and sends them; it changes no item."""
