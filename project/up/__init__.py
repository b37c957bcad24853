"""`manage.py up`: embedded services, one supervisor, and what it prints."""
