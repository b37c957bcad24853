"""A real SMTP server that does as it is told, and mail through it."""

import email
import email.policy

from aiosmtpd.controller import Controller

from alerts.integrations.base import Setup
from alerts.integrations.registry import INTEGRATIONS
from tests.alerts.samples import make_alert


class Mailbox:
    """The server's handler: keeps what arrives; `codes` says what a recipient or the message is answered."""

    def __init__(self):
        self.got = []
        self.codes = {}
        self.data_code = ""

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        code = self.codes.get(address)
        if code:
            return f"{code} no, {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.data_code == "drop":
            server.transport.close()
            return "250 never heard"
        if self.data_code:
            return f"{self.data_code} not now"
        self.got.append((tuple(envelope.rcpt_tos), envelope.content))
        return "250 OK"


class OnFreePort(Controller):
    """On the port that the system gave."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def send(alert=None, recipients="ann@shop.com", receipt=None):
    return INTEGRATIONS["email"].send(alert or make_alert(), Setup({"recipients": recipients}, {}, receipt or {}))


def read(mail):
    return email.message_from_bytes(mail[1], policy=email.policy.default)


def heard(mailbox):
    return [to[0].partition("@")[0] for to, _ in mailbox.got]
