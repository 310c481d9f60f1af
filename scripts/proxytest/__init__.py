"""What the scripts that try `grip proxy` for long have in common; Python's standard library is all it needs."""
