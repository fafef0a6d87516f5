"""The run: files, index, decisions, rules, changes."""
