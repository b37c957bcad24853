"""Where one is signed in: seen, and ended."""

from django.test import Client
from django.urls import reverse

from tests.people import make_person, sign_in


def test_people_see_and_end_their_other_sign_ins(enter, visitor):
    other = Client(HTTP_USER_AGENT="Other <b>Browser</b>/1.0")
    enter(visitor)
    enter(other)
    page = visitor.get(reverse("usersessions_list")).content.decode()
    assert "Other &lt;b&gt;Browser" in page
    assert visitor.post(reverse("usersessions_list")).url == reverse("usersessions_list")
    assert other.get(reverse("account")).status_code == 302
    assert visitor.get(reverse("account")).status_code == 200
    assert "Nowhere else" in visitor.get(reverse("usersessions_list")).content.decode()


def test_nobody_sees_another_persons(enter, visitor):
    enter(Client(HTTP_USER_AGENT="Somebody Elses/1.0"))
    stranger = sign_in(make_person())
    assert "Somebody Elses" not in stranger.get(reverse("usersessions_list")).content.decode()
