"""`markdown` blocks as HTML: CommonMark, tables and strikethrough, without raw HTML, images or odd addresses.

Slack decodes ``&amp;``, ``&lt;`` and ``&gt;`` for display, in code too, and reads its own ``<…>`` tags before Markdown
(https://docs.slack.dev/reference/block-kit/blocks/markdown-block). The output uses no `style` and no `script`, so that
the page's Content-Security-Policy can refuse both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_TAG = re.compile(r"<([@#!])([A-Za-z0-9^]+)(?:\|([^<>\n]*))?>")
_LABELLED_LINK = re.compile(r"<(https?://[^<>|\s]+)\|([^<>\n]+)>")
_BARE_URL = re.compile(r"https?://[^\s<>`]*[^\s<>`.,;:!?)*_~'\"\]]")
_SCHEME = re.compile(r"(?:\A|[\s(\[*_~\"'])(https?)\Z")
_SCHEMES = ("http", "https", "mailto")


class _Renderer(RendererHTML):
    """markdown-it's own, but for code (entities), links (new tab) and images (not loaded)."""

    def code_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f"<code>{_shown(tokens[idx].content)}</code>"

    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return f'<pre class="ls-code" tabindex="0"><code>{_shown(tokens[idx].content)}</code></pre>\n'

    code_block = fence

    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        alt = self.renderInlineAsText(tokens[idx].children, options, env) or "image"
        source = str(tokens[idx].attrGet("src") or "")
        return f'<a href="{escape(source)}" rel="noopener noreferrer" target="_blank">{escape(alt)} (image)</a>'

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        tokens[idx].attrSet("rel", "noopener noreferrer")
        tokens[idx].attrSet("target", "_blank")
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return '<div class="ls-table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def th_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """A cell's alignment as a class: `style` attributes are refused by the page's policy."""
        token = tokens[idx]
        style = str(token.attrs.pop("style", ""))
        if style:
            token.attrSet("class", f"ls-{style.partition(':')[2]}")
        return self.renderToken(tokens, idx, options, env)

    td_open = th_open

    def slack_tag(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Named in the browser, which knows the people."""
        token = tokens[idx]
        return f'<span class="ls-mention" data-tag="{escape(token.info)}">{escape(token.content)}</span>'


def _shown(code: str) -> str:
    return escape(code.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"), quote=False)


def _slack_tag(state: StateInline, silent: bool) -> bool:
    labelled = _LABELLED_LINK.match(state.src, state.pos)
    found = labelled or _TAG.match(state.src, state.pos)
    if found is None:
        return False
    if not silent and labelled is not None:
        _link(state, labelled[1], labelled[2])
    elif not silent:
        token = state.push("slack_tag", "span", 0)
        token.info, token.content = found[1] + found[2], found[3] or found[1] + found[2]
    state.pos = found.end()
    return True


def _bare_url(state: StateInline, silent: bool) -> bool:
    """An address as it stands in the text: at its colon, the scheme is already in the pending text."""
    if state.linkLevel > 0 or not state.src.startswith("://", state.pos):
        return False
    scheme = _SCHEME.search(state.pending)
    found = scheme and _BARE_URL.match(state.src, state.pos - len(scheme[1]))
    if not scheme or not found or not state.md.validateLink(found[0]):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        _link(state, found[0], found[0])
    state.pos = found.end()
    return True


def _link(state: StateInline, url: str, text: str) -> None:
    state.push("link_open", "a", 1).attrs = {"href": state.md.normalizeLink(url)}
    state.push("text", "", 0).content = text
    state.push("link_close", "a", -1)


def _allowed(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    parser.inline.ruler.before("autolink", "slack_tag", _slack_tag)
    parser.inline.ruler.before("autolink", "bare_url", _bare_url)
    parser.validateLink = _allowed  # type: ignore[method-assign] # documented as replaceable per parser
    return parser


_PARSER = _parser()


@lru_cache(maxsize=512)
def html_of(text: str) -> str:
    """``text`` as HTML that carries nothing of the text's own HTML. The same for everybody who looks."""
    return str(_PARSER.render(text))
