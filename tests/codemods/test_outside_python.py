"""Outside Python, `check` notes settings that Prefect 1.4.1 ignores (RH403) and pins that keep it out (RH404)."""

import re

import pytest
from commands import run_command
from repositories import write_files

from rehandle_codemods import rules
from rehandle_codemods.engine.run import run
from rehandle_codemods.findings import NOTE
from rehandle_codemods.options import Options

CHECK = Options(other_api=True)
HANDLER = "PREFECT__ENGINE__RESULT_HANDLER__DEFAULT_CLASS"
CHECKPOINT = "PREFECT__TASKS__DEFAULTS__CHECKPOINT"
TO_CLOUD = "PREFECT__LOGGING__LOG_TO_CLOUD"

# A file, and where in it a setting is noted.
SETTINGS = [
    ("Dockerfile", f"ENV {HANDLER}=a.B \\\n    {CHECKPOINT}=true\n", [(1, 5, HANDLER), (2, 5, CHECKPOINT)]),
    ("flows.Dockerfile", f"ENV {TO_CLOUD} true\n", [(1, 5, TO_CLOUD)]),
    (".env", f"# {HANDLER}=x\n{CHECKPOINT}=1\n", [(2, 1, CHECKPOINT)]),
    (".env.production", f"{CHECKPOINT}=1\n", [(1, 1, CHECKPOINT)]),
    ("compose.yaml", f"services:\n  a:\n    environment:\n      - {CHECKPOINT}=true\n", [(4, 9, CHECKPOINT)]),
    ("k8s/job.yml", f"env:\n- name: {TO_CLOUD}  # {HANDLER}\n  value: 'true'\n", [(2, 9, TO_CLOUD)]),
    ("k8s/templates/job.yaml", f"{{{{- if .x }}}}\n- name: {TO_CLOUD}\n", [(2, 9, TO_CLOUD)]),
    (".github/workflows/ci.yml", f"env:\n  {CHECKPOINT}: true\n", [(2, 3, CHECKPOINT)]),
    ("run.sh", f'export {CHECKPOINT}="true"\n', [(1, 8, CHECKPOINT)]),
    ("Makefile", f"run:\n\t{CHECKPOINT}=true python flow.py\n", [(2, 2, CHECKPOINT)]),
    ("config.toml", '[engine.result_handler]\ndefault_class = "a.B"\n', [(2, 1, "default_class")]),
    (".prefect/config.toml", "[tasks]\n  [tasks.defaults]\n  checkpoint = true\n", [(3, 3, "checkpoint")]),
    ("config.toml", "tasks.defaults.checkpoint = true\n", [(1, 1, "tasks.defaults.checkpoint")]),
    ("Dockerfile", "ENV PREFECT__FLOWS__CHECKPOINTING=true\n", []),
    ("config.toml", "[flows]\ncheckpointing = true\n[other.defaults]\ncheckpoint = 1\n", []),
    ("other.toml", "[tasks.defaults]\ncheckpoint = true\n", []),
    ("config.toml", "[tasks.defaults\ncheckpoint = true\n", []),
    ("notes.txt", f"{CHECKPOINT}=1\n", []),
]
# A file, and whether it has a pin that keeps the code from running; then what is in the way.
PINS = [
    ("requirements.txt", "prefect==0.10.7\n", "prefect==0.10.7"),
    ("requirements.txt", "-r other.txt\nPrefect[aws] >=0.10, <0.11  # old\n", "Prefect[aws] >=0.10, <0.11"),
    ("requirements.txt", "prefect<0.11; python_version > '3.6'\n", "prefect<0.11; python_version > '3.6'"),
    ("requirements/base.txt", "prefect==0.10.* --hash=sha256:abc\n", "prefect==0.10.*"),
    ("dev-requirements.in", "prefect~=0.13.0\n", "prefect~=0.13.0"),
    ("constraints.txt", "prefect<0.14\n", "prefect<0.14"),
    ("setup.py", "from setuptools import setup\nsetup(install_requires=['prefect<0.12'])\n", "prefect<0.12"),
    ("setup.cfg", "[options]\ninstall_requires =\n    click\n    prefect>=0.9,<0.11\n", "prefect>=0.9,<0.11"),
    ("setup.cfg", "[options.extras_require]\nflows =\n    prefect==0.9.8\n", "prefect==0.9.8"),
    ("pyproject.toml", '[project]\ndependencies = ["prefect==0.10.7"]\n', "prefect==0.10.7"),
    ("pyproject.toml", '[project.optional-dependencies]\na = ["prefect<0.10"]\n', "prefect<0.10"),
    ("pyproject.toml", '[dependency-groups]\na = ["prefect<0.10", {include-group = "b"}]\n', "prefect<0.10"),
    ("pyproject.toml", '[tool.poetry.dependencies]\nprefect = "^0.13"\n', "prefect"),
    ("pyproject.toml", '[tool.poetry.group.flows.dependencies]\nprefect = {version = "~0.10.1"}\n', "prefect"),
    (
        "pyproject.toml",
        '[tool.poetry]\nname = "prefect-flows"\n[tool.poetry.dependencies]\nprefect = "0.13"\n',
        "prefect",
    ),
    ("Pipfile", '[packages]\nprefect = "==0.10.*"\n', "prefect"),
    ("environment.yml", "dependencies:\n  - python=3.8\n  - conda-forge::prefect=0.10\n", "conda-forge::prefect=0.10"),
    ("environment.yml", "dependencies:\n  - pip:\n    - prefect==0.10.7\n", "prefect==0.10.7"),
    ("requirements.txt", "prefect\n", ""),
    ("requirements.txt", "prefect>=0.10\n", ""),
    ("requirements.txt", "prefect==1.4.1\nprefect-aws==0.1\n# prefect==0.10.7\n", ""),
    ("requirements.txt", "prefect>=0.13,<0.15\n", ""),
    ("requirements.txt", "not a requirement prefect==0.1 at all\n", ""),
    ("pyproject.toml", '[tool.poetry.dependencies]\nprefect = "^1.2"\n', ""),
    ("pyproject.toml", '[project]\ndependencies = ["prefect==0.10.7"\n', ""),
    ("environment.yml", "dependencies:\n  - prefect >=1.0\n  - prefect-old=0.1\n", ""),
    ("environment.yml", "dependencies: [prefect=0.1\n", ""),
    ("setup.cfg", "[tool:pytest]\naddopts = prefect==0.10.7\n", ""),
]


def noted(files, repository):
    write_files(repository, {"flow.py": "", **files})
    return [finding for finding in run(["."], options=CHECK).findings if finding.filename != "flow.py"]


@pytest.mark.parametrize(("name", "text", "expected"), SETTINGS, ids=range(len(SETTINGS)))
def test_settings(name, text, expected, repository):
    findings = noted({name: text}, repository)
    assert [(*finding.location, finding.end_location[1] - finding.location[1]) for finding in findings] == [
        (row, column, len(written)) for row, column, written in expected
    ]
    assert {(finding.code, finding.status, finding.filename) for finding in findings} <= {("RH403", NOTE, name)}


@pytest.mark.parametrize(("name", "text", "expected"), PINS, ids=range(len(PINS)))
def test_pins(name, text, expected, repository):
    findings = noted({name: text}, repository)
    found = [text.splitlines()[f.location[0] - 1][f.location[1] - 1 : f.end_location[1] - 1] for f in findings]
    assert found == ([expected] if expected else [])
    assert {(finding.code, finding.status, finding.filename) for finding in findings} <= {("RH404", NOTE, name)}


def test_a_key_is_found_where_it_has_its_value(repository):
    text = '[tool.poetry]\nname = "prefect"\n[tool.poetry.dependencies]\nprefect = "0.13"\n'
    assert [finding.location for finding in noted({"pyproject.toml": text}, repository)] == [(4, 1)]


def test_what_takes_the_place_of_a_setting_is_spelled_as_the_setting_is(repository):
    findings = noted({".env": f"{TO_CLOUD}=1\n", "config.toml": "[logging]\nlog_to_cloud = true\n"}, repository)
    assert [finding.message for finding in findings] == [
        f"Prefect 0.14 and later ignore the setting {TO_CLOUD}. Write PREFECT__CLOUD__SEND_FLOW_RUN_LOGS",
        "Prefect 0.14 and later ignore the setting logging.log_to_cloud. Write cloud.send_flow_run_logs",
    ]


def test_files_that_are_not_text_or_not_there_say_nothing(repository):
    write_files(repository, {"flow.py": ""})
    (repository / "requirements.txt").write_bytes(b"prefect==0.10.7\xff\n")
    (repository / "run.sh").symlink_to("nowhere.sh")
    assert run(["."], options=CHECK).findings == []


def test_check_shows_them_and_migrate_does_not(repository):
    files = {"flow.py": "import prefect\n", "requirements.txt": "prefect==0.10.7\n"}
    write_files(repository, files)
    checked, migrated = run_command("check", cwd=repository), run_command("migrate", cwd=repository)
    assert (checked.returncode, migrated.returncode) == (0, 0)
    assert b"requirements.txt:1:1: RH404 [note]" in checked.stdout
    assert b"  1 | prefect==0.10.7\n    | ^^^^^^^^^^^^^^^\n" in checked.stdout
    assert b"RH404" not in migrated.stdout
    assert b"RH404" not in run_command("check", "flow.py", cwd=repository).stdout


@pytest.mark.parametrize(
    "arguments",
    [["--ignore", "RH4"], ["--per-file-ignores", "requirements.txt:RH404"], ["--extend-exclude", "requirements.txt"]],
)
def test_they_can_be_left_out(arguments, repository):
    write_files(repository, {"flow.py": "", "requirements.txt": "prefect==0.10.7\n"})
    assert b"RH404" not in run_command("check", *arguments, cwd=repository).stdout


@pytest.mark.parametrize(("code", "name"), [("RH403", "run.sh"), ("RH404", "requirements.txt")])
def test_examples_of_the_pages(code, name, repository):
    example, by_hand = re.findall(r"^```\w+\n(.*?)^```$", rules.load()[code].page, re.M | re.S)
    assert [finding.code for finding in noted({name: example}, repository)] == [code]
    assert noted({name: by_hand}, repository) == []
