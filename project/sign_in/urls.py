"""What is open of signing in. Of the library's addresses only these: nobody signs up, mails or resets here."""

from allauth.account import views as account
from allauth.core.internal import ratelimit
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as socialaccount
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.usersessions import views as usersessions
from django.urls import path

from project.sign_in.second_step import ConfirmByCode, SecondStep

# Each question of a browser makes a row for its answer to be checked by: so many a minute from one address.
passkey = ratelimit.decorator(app="allauth.account", action="passkey", limit_get=True)(webauthn.login_webauthn)

urlpatterns = [
    path("login/", account.login, name="login"),
    path("login/", account.login, name="account_login"),
    path("login/inactive/", account.account_inactive, name="account_inactive"),
    path("login/second-factor/", SecondStep.as_view(), name="mfa_authenticate"),
    path("login/passkey/", passkey, name="mfa_login_webauthn"),
    path("login/<slug:provider_id>/", openid_connect.login, name="openid_connect_login"),
    path("login/<slug:provider_id>/callback/", openid_connect.callback, name="openid_connect_callback"),
    path("login/<slug:provider_id>/cancelled/", socialaccount.login_cancelled, name="socialaccount_login_cancelled"),
    path("logout/", account.logout, name="logout"),
    path("logout/", account.logout, name="account_logout"),
    path("account/confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", ConfirmByCode.as_view(), name="mfa_reauthenticate"),
    path("account/confirm/passkey/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("account/places/", usersessions.list_usersessions, name="usersessions_list"),
    path("account/factors/", mfa.index, name="mfa_index"),
    path("account/factors/app/add/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/factors/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/factors/codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/factors/codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("account/factors/codes/file/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("account/factors/keys/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("account/factors/keys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("account/factors/keys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("account/factors/keys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
]
