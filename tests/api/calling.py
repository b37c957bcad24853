"""Calls of the API with a token."""

from django.test import Client

from diagnostics.tokens import issue_token
from tests.people import make_person


class Caller:
    """Speaks JSON, as the person of a token."""

    def __init__(self, person):
        self.person = person
        self.token, self.text = issue_token(person, "tests")
        self.client = Client(headers={"Authorization": f"Bearer {self.text}"})

    def get(self, address, **params):
        return self.client.get(address, query_params=params)

    def post(self, address, body=None):
        return self.client.post(address, body if body is not None else {}, content_type="application/json")

    def patch(self, address, body):
        return self.client.patch(address, body, content_type="application/json")

    def put(self, address, body):
        return self.client.put(address, body, content_type="application/json")

    def delete(self, address):
        return self.client.delete(address)


def caller_with(environment, role):
    """Somebody new who holds the role."""
    return Caller(make_person(environment, role))


def every(caller, address, **params):
    """All rows of a list, page after page."""
    found, following = [], address
    while following:
        answer = caller.get(following, **params) if following == address else caller.get(following)
        assert answer.status_code == 200, answer.content
        found += answer.json()["results"]
        following = answer.json()["next"]
    return found
