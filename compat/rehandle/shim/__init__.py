"""What switches Prefect's behaviour, and back."""
