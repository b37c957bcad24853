"""Where an alert may be sent to: the real check over the tricks that reach what is not public."""

import pytest

from alerts.delivery.addresses import resolve_target
from alerts.delivery.errors import TargetRefused

PUBLIC = "93.184.215.14"
NOT_PUBLIC = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
    "169.254.0.1", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1", "198.18.0.1",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "::ffff:93.184.215.14", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1",
    "2002:7f00:1::1", "2002:808:808::1", "2001:0:7f00:1::1", "2001:4:112::1", "2001:20::1", "3ffe::1", "2620:4f:8000::1",
    "2606:4700::5efe:7f00:1", "2606:4700::200:5efe:a01:203", "64:ff9b::808:808", "::808:808", "0.1.2.3", "192.0.0.9",
    "192.52.193.1", "169.254.170.2", "169.254.169.123", "fd00:ec2::23", "fe80::a9fe:a9fe", "ff05::1:3", "2001:10::1",
    "2001:0:7f00:1::2", "2001:db8::1", "3fff::1", "100::1", "5f00::1", "fec0::1",
]  # fmt: skip


def never(host):
    raise AssertionError(f"{host} was looked up")


def answering(*addresses):
    return lambda host: list(addresses)


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_to_something_private_is_refused(address):
    with pytest.raises(TargetRefused) as refusal:
        resolve_target("https://hooks.shop.com/x", answering(address))
    assert address not in str(refusal.value)
    assert refusal.value.permanent


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_one_private_answer_among_public_ones_refuses_the_name(address):
    with pytest.raises(TargetRefused):
        resolve_target("https://hooks.shop.com/x", answering(PUBLIC, address))


@pytest.mark.parametrize("address", [address for address in NOT_PUBLIC if "%" not in address])
def test_a_private_address_written_into_the_url_is_refused(address):
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(TargetRefused):
        resolve_target(f"https://{host}/latest/meta-data/", never)


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://hooks.shop.com/x", PUBLIC),
        ("https://HOOKS.shop.com:8443/x?y=1", PUBLIC),
        ("https://hooks.shop.com.", PUBLIC),
        ("https://hooks.shop.com/x", "2606:4700::6810:84e5"),
        (f"https://{PUBLIC}/x", PUBLIC),
        ("https://[2606:4700::6810:84e5]/x", "2606:4700::6810:84e5"),
        ("HTTPS://hooks.shop.com/x", PUBLIC),
        ("https://hooks.shop.com:443?a=%2Fb", PUBLIC),
        ("https://hooks.shop.com:443/?a=%2F@b", PUBLIC),
        ("https://hooks.shop.com/a/@b/c;d=e,f/~g/(h)*!$'i'#j", PUBLIC),
        ("https://xn--bcher-kva.shop.com/x", PUBLIC),
        (
            "https://prod-12.westeurope.logic.azure.com:443/workflows/0a/triggers/manual/paths/invoke?sp=%2Ftriggers%2F&sig=a-_b",
            PUBLIC,
        ),
        ("https://hooks_eu.shop.com/x", PUBLIC),
        ("https://10.shop.com/x", PUBLIC),
        ("https://localhost.shop.com/x", PUBLIC),
        ("https://10-1-2-3.shop.com/x", PUBLIC),
    ],
)
def test_public_receivers_are_reached_at_the_address_that_was_checked(url, answer):
    assert resolve_target(url, answering(answer)) == answer


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXX", "https://events.pagerduty.com/v2/enqueue",
        "https://events.eu.pagerduty.com/v2/enqueue", "https://api.eu.opsgenie.com/v2/alerts",
        "https://api.atlassian.com/jsm/ops/integration/v2/alerts", "https://discord.com/api/webhooks/1/a_B-c?wait=true&thread_id=5",
        "https://contoso.webhook.office.com/webhookb2/1111-2222@3333-4444/IncomingWebhook/abc/def",
        "https://default0a1b.5f.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/abc/triggers/"
        "manual/paths/invoke?api-version=2022-03-01-preview&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=A-b_C~d%2B1",
        "https://api.telegram.org/bot123456:AAE-x_y/sendMessage", "https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t%3D",
        "https://ntfy.sh/topic", "https://example.com", "https://example.com?token=abc", "https://example.com/x?e=a@b.com#frag",
        "https://example.com.:443/", "https://xn--80ak6aa92e.xn--p1ai/", "https://127.0.0.1.example.com/", "https://0x7f.example.com/",
        "https://10-0-0-1.example.com/", "https://internal.example.com/", "https://metadata.example.org/", "https://mylocalhost.com/",
        "https://notinternal.com/", "https://local.dev/", "https://internal.io/", "https://test.com/", "https://1password.com/",
        "https://123.com/", "https://007.example.net/", "https://a--b.example.com/", "https://nip.io.example.com/",
        "https://example.com/../x", "https://example.com//x", "https://example.com/%00%0d%0a", "https://example.com/?url=http://127.0.0.1/",
        "https://example.com/caf%C3%A9?q=[1]", "https://x.photography/", "https://x.zip", f"https://{'a' * 63}.example.com/",
        f"https://example.com/{'a' * 2028}",
    ],
)  # fmt: skip
def test_addresses_of_vendors_and_of_harmless_look_alikes_are_reached(url):
    assert resolve_target(url, answering(PUBLIC)) == PUBLIC
    assert resolve_target(url, answering("2606:4700::6810:84e5", PUBLIC)) == "2606:4700::6810:84e5"


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1", "168.63.129.17",
        "169.253.1.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "192.167.1.1", "198.17.0.1", "198.20.0.1", "223.255.255.1",
        "2001:4860:4860::8888", "2001:200::1", "2400:cb00::1", "2620:fe::fe", "2a00:1450:4001::1", "2606:4700:4700::1111",
    ],
)  # fmt: skip
def test_neighbours_of_what_is_refused_are_public(address):
    host = f"[{address}]" if ":" in address else address
    for url in (f"https://{host}/x", f"https://{host.upper()}:8443", f"https://{host}:443/?a=b"):
        assert resolve_target(url, never) == address
    assert resolve_target("https://hooks.shop.com/x", answering(address, PUBLIC)) == address


@pytest.mark.parametrize(
    "host",
    [
        "localhost", "localhost.", "LOCALHOST", "a.localhost", "printer.local", "db.internal", "metadata.google.internal",
        "kubernetes.default.svc", "x.svc.cluster.local", "consul.service.consul", "nas.lan", "router.home.arpa", "metadata.goog", "host.docker.internal", "x.onion", "x.test", "x.invalid", "x.example", "1.0.0.127.in-addr.arpa",
        "instance-data", "metadata", "redis", "127.0.0.1.in-addr.arpa", "ip6-localhost", "localhost.localdomain", "x.corp", "x.home",
        "web.default.pod.cluster.local", "db.service.nomad", "x.intranet", "0", "0x0", "00000", "127.0.0.0x1", "0x7f.0x0.0x0.0x1",
        "127.0.1", "127.00.0.1", "4294967295", "256.1.1.1", "1.1.1.256", "1.1.1.1.", "shop.com.0x7f", "a.b.1", "[::ffff:7f00:1]",
        "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]", "[::1]x", "x[::1]", "[]", "[1.1.1.1]", "[2606:4700::1::2]",
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1.", "127.0.0.01", "1.2.3.4.5", "017700000001",
        "intranet", "", ".", "a..com", "-a.com", "a-.com", f"{'a' * 64}.com", f"{'a.' * 130}com", "a_b.com:99999", "a.com:0",
        "[::1", "::1", "[fe80::1%25eth0]", "[v1.a]",
        "127.0.0.1e", "1.1.1.1e0", "127.0.0.1_", "shop.4com", "shop.c_m", "0b1111111.0.0.0o1", "08.8.8.8", "8.8.8.08", "1.1", "0.0.0.0x0",
        "0251.0376.0251.0376", "0xa9.254.43518", "2852039166", "025177524776", "18446744073709551615", "+127.0.0.1", "1..1.1",
        "a,b.com", "a$b.com", "*.shop.com", "a'b.com", "a(b).com", "a&b.com", "a=b.com", "~a.com", "[[::1]]", "[::1]]", "[:]",
        "[::ffff:0:127.0.0.1]", "[0x7f::1]", "[::127.1]", "[::ffff:0177.0.0.1]", "[1:2:3]", "[2606:4700::1%1]", "[::1].com",
        "kubernetes.default", "dns.kube-system", "10.0.0.1.nip.io", "app.10-0-0-1.sslip.io", "x.localtest.me", "lvh.me",
    ],
)  # fmt: skip
def test_hosts_that_are_special_or_can_be_misread_are_refused_without_a_look_up(host):
    with pytest.raises(TargetRefused):
        resolve_target(f"https://{host}/x", never)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.shop.com/x",
        "https://hooks.shop.com:8080/x",
        "https://hooks.shop.com:22/x",
        "https://hooks.shop.com:80/x",
        "https://hooks.shop.com:6379/x",
        "https://hooks.shop.com:65535/x",
        "http://hooks.shop.com:443/x",
    ],
)
def test_public_receivers_need_https_on_its_ports(url):
    with pytest.raises(TargetRefused):
        resolve_target(url, answering(PUBLIC), allow_http=True)


@pytest.mark.parametrize(
    "url",
    [
        "", "hooks.shop.com", "//hooks.shop.com/", "ftp://hooks.shop.com/", "file:///etc/passwd", "gopher://hooks.shop.com/",
        "https://", "https:///x", "https:hooks.shop.com", "https:/hooks.shop.com", "https:////hooks.shop.com/", " https://hooks.shop.com/",
        "https://user@hooks.shop.com/", "https://hooks.shop.com@127.0.0.1/", "https://127.0.0.1%2f@hooks.shop.com/",
        "https://127.0.0.1\\@hooks.shop.com/", "https://hooks.shop.com\\.evil.com/", "https://hooks.shop.com /",
        "https://hooks.shop.com/\r\nX-A: b", "https://hooks.shop.com/x\n", "https://hooks.shop.com\n", "https://hooks.shop.com\t/",
        "https://hooks。shop。com/", "https://①②⑦.0.0.1/", "https://hooks.shop.com:/", "https://hooks.shop.com:4 43/",
        "https://hooks.shop.com:443:80/", "https://hooks.shop.com:0443/", "https://hooks.shop.com:+443/", "https://hooks.shop.com:４４３/",
        "https://hooks.shop.com%00.evil.com/", "https://hooks.shop.com%2e/", "https://hooks.shop.com\x00/", "https://user:pw@hooks.shop.com/",
        "https://@hooks.shop.com/", "https://bücher.shop.com/", "https://hooks.shop.com;.evil.com/", "javascript://hooks.shop.com/%0aalert",
        "https://hooks.shop.com#@127.0.0.1/", "https://hooks.shop.com?@127.0.0.1/", "https://hooks.shop.com:443#@10.0.0.1:443/",
        "https://hooks.shop.com#\\@127.0.0.1/", "https://hooks.shop.com:443\\@127.0.0.1:443/", "https:\\\\127.0.0.1/", "https:/\\127.0.0.1/",
        "https://https://hooks.shop.com/", "https://http://127.0.0.1/", "https//hooks.shop.com/", "view-source:https://hooks.shop.com/",
        "https://hooks.shop.com:0x1bb/", "https://hooks.shop.com:443a/", "https://hooks.shop.com:-443/", "https://hooks.shop.com:4_43/",
        "https://:443/", "https://[2606:4700::6810:84e5]:/", "https://[2606:4700::6810:84e5]@127.0.0.1/", "https://[::1]@hooks.shop.com/",
        "https://127。0。0。1/", "https://127．0．0．1/", "https://𝟏𝟐𝟕.0.0.1/", "https://١٢٧.٠.٠.١/", "https://ｌｏｃａｌｈｏｓｔ/", "https://lo\u00adcalhost/",
        "https://local\u200bhost/", "https://hooks.shop.com\u2044x/", "https://evil.c\u2100.shop.com/", "\ufeffhttps://hooks.shop.com/",
        "https://hooks.shop.com/\x7f", "https://hooks.shop.com/\ud800", "https://hooks.shop.com/a b", "https：//hooks.shop.com/",
        "data:text/plain,x", "unix:///run/docker.sock", "https+unix://hooks.shop.com/", "jar:https://hooks.shop.com/", f"https://hooks.shop.com/{'x' * 2048}",
    ],
)  # fmt: skip
def test_what_is_not_one_plain_https_url_is_refused_without_a_look_up(url):
    with pytest.raises(TargetRefused):
        resolve_target(url, never)


def test_private_ranges_are_reached_only_when_the_operator_vouches_for_all_answers():
    private = {"allowed_networks": ["10.1.0.0/16"]}
    assert resolve_target("https://hooks.shop.com:9000/x", answering("10.1.2.3"), **private) == "10.1.2.3"
    assert resolve_target("https://10.1.2.3:9000/x", never, **private) == "10.1.2.3"
    for answers in (["10.2.0.1"], ["10.1.2.3", "10.2.0.1"], ["10.1.2.3", "127.0.0.1"], ["::ffff:10.1.2.3"]):
        with pytest.raises(TargetRefused):
            resolve_target("https://hooks.shop.com/x", answering(*answers), **private)


def test_plain_http_needs_both_a_vouched_network_and_the_permission():
    url, private = "http://hooks.shop.com:9000/x", {"allowed_networks": ["10.1.0.0/16"]}
    assert resolve_target(url, answering("10.1.2.3"), allow_http=True, **private) == "10.1.2.3"
    with pytest.raises(TargetRefused):
        resolve_target(url, answering("10.1.2.3"), **private)
    with pytest.raises(TargetRefused):
        resolve_target(url, answering(PUBLIC), allow_http=True, **private)


def test_addresses_that_are_refused_by_name_stay_refused():
    with pytest.raises(TargetRefused):
        resolve_target("https://hooks.shop.com/x", answering(PUBLIC), refused_addresses=["93.184.215.0/24"])


@pytest.mark.parametrize("url", ["https://logs.shop.com/api", "https://LOGS.shop.com:8443/", "https://logs.shop.com./"])
def test_an_alert_does_not_come_back_to_the_product_itself(url, settings):
    settings.PUBLIC_URL = "https://logs.shop.com"
    with pytest.raises(TargetRefused):
        resolve_target(url, answering(PUBLIC))
    with pytest.raises(TargetRefused):
        resolve_target(url.replace(":8443", ""), answering("10.1.2.3"), allowed_networks=["10.0.0.0/8"])


def test_on_a_vouched_host_other_ports_are_those_of_others(settings):
    settings.PUBLIC_URL = "http://10.1.2.3:8000"
    vouched = {"allowed_networks": ["10.0.0.0/8"], "allow_http": True}
    assert resolve_target("http://10.1.2.3:9000/", never, **vouched) == "10.1.2.3"
    with pytest.raises(TargetRefused):
        resolve_target("http://10.1.2.3:8000/", never, **vouched)


def test_a_name_is_asked_for_once_in_lower_case_without_its_dot():
    asked = []
    resolve_target("https://HOOKS.shop.com./x", lambda host: asked.append(host) or [PUBLIC])
    assert asked == ["hooks.shop.com"]


def test_nobody_learns_which_names_exist_inside():
    said = set()
    for answers in (["10.1.2.3"], [], [PUBLIC, "127.0.0.1"], ["fe80::1%eth0"], OSError("no such name")):

        def resolve(host, answers=answers):
            if isinstance(answers, OSError):
                raise answers
            return answers

        with pytest.raises(TargetRefused) as refusal:
            resolve_target("https://hooks.shop.com/x", resolve)
        said.add(str(refusal.value))
    assert len(said) == 1


@pytest.mark.parametrize("answers", [[], ["nonsense"]])
def test_a_name_without_a_usable_address_is_refused(answers):
    with pytest.raises(TargetRefused):
        resolve_target("https://hooks.shop.com/x", answering(*answers))


def test_a_name_service_that_fails_is_worth_another_try():
    def fails(host):
        raise OSError("temporary failure in name resolution")

    with pytest.raises(TargetRefused) as refusal:
        resolve_target("https://hooks.shop.com/x", fails)
    assert not refusal.value.permanent


@pytest.mark.parametrize(
    "answers",
    [
        [], None, [""], ["nonsense"], ["93.184.215.14 "], ["93.184.215.14\n"], ["[93.184.215.14]"], ["93.184.215.14:443"],
        ["93.184.215.014"], ["0x5db8d70e"], ["９3.184.215.14"], [None], [1572394766], [b"\x5d\xb8\xd7\x0e"], [PUBLIC, None],
        ["2606:4700::6810:84e5%"], [PUBLIC, ""], PUBLIC,
    ],
)  # fmt: skip
def test_what_a_resolver_should_not_answer_is_refused_and_not_guessed_at(answers):
    with pytest.raises(TargetRefused):
        resolve_target("https://hooks.shop.com/x", lambda host: answers)


@pytest.mark.parametrize("url", [None, b"https://hooks.shop.com/x", 7])
def test_what_is_no_text_is_refused(url):
    with pytest.raises(TargetRefused):
        resolve_target(url, never)


def test_the_longest_name_may_end_with_its_dot():
    name = f"{'a' * 63}.{'b' * 63}.{'c' * 63}.{'d' * 57}.com"
    assert len(name) == 253
    assert resolve_target(f"https://{name}./x", answering(PUBLIC)) == PUBLIC
    with pytest.raises(TargetRefused):
        resolve_target(f"https://d{name}/x", answering(PUBLIC))
