"""libcst: nodes in, nodes out. Knows neither the project nor what was decided."""
