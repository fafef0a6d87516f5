"""What can't run where the rewriting tool can't."""

from needs import MISSING

if MISSING:
    collect_ignore = ["test_cases_behave.py", "test_generated_behave.py"]
