"""`--target prefect-3`: files with straight-line flows become Prefect 3's, whole or not at all."""
