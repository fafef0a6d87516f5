import pytest


@pytest.fixture
def results(shim, tmp_path, monkeypatch):
    """`prefect.engine.results` under the shim, with checkpointing on, in an empty working directory."""
    import prefect

    monkeypatch.chdir(tmp_path)
    module = __import__("prefect.engine.results", fromlist=["LocalResult"])
    with prefect.context(checkpointing=True, caches={}):
        yield module
