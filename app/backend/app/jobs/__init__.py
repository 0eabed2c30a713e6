"""The application's own jobs; SCHEDULER_JOBS_PATH can name another folder."""
