"""How a message is written for a plug-in: in the format that its service reads, with no text of a log read as markup or
as a call to people. Links of our own stay links."""

import html
import re
from typing import Any, Final

from apprise import NotifyFormat
from apprise.conversion import convert_between

# Behind an @ that begins a word: a person, a group, everyone. Discord finds the words for all inside of words, too.
MENTION: Final = re.compile(r"(?<!\w)@(?=\S)|@(?=everyone|here|channel|all|room)", re.IGNORECASE)
OPENING: Final = re.compile(
    r"<(?=[!@#&:/?a-z])", re.IGNORECASE
)  # `<!channel>`, `<@U1>`, `<https://…|words>`, `<users/all>`, tags
TARGET: Final = re.compile(r"\](?=\(\s*<?[\w+.-]+:)")  # `[words](https://…)`
INVISIBLE: Final = "\u200b"  # a space of no width: people read the same, services find nothing
LINK: Final = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)


def defuse(text: str) -> str:
    """The same to read, with what a service would act on taken apart."""
    for pattern in (MENTION, OPENING, TARGET):
        text = pattern.sub(rf"\g<0>{INVISIBLE}", text)
    return text


def arrange(plugin: Any, job: dict[str, Any]) -> dict[str, Any]:
    """What the plug-in's `notify` takes. Many a service has one format only, which plain text must be turned into."""
    target = plugin.resolve_format(NotifyFormat.TEXT)
    parts = (convert(job["text"], target), write_links(job["links"], target))
    blended = plugin.title_maxlen <= 0  # the title becomes a part of the text
    title = convert(job["title"], target) if blended else defuse(job["title"])
    gap = "<br/><br/>" if target == NotifyFormat.HTML else "\n\n"
    return {"body": gap.join(part for part in parts if part), "title": title, "body_format": target}


def convert(text: str, target: NotifyFormat) -> str:
    """Plain text in another format, by Apprise's own rules."""
    return str(convert_between(NotifyFormat.TEXT, target, defuse(text)))  # type: ignore[no-untyped-call]


def write_links(links: list[list[str]], target: NotifyFormat) -> str:
    """One a line, words and address."""
    lines = [f"{convert(words, target)}: {write_link(address, target)}" for words, address in links]
    return ("<br/>" if target == NotifyFormat.HTML else "\n").join(lines)


def write_link(address: str, target: NotifyFormat) -> str:
    """An address that can be followed: escaped as text, Markdown's would not be one any more."""
    if LINK.fullmatch(address) is None:
        return convert(address, target)
    if target == NotifyFormat.HTML:
        quoted = html.escape(address)
        return f'<a href="{quoted}">{quoted}</a>'
    return f"<{address}>" if target == NotifyFormat.MARKDOWN else address
