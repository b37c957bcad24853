"""What was delivered, as tests of delivery ask for it."""

from alerts.models import DeliveryAttempt, Notification


def only():
    return Notification.objects.get()


def outcomes():
    return list(DeliveryAttempt.objects.order_by("pk").values_list("outcome", "status_code", "error"))


def ids_of(receiver):
    return [headers["webhook-id"] for _, headers, _ in receiver.got]
