"""Flows of Prefect 3 over old results: what is run, what is reused, and what fails, with a real server."""

from __future__ import annotations

import asyncio
import json
import pickle
import subprocess
import sys
import urllib.request

import cloudpickle
import pytest

pytestmark = pytest.mark.prefect("3.2", "4")


@pytest.fixture
def ran():
    """What tasks were run with."""
    return []


@pytest.fixture
def double(folders, server, ran):
    """A task that has old results, and notes whether it is run."""
    from prefect import task

    @task(result_storage=folders.saved(), result_storage_key="double-{parameters[x]}.pkl", persist_result=True)
    def double(x):
        ran.append(x)
        return 2 * x

    return double


def run(function, **options):
    """Run a flow, and give the state."""
    from prefect import flow

    return flow(function, **options)(return_state=True)


def called(double, *numbers):
    return [double(number) for number in numbers]


def submitted(double, *numbers):
    return [future.result() for future in [double.submit(number) for number in numbers]]


def mapped(double, *numbers):
    return double.map(list(numbers)).result()


class TestReuse:
    @pytest.mark.parametrize("how", [called, submitted, mapped])
    def test_old_results_are_hits_and_others_are_computed(self, double, folders, ran, how):
        for number in (1, 3):
            folders.put(f"double-{number}.pkl", pickle.dumps(f"old {number}"))
        assert run(lambda: how(double, 1, 2, 3, 4)).result() == ["old 1", 4, "old 3", 8]
        assert sorted(ran) == [2, 4]
        assert run(lambda: how(double, 1, 2, 3, 4)).result() == ["old 1", 4, "old 3", 8]
        assert sorted(ran) == [2, 4]
        assert sorted(path.name for path in folders.new.iterdir()) == ["double-2.pkl", "double-4.pkl"]

    def test_asynchronous_flows(self, double, folders, ran):
        from prefect import flow, task

        @task(result_storage=double.result_storage, result_storage_key=double.result_storage_key, persist_result=True)
        async def triple(x):
            ran.append(x)
            return 3 * x

        @flow
        async def both():
            return [await triple(1), await triple(2)]

        folders.put("double-1.pkl", pickle.dumps("old"))
        assert asyncio.run(both()) == ["old", 6]
        assert ran == [2]

    def test_a_hit_is_called_cached(self, double, folders):
        folders.put("double-1.pkl", pickle.dumps("old"))
        assert run(lambda: double(1, return_state=True).name).result() == "Cached"

    def test_refreshed_results_are_seen_later(self, double, folders, ran):
        folders.put("double-1.pkl", pickle.dumps("old"))
        refreshing = double.with_options(refresh_cache=True)
        assert run(lambda: [refreshing(1), double(1)]).result() == [2, 2]
        assert ran == [1]
        assert pickle.loads((folders.old / "double-1.pkl").read_bytes()) == "old"

    def test_absolute_keys(self, double, folders, ran, tmp_path):
        key = str(tmp_path / "{parameters[x]}.pkl")
        absolute = double.with_options(result_storage_key=key)
        (tmp_path / "1.pkl").write_bytes(pickle.dumps("old"))
        assert run(lambda: [absolute(1), absolute(2)]).result() == ["old", 4]
        assert run(lambda: [absolute(1), absolute(2)]).result() == ["old", 4]
        assert ran == [2]
        assert not (tmp_path / "2.pkl").exists()

    def test_a_flow_stores_its_own_value(self, folders, server):
        from prefect import flow, task

        @task(result_storage_key="one.pkl")
        def one():
            return 1

        state = flow(lambda: one() + 1, result_storage=folders.saved(), persist_result=True)(return_state=True)
        assert state.result() == 2
        assert len(list(folders.new.iterdir())) == 2


class TestFailures:
    """What can't be read just now isn't computed again, though Prefect itself takes every error for a no."""

    @pytest.mark.parametrize("how", [called, submitted, mapped])
    def test_the_task_fails_with_the_reason_and_is_not_run(self, double, folders, ran, how):
        folders.old.rename(folders.old.with_name("elsewhere"))
        state = run(lambda: how(double, 1))
        with pytest.raises(Exception, match="Is its disk mounted"):
            state.result()
        assert state.is_failed()
        assert ran == []
        # Prefect stores the error, under another key.
        assert not (folders.new / "double-1.pkl").exists()

    def test_asynchronous_tasks(self, double, folders, ran):
        from prefect import flow, task

        @task(result_storage=double.result_storage, result_storage_key=double.result_storage_key, persist_result=True)
        async def triple(x):
            ran.append(x)

        @flow
        async def one():
            return await triple(1)

        folders.old.rename(folders.old.with_name("elsewhere"))
        state = asyncio.run(one(return_state=True))
        assert state.is_failed()
        assert "Is its disk mounted" in state.message
        assert ran == []

    def test_retries_find_the_result_once_storage_answers(self, double, folders, ran):
        folders.put("double-1.pkl", pickle.dumps("old"))
        elsewhere = folders.old.rename(folders.old.with_name("elsewhere"))

        def mount(task, task_run, state):
            elsewhere.rename(folders.old)
            return True

        patient = double.with_options(retries=2, retry_delay_seconds=0, retry_condition_fn=mount)
        assert run(lambda: patient(1)).result() == "old"
        assert ran == []

    def test_a_damaged_file_is_not_computed_again(self, double, folders, ran):
        data = pickle.dumps("old")
        folders.put("double-1.pkl", data[:-3])
        state = run(lambda: double(1))
        assert state.is_failed()
        assert "truncated" in state.message
        assert ran == []
        assert (folders.old / "double-1.pkl").read_bytes() == data[:-3]


def process(environment, script, *arguments, **options):
    """Run a script in a process of its own, and give what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        capture_output=True,
        env={**environment, **options},
        text=True,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


class TestOtherProcesses:
    def test_the_block_is_found_without_an_import(self, folders, server):
        folders.put("a.pkl", pickle.dumps("old"))
        script = """
import sys
from prefect import flow, task
@task(result_storage=sys.argv[1], result_storage_key="a.pkl", persist_result=True)
def never():
    raise AssertionError
@flow
def one():
    return never()
print(one())
"""
        assert process(server, script, folders.saved()) == "old"

    def test_it_is_the_default_result_storage(self, folders, server):
        folders.put("a.pkl", pickle.dumps("old"))
        script = """
from prefect import flow, task
@task(result_storage_key="a.pkl", persist_result=True)
def never():
    raise AssertionError
@flow
def one():
    return never()
print(one())
"""
        options = {"PREFECT_DEFAULT_RESULT_STORAGE_BLOCK": folders.saved()}
        assert process(server, script, **options) == "old"

    def test_the_value_is_found_by_the_state_of_a_task_run(self, double, folders, server):
        folders.put("double-1.pkl", pickle.dumps("old"))
        run_id = run(lambda: str(double(1, return_state=True).state_details.task_run_id)).result()
        script = """
import sys
from prefect.client.orchestration import get_client
with get_client(sync_client=True) as client:
    print(client.read_task_run(sys.argv[1]).state.result())
"""
        assert process(server, script, run_id) == "old"

    def test_prefect_without_rehandle_reads_new_results(self, double, folders, server):
        assert run(lambda: double(1)).result() == 2
        script = """
import sys
sys.modules["rehandle"] = None
from prefect.filesystems import LocalFileSystem
from prefect.results import ResultStore
print(ResultStore(result_storage=LocalFileSystem(basepath=sys.argv[1])).read("double-1.pkl").result)
"""
        assert process(server, script, str(folders.new)) == "2"


class TestSecrets:
    def test_named_blocks_keep_their_secrets(self, folders, server):
        from prefect.filesystems import SMB, LocalFileSystem

        from rehandle.prefect3 import OldResults

        smb = SMB(share_path="a", smb_host="b", smb_username="c", smb_password="hunter2")
        smb.save("keeps-a-secret", overwrite=True)
        for old in (smb, SMB.load("keeps-a-secret"), "smb/keeps-a-secret"):
            block = OldResults(old=old, new=LocalFileSystem(basepath=str(folders.new)))
            assert block.old == "smb/keeps-a-secret"
            block.save("names-a-secret", overwrite=True)
            loaded = OldResults.load("names-a-secret")
            assert (loaded.old, loaded.new.basepath) == ("smb/keeps-a-secret", str(folders.new))
            assert "hunter2" not in repr(loaded) + block.model_dump_json()
            loaded._loaded()
            assert b"hunter2" not in cloudpickle.dumps(loaded)
        assert "hunter2" not in documents(server)

    def test_a_block_that_is_not_there(self, server):
        from rehandle.errors import StorageError
        from rehandle.prefect3 import OldResults

        with pytest.raises(StorageError, match="loading the block for old= of OldResults, 'local-file-system/no-such"):
            OldResults(old="local-file-system/no-such-block").read_path("a")


def documents(environment):
    """All blocks, as the server gives them to whoever asks."""
    address = f"{environment['PREFECT_API_URL']}/block_documents/filter?include_secrets=false"
    request = urllib.request.Request(address, json.dumps({}).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as answer:
        text = answer.read().decode()
    assert "names-a-secret" in text
    return text
