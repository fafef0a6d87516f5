"""Rewrite Prefect result handlers to Results, file by file, across a whole repository."""
