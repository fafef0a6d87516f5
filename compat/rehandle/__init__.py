"""rehandle moves Prefect flows from result handlers to Results."""

__version__ = "0.1.0"
