"""What becomes of each place, before anything is written."""
