"""rehandle in libcst's own runner."""
