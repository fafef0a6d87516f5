"""What code says: modules, scopes, names, classes, calls. Reads, decides nothing."""
