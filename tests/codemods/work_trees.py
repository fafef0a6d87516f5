"""Real git work trees with legacy code in them, and what `check --since` reports there."""

import json
import subprocess

from rehandle_codemods.cli.commands import main

HEAD = "from prefect import Flow\n"
OLD = 'Flow("old", result_handler=None)\n'
NEW = 'Flow("new", result_handler=None)\n'


def run_git(*arguments, cwd=None):
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, cwd=cwd)


def put(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def commit(folder, files, message="more"):
    put(folder, files)
    run_git("add", "--all", cwd=folder)
    run_git("commit", "-qm", message, cwd=folder)


def reported(capsys, *arguments, revision="HEAD", status=None):
    """The places that are reported, as FILE:ROW or FILE:CELL:ROW, once the exit code is right."""
    code = main(["check", "--since", revision, "--format", "json", *arguments])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    findings = json.loads(out)
    assert code == any(each["status"] != "note" for each in findings)
    cells = (f"{each['cell']}:" if each["cell"] else "" for each in findings)
    return [f"{each['filename']}:{cell}{each['location']['row']}" for each, cell in zip(findings, cells)]
