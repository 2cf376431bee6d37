"""One page a module: what the address asks for, the query, the template."""
