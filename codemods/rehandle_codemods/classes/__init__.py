"""The project's own handler classes: what they are and do."""
