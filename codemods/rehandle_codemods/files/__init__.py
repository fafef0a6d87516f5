"""Files: which there are; text in, bytes out. Knows nothing of Prefect but the words that a search is for."""
