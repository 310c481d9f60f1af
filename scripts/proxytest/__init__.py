"""What `scripts/chaos` and `scripts/soak` have in common; Python's standard library is all it needs."""
