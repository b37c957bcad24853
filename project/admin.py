"""The queue's own tables stay out of the admin: a schedule names a function, and who edits it runs code."""

from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

for model in (Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)
