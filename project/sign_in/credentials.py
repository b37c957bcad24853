"""What a browser sends of a passkey: JSON, read before anybody is known, and so bounded."""

from typing import Any, Final

from allauth.mfa.webauthn import forms as webauthn
from django import forms

MOST: Final = 64 * 1024  # characters; an attestation with its certificates takes some thousand


class CredentialField(forms.JSONField):
    """JSON that is neither long nor nested without end."""

    def __init__(self) -> None:
        super().__init__(required=True, widget=forms.HiddenInput)

    def to_python(self, value: Any) -> Any:
        """What was sent, or the refusal that anything else gets that is no JSON."""
        try:
            return super().to_python(value if len(value or "") <= MOST else "too long")
        except RecursionError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


class LoginForm(webauthn.LoginWebAuthnForm):
    """Instead of a password."""

    credential = CredentialField()


class SecondForm(webauthn.AuthenticateWebAuthnForm):
    """After a password."""

    credential = CredentialField()


class ConfirmForm(webauthn.ReauthenticateWebAuthnForm):
    """Before a guarded act."""

    credential = CredentialField()


class AddForm(webauthn.AddWebAuthnForm):
    """A new one."""

    credential = CredentialField()
