"""Where our results go. Import the handlers from here."""
import os

from prefect.engine.result_handlers import JSONResultHandler, LocalResultHandler

RESULTS_DIR = os.environ.get("RESULTS_DIR", "results")
os.makedirs(RESULTS_DIR, exist_ok=True)  # LocalResultHandler wants an existing folder before Prefect 0.9

local_results = LocalResultHandler(dir=RESULTS_DIR)
inline_results = JSONResultHandler()
