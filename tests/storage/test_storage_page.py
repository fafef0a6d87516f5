"""The examples of docs/storage.md, run as they are printed."""

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "storage.md"
SECTIONS = dict(part.split("\n", 1) for part in PAGE.read_text("utf-8").split("\n## ")[1:])
CLOUDS = {"google": "Google Cloud Storage", "s3": "S3", "azure": "Azure Blob Storage"}


def run(title):
    # What stands between blocks of code isn't expected output.
    text = SECTIONS[title].replace("```\n", "\n")
    examples = doctest.DocTestParser().get_doctest(text, {}, title, str(PAGE), 0)
    assert examples.examples
    result = doctest.DocTestRunner(optionflags=doctest.IGNORE_EXCEPTION_DETAIL).run(examples)
    assert result.failed == 0


@pytest.mark.parametrize("title", ["Files", "Errors"])
def test_examples_of_files(title, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(title)


@pytest.mark.parametrize("backend", CLOUDS)
def test_examples_of_the_clouds(backend, plain_server, monkeypatch):
    if backend == "s3":
        pytest.importorskip("boto3", minversion="1.28", reason="earlier ones take no address from the environment")
    server = plain_server(backend)
    server.make_bucket("my-container" if backend == "azure" else "my-bucket")
    environment = server.environment(server.process.url)
    if backend == "s3":
        keys = {"AWS_ACCESS_KEY_ID": "anybody", "AWS_SECRET_ACCESS_KEY": "anybody"}
        environment = {"AWS_ENDPOINT_URL": server.process.url, **keys}
    elif backend == "azure":
        environment = {"AZURE_STORAGE_CONNECTION_STRING": server.connection_string(server.process.url)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    run(CLOUDS[backend])


def test_every_section_with_an_example_is_run():
    assert {title for title, text in SECTIONS.items() if ">>>" in text} == {"Files", "Errors", *CLOUDS.values()}


def test_the_limits_are_those_of_the_code():
    from rehandle.storage import clients, gcs

    text = SECTIONS["Retries and limits"]
    assert f"| for a connection | {clients.CONNECT_SECONDS} s |" in text
    assert f"| until the next bytes come | {clients.SILENCE_SECONDS} s |" in text
    assert f"| tried again | for {gcs.RETRY_SECONDS} s |" in text
    assert clients.RETRIES == 2
