"""WHAT would change: plans are immutable values, made by pure functions, and applied exactly as shown."""
