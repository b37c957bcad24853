"""What libraries put into the admin and does not belong there.

The queue's tables: a schedule names a function, and who edits it runs code. Factors, sessions and links to the identity
provider: people change their own on their account pages.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django_q.models import Failure, OrmQ, Schedule, Success

HIDDEN = (
    Failure, OrmQ, Schedule, Success, Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession,
)  # fmt: skip
for model in HIDDEN:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
