"""A user in front of the pages: every step is a role and a label that the documents name, so any forwarder will do.

A step is taken on the page that is there, never on one that is about to be replaced: a step that leads to another page
ends when that page has loaded, and is known by a mark of it (a heading or a notification that was not there before).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

from uplab.scenarios import redact_text
from uplab.scenarios.checks.checks import Stepped
from uplab.scenarios.lab.judge import Judge
from uplab.scenarios.under_test import hops
from uplab.scenarios.under_test.access.sign_in import Credentials, PagesLogin, Step

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Request, Response, Route

    from uplab.scenarios.suites.pages.pictures import Pictures

__all__ = ["Login", "LoginError", "Visitor"]

T = TypeVar("T")

LEFT = "data-uplab-left"  # carried by what stood on the page when the last step was taken


def _named(name: str) -> re.Pattern[str]:
    """A label as the documents write it, in any case, with or without its asterisk."""
    return re.compile(rf"^\s*{re.escape(name)}\s*\*?\s*$", re.IGNORECASE)


def _saying(texts: list[str]) -> re.Pattern[str]:
    """Exactly one of these texts, whatever blanks are in it."""
    patterns = (r"\s+".join(map(re.escape, text.split())) for text in texts)
    return re.compile(rf"^\s*({'|'.join(patterns)})\s*$")


class Login(NamedTuple):
    """Who logs in, and by which steps."""

    who: Credentials
    how: PagesLogin


class LoginError(Exception):
    """The steps of the profile do not lead past the login of the pages."""


def _sent_with(headers: Mapping[str, str], route: Route, request: Request) -> None:
    route.continue_(headers={**request.headers, **{name.lower(): value for name, value in headers.items()}})


class Visitor:
    """Walks through the pages in a browser of its own; a step that cannot be taken fails the scenario."""

    def __init__(
        self,
        lab: Judge,
        context: BrowserContext,
        root: str,
        *,
        step_s: float,
        pictures: Pictures | None = None,
        login: Login | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`login` is who he is where pages ask, and how he says it; `headers` go to the pages' own host alone."""
        self._login = login
        self._lab = lab
        self._root = root
        self._pictures = pictures
        self._posted: set[str] = set()
        self.blocked: set[str] = set()
        self._problems: list[tuple[str, str]] = []  # what was told, and of which address
        self._answers: list[Response] = []
        self._left: list[str] = []  # the headings and notifications when the last step was taken
        self._owed = ""  # the form that was sent, while nobody has waited for what it brings
        self.seen: list[str] = []
        """The HTML of every answer to a form, and of every page that was left."""
        host = urlsplit(root).hostname or "127.0.0.1"
        theirs = {"127.0.0.1", host, *(login.how.hosts if login is not None else ())}
        own = "|".join(re.escape(one) for one in theirs)
        self.page: Page = context.new_page()
        self.page.set_default_timeout(step_s * 1000)
        self.page.route(re.compile(rf"^(?!data:|https?://({own})[:/])"), self._block)
        if headers:
            self.page.route(re.compile(rf"^https?://{re.escape(host)}[:/]"), partial(_sent_with, headers))
        self.page.on("console", self._console)
        self.page.on("response", self._keep)
        self.page.on("pageerror", lambda error: self._problems.append((f"script error: {error}", "")))

    # What the browser does by itself

    def _block(self, route: Route, request: Request) -> None:
        self.blocked.add(request.url)
        route.abort()

    def _keep(self, answer: Response) -> None:
        if answer.request.method == "POST":
            self._posted.add(answer.url)
            self._answers.append(answer)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._problems.append((message.text, message.location.get("url", "")))

    @property
    def problems(self) -> list[str]:
        """The errors that pages told the console; the browser itself tells refused forms and blocked addresses."""
        return [
            f"{text} ({url})"
            for text, url in self._problems
            if url not in self.blocked and not (url in self._posted and " status of 4" in text)
        ]

    # Steps

    def open(self, path: str = "") -> None:
        """Opens the pages at their beginning, or at another address below it."""
        self._owed = ""
        self._step("the pages open", lambda: self.page.goto(self._root + path), picture="open")
        if self._login is not None:
            self._log_in(self._login)
        self.look()

    def reload(self) -> None:
        """Loads the page anew."""
        self._step("the page loads anew", self.page.reload, picture="load anew")

    def go(self, *names: str) -> None:
        """Follows one link or button after the other; after each the page that follows is there."""
        for name in names:
            self._leave_by(name)
            heading = self._new(self.page.get_by_role("heading")).first
            self._step(
                f"{name!r} leads to a page, with a heading of its own", partial(self._there, heading), picture=name
            )

    def find(self, name: str) -> None:
        """Follows a link of a list that may be long: as it stands there, else by its search, else page by page."""
        link, following = self._control(name), self._control("Next")
        search = self.page.get_by_role("searchbox").or_(self.page.get_by_role("search").get_by_role("textbox"))
        search = search.filter(visible=True)
        promised = f"the list shows {name!r}, a search field, or Next"
        self._step(promised, link.or_(search).or_(following).first.wait_for)
        if not link.count() and search.count():
            self._step("the list can be searched", lambda: search.first.fill(name))
            self._step("Enter searches", lambda: search.first.press("Enter"))
            self._step(f"the list finds {name!r}", link.first.wait_for)
            self._step("the page loads", self.page.wait_for_load_state)
        while not link.count() and following.count():
            self.go("Next")
        self.go(name)

    def press(self, name: str) -> None:
        """Clicks a button that changes something on this page, and leads to no other."""
        self.look()
        found = self._control(name)
        self._step(f"there is a link or a button {name!r}", found.first.click, picture=name)

    def submit(self, name: str) -> None:
        """Clicks the button of a form; what that brings, a notification or a refusal, must be expected next."""
        self._leave_by(name, picture=True)
        self._owed = name

    def fill(self, label: str, value: str) -> None:
        """Types into the field of a label, in the place of what is there."""
        assert not self._owed, f"nobody waited for what {self._owed!r} brings: the page may be about to be replaced"
        self._step(f"there is a field {label!r}", lambda: self.field(label).fill(value))

    def fill_headers(self, headers: dict[str, str]) -> None:
        """Makes the rows of headers be exactly these."""
        removing = self.page.get_by_role("button", name=_named("Remove header"))
        self._step("headers can be added", self._control("Add a header").first.wait_for)  # so the rows are there, too
        for _ in range(removing.count()):
            self._step("a header can be removed", removing.first.click)
        for index, (name, value) in enumerate(headers.items()):
            self.press("Add a header")
            self._step("a header has a name", partial(self._fields("Header name").nth(index).fill, name))
            self._step("a header has a value", partial(self._fields("Header value").nth(index).fill, value))

    def choose(self, label: str, option: str) -> None:
        """Chooses an option of the list of a label."""
        self._step(f"{label!r} offers {option!r}", lambda: self.field(label).select_option(label=option))

    def tick(self, label: str) -> None:
        """Ticks the box of a label."""
        self._step(f"there is a box {label!r}", lambda: self.field(label).check())

    def confirm(self) -> None:
        """Clicks the Confirm icon; what that brings, a window, a notification or a refusal, must be expected next."""
        self.submit("Confirm")

    def proceed(self) -> None:
        """Reads the confirmation window and goes on; without a window the scenario fails."""
        window = self._window()
        self._step("a confirmation window displays", lambda: window.wait_for(state="visible"), picture=True)
        button = window.get_by_role("button", name=re.compile("^proceed", re.IGNORECASE))
        self._step("the confirmation window can be confirmed", button.click)

    def proceed_if_asked(self) -> None:
        """Goes on where a window asks; a page may refuse a value before it asks."""
        self._step("a window asks, or a field is refused", self._window().or_(self._wrong()).first.wait_for)
        if self._window().count():
            self.proceed()

    def cancel_window(self) -> None:
        """Reads the confirmation window and goes back; what was open below it is there again."""
        window = self._window()
        self._step("a confirmation window displays", lambda: window.wait_for(state="visible"), picture=True)
        self._step("it can be cancelled", lambda: window.get_by_role("button", name=_named("Cancel")).click())
        self._step("the confirmation window closes", lambda: window.wait_for(state="hidden"))
        self._owed = ""

    def change(self, label: str, value: str | dict[str, str]) -> None:
        """Edit, new value, Confirm, confirmation window: as the documents tell it."""
        self.press(f"Edit {label}")
        if isinstance(value, str):
            self.fill(label, value)
        else:
            self.fill_headers(value)
        self.confirm()
        self.proceed()

    # What is seen

    def field(self, label: str) -> Locator:
        """The input of a label that can be seen."""
        return self._fields(label).first

    def offers(self, name: str) -> bool:
        """Whether there is a visible field, link or button of this name."""
        return self._fields(name).or_(self._control(name)).count() > 0

    def value(self, label: str) -> str:
        """What stands in a field."""
        return self._step(f"there is a field {label!r}", lambda: self.field(label).input_value())

    def downlink_url(self) -> str:
        """The downlink URL that the page shows."""
        shown = self.page.get_by_text(re.compile(r"/iot-flow/downlinkMessages/")).last
        text = self._step("the page shows a downlink URL", shown.inner_text)
        found = re.search(r"https?://\S*/iot-flow/downlinkMessages/[0-9A-Fa-f-]+", text)
        return found.group() if found else text

    def is_above(self, text: str, control: str) -> bool:
        """Whether a text stands higher on the page than a link or a button."""
        upper = self.page.get_by_text(text).last.bounding_box()
        lower = self._control(control).first.bounding_box()
        return upper is not None and lower is not None and upper["y"] < lower["y"]

    def expect_mandatory(self, *labels: str, proves: str) -> None:
        """Each of these fields is marked with an asterisk."""
        for label in labels:
            marked = self.page.locator("label", has_text=re.compile(rf"^\s*{re.escape(label)}\s*\*\s*$", re.IGNORECASE))
            self._step(f"{label} is marked as mandatory with *", marked.first.wait_for, proves)

    def expect_notification(self, *words: str, proves: str) -> None:
        """A notification at the upper right says these words."""
        told = self.page.get_by_role("status")
        for word in words:
            told = told.filter(has_text=word)
        told = self._new(told)
        self._step(f"a notification says {' '.join(words)}", lambda: self._there(told), proves, picture=True)
        self._owed = ""
        box, view = told.bounding_box(), self.page.viewport_size
        assert view is not None
        right = box is not None and box["x"] + box["width"] / 2 > view["width"] / 2
        high = box is not None and box["y"] + box["height"] / 2 < view["height"] / 2
        self._lab.expect_seen(
            "it appears at the upper right", right and high, {"is": True}, box, hop="page", proves=proves
        )
        self.look()

    def expect_heading(self, text: str, *, proves: str) -> None:
        """The page's heading is this."""
        heading = self._new(self.page.get_by_role("heading", name=text, exact=True))
        self._step(f"the browser is on the page of {text}", lambda: self._there(heading.first), proves, picture=True)
        self._owed = ""

    def expect_refused_at(self, label: str, *, proves: str) -> None:
        """The field is marked as wrong and tells why; the form is still there."""
        marked = self._fields(label).and_(self._wrong()).first
        self._step(f"{label} is marked as wrong", marked.wait_for, proves, picture=True)
        self._owed = ""
        told = self.field(label).evaluate(
            "input => input.validationMessage + ['aria-describedby', 'aria-errormessage']"
            ".flatMap(name => (input.getAttribute(name) ?? '').split(' '))"
            ".map(id => document.getElementById(id)?.innerText ?? '').join(' ')"
        )
        said = told.strip()
        self._lab.expect_seen(f"{label} says what is wrong with it", said, {"empty": False}, hop="page", proves=proves)
        self.look()

    def expect_seen(self, promised: str, text: str, *, within: str = "body", proves: str) -> None:
        """The page shows a text, in the part of it that a selector names; also one that comes only now."""
        found = self.page.locator(within).get_by_text(text).filter(visible=True)
        self._step(promised, found.first.wait_for, proves, picture=True)

    def text_of(self, selector: str) -> str:
        """All that a part of the page says."""
        return self._step(f"there is {selector}", self.page.locator(selector).first.inner_text)

    def unfold(self, text: str) -> None:
        """Opens a part of the page that is folded under a text."""
        self._step(f"{text!r} unfolds", self.page.get_by_text(text, exact=True).first.click)

    def download(self, name: str) -> bytes:
        """Clicks a button that gives a file, and returns what is in it."""
        self.look()

        def fetch() -> bytes:
            with self.page.expect_download() as coming:
                self._control(name).first.click()
            return coming.value.path().read_bytes()

        return self._step(f"{name!r} gives a file", fetch, picture=name)

    def look(self) -> None:
        """Remembers the page as it is, and what forms were answered with."""
        assert not self._owed, f"nobody waited for what {self._owed!r} brings: the page may be about to be replaced"
        from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

        self.seen.append(self.page.content())
        while self._answers:
            answer = self._answers.pop()
            with contextlib.suppress(Error):  # a redirect has no body
                self.seen.append(answer.text())

    # Inside

    def _log_in(self, login: Login) -> None:
        """Takes the steps of the profile where the pages ask who is there; LoginError where they lead nowhere."""
        from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

        inside, step = self._control("Applications").first, None
        try:
            self._asked(login.how.steps[0]).or_(inside).first.wait_for()
            if inside.is_visible():  # he was let in before
                return
            for step in login.how.steps:
                if step.button is not None:
                    self._control(step.button).first.click()
                else:
                    self._asked(step).fill(login.who.user if step.value == "user" else login.who.password)
            inside.wait_for()
            self.page.wait_for_load_state()
        except Error as error:
            last = (step.button or step.field) if step is not None else "its beginning"
            told = f"{str(error).splitlines()[0]} {self.page.url} shows: {self._text()}"
            raise LoginError(f"the login did not lead to the pages; the last step was {last!r}: {told}") from None

    def _asked(self, step: Step) -> Locator:
        return self._control(step.button).first if step.button is not None else self._fields(step.field or "").first

    def _there(self, found: Locator) -> None:
        """Waits until it can be seen, and the page has loaded: only then its stylesheet places anything."""
        found.wait_for(state="visible")
        self.page.wait_for_load_state()

    def _leave_by(self, name: str, *, picture: bool = False) -> None:
        """Clicks what may lead to another page, once all is marked that stands on this one.

        A `picture` shows the page that is left, such as a form that is filled in.
        """
        self.look()
        found = self._control(name).first
        self._step(f"there is a link or a button {name!r}", found.wait_for)
        standing = self.page.get_by_role("heading").or_(self.page.get_by_role("status"))
        mark = f"all => all.map(one => {{ one.setAttribute('{LEFT}', ''); return one.textContent }})"
        self._left = standing.evaluate_all(mark)
        if picture:
            self._tell(f"filled in, before {name}", picture=True)
        self._step(f"there is a link or a button {name!r}", found.click)

    def _new(self, found: Locator) -> Locator:
        """Those that the last step brought: they were not there before it, or say something else now."""
        brought = found.and_(self.page.locator(f":not([{LEFT}])"))
        return brought.or_(found.filter(has_not_text=_saying(self._left))) if self._left else brought

    def _window(self) -> Locator:
        return self.page.get_by_role("dialog").or_(self.page.get_by_role("alertdialog"))

    def _wrong(self) -> Locator:
        return self.page.locator("[aria-invalid=true], form:not([novalidate]) :invalid")

    def _fields(self, label: str) -> Locator:
        inputs = self.page.locator("input, textarea, select")
        return self.page.get_by_label(_named(label)).and_(inputs).filter(visible=True)

    def _control(self, name: str) -> Locator:
        named = _named(name)
        return self.page.get_by_role("link", name=named).or_(self.page.get_by_role("button", name=named))

    def _text(self) -> str:
        return self.page.locator("body").inner_text()[:400]

    def _tell(self, step: str, *, cause: str | None = None, picture: bool = False) -> int:
        """Writes a step down; the number of its line."""
        taken = self._pictures.take(self.page) if picture and self._pictures is not None else None
        page = urlsplit(self.page.url).path
        said = hops.page_step(page=page, step=step, done=cause is None, cause=cause, picture=taken)
        return self._lab.history.tell(*said)

    def _step(
        self, promised: str, action: Callable[[], T], proves: str | None = None, *, picture: bool | str = False
    ) -> T:
        """Takes a step; where it cannot be taken, the scenario fails by what was promised of it.

        With a `picture` the report shows the page after it, over these words or those of the promise.
        """
        from playwright.sync_api import Error  # noqa: PLC0415 - it may be missing

        try:
            result = action()
        except Error as error:
            happened = f"{str(error).splitlines()[0]} {self.page.url} shows: {self._text()}"
            line = self._tell(promised, cause=redact_text(happened), picture=True)
            self._lab.judge_alone(Stepped(promised, line), proves=proves)
            raise
        if picture or proves is not None:
            line = self._tell(picture if isinstance(picture, str) else promised, picture=bool(picture))
            if proves is not None:
                self._lab.judge_alone(Stepped(promised, line), proves=proves)
        return result
