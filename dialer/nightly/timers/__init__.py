"""Units for timers that start the night: systemd, cron, GitHub Actions, Airflow."""
