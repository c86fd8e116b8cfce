"""The page for whoever followed an address that leads nowhere: what is the matter, and ways on, in zh and en.

Hosts show it at the address that was asked for, in any folder, so its links begin at the root of the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from fiscalkg.endpoint.pages.markup import plain
from fiscalkg.endpoint.pages.page import Edition, Language, Page, Parameters, Route
from fiscalkg.endpoint.policy import policy

__all__ = ["NOWHERE", "REASONS", "ROUTE", "lost_page"]

PATH = "404.html"  # by which name GitHub Pages, Netlify and Cloudflare Pages find it
NOWHERE = {404: ("没有这个页面", "No such page"), 410: ("已不在数据中", "No longer in the data")}
WAYS = (
    ("", "首页", "Home"), ("search/", "搜索", "Search"), ("units/", "单位", "Units"),
    ("changes/", "各版本的变化", "What changed"),
)  # fmt: skip
REASONS = {
    404: "网址可能有误，也可能这张表已撤下或改名，请从以下页面查找。",
    410: "所查的内容或版本已不再提供，以下页面是现行版本的内容。",
}
EN = "The address may be mistyped, or the table withdrawn or renamed; these pages lead on."


def lost_page(status: int, message: str, root: str = "/", policy: str = "") -> str:
    """Return the page of a status in ``NOWHERE``; ``message`` is the reason in English."""
    chinese, english = NOWHERE[status]
    return plain(
        "lost.html",
        chinese=chinese,
        english=english,
        message=message,
        told=REASONS[status],
        ways=WAYS,
        root=root,
        policy=policy,
    )


def page(edition: Edition, path: str, language: Language, parameters: Parameters) -> Page:
    """Return the page that a static host shows for any address it does not have."""
    body = lost_page(404, EN, edition.portal.site_path, policy(path))
    return Page(path, "text/html; charset=utf-8", body.encode(), language)


def _paths(_: Edition) -> Iterator[str]:
    yield PATH


ROUTE = Route("lost", re.compile(re.escape(PATH)), page, _paths, ("zh",))
