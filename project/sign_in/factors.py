"""Second factors: their secrets are encrypted at rest."""

import base64

from allauth.mfa.adapter import DefaultMFAAdapter

from diagnostics.core.secrets_box import decrypt, encrypt

CONTEXT = b"second factor"


class FactorAdapter(DefaultMFAAdapter):
    """What allauth asks about second factors."""

    def encrypt(self, text: str) -> str:
        """For the database."""
        return base64.b64encode(encrypt(text.encode(), context=CONTEXT)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What the database holds."""
        return decrypt(base64.b64decode(encrypted_text), context=CONTEXT).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name that a passkey's dialogue shows; the id stays the host that was asked."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Diagnostics"}
