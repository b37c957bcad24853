"""What a browser would make of a page: its elements, attributes and text."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    """One element that was opened, with the text directly in it."""

    tag: str
    attributes: dict
    text: str = ""


@dataclass
class Page(HTMLParser):
    """Elements in order; `text` is all text together."""

    html: str
    elements: list = field(default_factory=list)
    text: str = ""
    open: list = field(default_factory=list)

    VOID = frozenset(["meta", "link", "input", "br", "img", "hr"])

    def __post_init__(self):
        super().__init__(convert_charrefs=True)
        self.feed(self.html)

    def handle_starttag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(self.elements[-1])

    def handle_startendtag(self, tag, attrs):
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.open and self.open[-1].tag == tag:
            self.open.pop()

    def handle_data(self, data):
        self.text += data
        for element in self.open:
            element.text += data

    def all(self, tag, **attributes):
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and all(element.attributes.get(name) == value for name, value in wanted.items())
        ]

    def links(self, text=""):
        return [
            element.attributes["href"]
            for element in self.all("a")
            if text in element.text and "href" in element.attributes
        ]


def read(response):
    """The page of an answer that succeeded."""
    assert response.status_code == 200, response.status_code
    return Page(response.content.decode())
