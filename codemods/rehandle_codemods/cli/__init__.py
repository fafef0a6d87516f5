"""The command line. Only what takes settings as it does is above it."""
