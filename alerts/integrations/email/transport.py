"""E-mail by the operator's SMTP server: one message a recipient, so that nobody sees the others and each has an outcome."""

import hashlib
import smtplib
import time
from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email

from alerts.delivery.alert import Alert
from alerts.delivery.errors import DeliveryError
from alerts.integrations.base import Field, Sent, Setup, check_fields
from alerts.integrations.email.message import build_mail

MOST_RECIPIENTS: Final = 20
SECONDS: Final = 20.0  # for all recipients together; the next try goes on with the others
TEMPORARY: Final = range(400, 500)


class Email:
    """The registry's entry."""

    label = "E-mail"
    help_text = "A mail with facts, messages, links and a small chart; all turns of an incident form one thread."
    fields: tuple[Field, ...] = (
        Field(
            "recipients", "Recipients", f"Addresses with commas between them, at most {MOST_RECIPIENTS}.", is_long=True
        ),
        Field(
            "action_links",
            "Links that act",
            "With them, whoever has the mail can acknowledge and resolve without signing in. Each works once.",
            is_required=False,
            choices=(("no", "No: people sign in first"), ("yes", "Yes, in each mail")),
        ),
    )

    def validate(self, config: Mapping[str, str], secrets: Mapping[str, str]) -> list[str]:
        """Addresses, and a server to send by."""
        found = check_fields(self.fields, config, secrets)
        recipients = read_recipients(config.get("recipients", ""))
        if len(recipients) > MOST_RECIPIENTS:
            found.append(f"Recipients: at most {MOST_RECIPIENTS}.")
        for recipient in recipients:
            try:
                validate_email(recipient)
            except ValidationError:
                found.append(f"Recipients: '{recipient[:60]}' is not an address.")
        if not settings.EMAIL_HOST:
            found.append("Your operator has to set EMAIL_HOST first; see docs/settings.md.")
        return found

    def preview(self, alert: Alert, setup: Setup) -> str:
        """Subject and text."""
        mail = build_mail(alert, settings.DEFAULT_FROM_EMAIL, "recipient@invalid")
        return f"Subject: {mail.subject}\n\n{mail.body}"

    def send(self, alert: Alert, setup: Setup) -> Sent:
        """To each who has not had it yet; who was reached is kept, so that a retry repeats nothing."""
        end = time.monotonic() + SECONDS
        done = set(setup.receipt.get(alert.id, "").split())
        failed: list[DeliveryError] = []
        recipients = read_recipients(setup.config.get("recipients", ""))
        with open_connection() as connection:
            for recipient in recipients:
                if mark_of(recipient) in done:
                    continue
                try:
                    if time.monotonic() > end:
                        raise DeliveryError("the mail server is too slow")
                    send_one(alert, recipient, connection)
                    done.add(mark_of(recipient))
                except DeliveryError as error:
                    failed.append(error)
        return conclude(failed, len(recipients), {alert.id: " ".join(sorted(done))}, partly=bool(done))


def conclude(failed: list[DeliveryError], recipients: int, receipt: dict[str, str], *, partly: bool) -> Sent:
    """Tried again while that can help somebody; a success when at least one was reached and the others never will be.
    `partly`: somebody has it, by now or since an earlier try."""
    passing = [error for error in failed if not error.permanent]
    if passing or (failed and len(failed) == recipients):
        first = (passing or failed)[0]
        said = f"{len(failed)} of {recipients} recipients were not reached: {first}" if partly else str(first)
        raise DeliveryError(said, permanent=not passing, status=first.status, receipt=receipt, partly=partly)
    return Sent(250, receipt, f"{len(failed)} of {recipients} recipients were refused" if failed else "")


def mark_of(recipient: str) -> str:
    """A recipient in a receipt, which holds no address."""
    return hashlib.sha256(recipient.lower().encode()).hexdigest()[:12]


def read_recipients(text: str) -> list[str]:
    """Addresses, each once."""
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").split()))


class open_connection:  # noqa: N801  used as a statement
    """One connection to the server for all recipients; failing to connect is a failure that is retried."""

    def __enter__(self) -> BaseEmailBackend:
        """Connected."""
        self.connection: BaseEmailBackend = get_connection(fail_silently=False)
        try:
            self.connection.open()
        except smtplib.SMTPAuthenticationError as error:
            raise DeliveryError("the mail server refuses our password", status=error.smtp_code) from None
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"the mail server cannot be reached ({type(error).__name__})") from None
        return self.connection

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self.connection.close()


def send_one(alert: Alert, recipient: str, connection: BaseEmailBackend) -> None:
    """One mail. 4xx is worth another try; 5xx is the end for this recipient. The server's words may hold addresses."""
    mail = build_mail(alert, settings.DEFAULT_FROM_EMAIL, recipient)
    try:
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        raise refusal(next(iter(error.recipients.values()), (450, b""))[0]) from None
    except smtplib.SMTPResponseException as error:
        raise refusal(error.smtp_code) from None
    except (smtplib.SMTPException, OSError) as error:
        raise DeliveryError(f"the mail server hung up ({type(error).__name__})") from None


def refusal(code: int) -> DeliveryError:
    """By the server's code."""
    return DeliveryError(f"the mail server answered {code}", permanent=code not in TEMPORARY and code > 0, status=code)
