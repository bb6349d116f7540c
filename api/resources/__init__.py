"""HTTP: one file a noun, each a list of operations. The only floor that knows Flask."""
