"""Tables as CSV files, so that the analysts can open our results in a spreadsheet."""
import csv
import os
import uuid

from prefect.engine.result_handlers import ResultHandler


class CSVResultHandler(ResultHandler):
    """
    Stores a list of dictionaries as a CSV file.

    Args:
        - folder (str): where the files go; created when it's missing
        - delimiter (str, optional): what stands between two cells
    """

    def __init__(self, folder, delimiter=","):
        self.folder = folder
        self.delimiter = delimiter
        super().__init__()

    def read(self, fpath):
        self.logger.debug("Reading rows from {}".format(fpath))
        with open(fpath, newline="") as f:
            return [dict(row) for row in csv.DictReader(f, delimiter=self.delimiter)]

    def write(self, rows):
        os.makedirs(self.folder, exist_ok=True)
        fpath = os.path.join(self.folder, "{}.csv".format(uuid.uuid4()))
        with open(fpath, "w", newline="") as f:
            # the analysts want the columns in the order of the first row
            writer = csv.DictWriter(f, fieldnames=list(rows[0]), delimiter=self.delimiter)
            writer.writeheader()
            writer.writerows(rows)
        self.logger.debug("Wrote {} rows to {}".format(len(rows), fpath))
        return fpath
