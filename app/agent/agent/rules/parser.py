"""From a sentence to a command. The rules are tried in order; the first that fits decides."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from agent.rules import adding, dates, filters
from agent.rules.commands import (
    Add,
    AddSubtask,
    Ask,
    Change,
    Command,
    Complete,
    CompleteSubtask,
    Delete,
    ListTasks,
    Reference,
    Reopen,
    Search,
    Show,
    Talk,
)
from agent.rules.text import mend, tidy, title

_Rule = Callable[[re.Match[str], datetime], Command | None]

_LONGEST = 1000

_HELP = (
    r"(?:help(?: me)?|what (?:can|do) (?:you|i) (?:do|say|understand)(?: here)?"
    r"|how (?:do|does) (?:you|this|it) work|(?:show )?commands|\?)"
)
_WHO = (
    r"(?:who|what) (?:are|r) (?:you|u)|what'?s your name|what is your name"
    r"|are you (?:an? )?(?:real |actual )?(?:ai|bot|robot|human|person|model|llm|chatgpt|gpt|claude)"
)
_GREETING = r"(?:hello|hi|hey|good (?:morning|afternoon|evening|day)|howdy|yo)(?: there)?"
_THANKS = r"(?:thanks|thank you|thx|cheers|great|nice|perfect|cool|awesome|good job|well done)(?: .*)?"
_SUMMARY = (
    r"(?:give me |show me |show |get )?(?:an? |the |my )?(?:quick |short |brief )?"
    r"(?:summary|overview|statistics|stats|report on my tasks)(?: of (?:my|the|all) (?:tasks|list|to-?dos?))?"
    r"|(?:summari[sz]e|sum up)(?: (?:my|the|all|all my))?(?: (?:tasks|list|to-?dos?|everything))?"
    r"|how am i doing(?: (?:today|so far))?"
    r"|how many (?:open |pending |overdue |completed )?(?:tasks|to-?dos|things) (?:do|are|have|did) .+"
)
_LABELS = (
    r"(?:(?:list|show|display|give me|see|what|which)(?: me)?(?: are)? )?(?:all )?(?:of )?(?:my |the )?"
    r"(?P<what>tags|labels|categories)(?: (?:do i have|are there|exist|have i got|do i use))?"
)
_PRIORITY = r"(?:an? )?(?:(?P<level>high|medium|low|normal)(?:[ -]+priority)?|(?P<urgent>urgent|important|critical))"
_TAGS = r"\"?#?(?P<tags>[\w-]+(?:(?:\s*,\s*|\s+and\s+)#?[\w-]+)*)\"?"
_CATEGORY = r"\"?(?P<category>[\w-]+(?: [\w-]+)?)\"?"
_DONE = r"(?:done|complete|completed|finished|ready)"
_MOVE = r"(?:move|reschedule|postpone|push|delay|snooze|shift|bring|defer|put off)"


def parse(text: str, now: datetime) -> list[Command]:
    """The commands in a text; never none."""
    if len(text) > _LONGEST:
        return [Talk("long")]
    cleaned = mend(tidy(text))
    if not cleaned:
        # Nothing was left of it but courtesies.
        return [Talk("thanks" if re.search(r"thank|thx|cheers", text, re.IGNORECASE) else _greeting_or_unclear(text))]
    parts = re.split(r"\s*(?:,|;|\.)?\s+and then\s+|\s*;\s+then\s+", cleaned, flags=re.IGNORECASE)
    commands = [_parse(mend(tidy(part)), now) for part in parts]
    flat = [command for group in commands for command in group]
    if len(parts) > 1 and any(isinstance(command, Talk) for command in flat):
        return _parse(cleaned, now)
    return flat


def _greeting_or_unclear(text: str) -> Any:
    return "greeting" if re.match(_GREETING, text.strip(), re.IGNORECASE) else "unclear"


def _parse(text: str, now: datetime) -> list[Command]:
    for pattern, rule in _RULES:
        if (match := pattern.fullmatch(text)) and (command := rule(match, now)):
            return [command]
    if several := adding.read(text, now):
        return [Add(fields) for fields in several]
    return [_listing(text, now) or Talk("unclear")]


def _reference(words: str, now: datetime) -> Reference:
    """The tasks that are meant: many only where it says so."""
    words = words.strip(" ,.:")
    if '"' not in words and re.search(
        r"^(?:everything|all|anything|every)\b|^(?:my |the |any )?(?:\S+ ){1,3}(?:tasks|to-?dos|items)\b|'s tasks\b"
        r"|^(?:completed|done|finished|overdue)(?: ones)?$",
        words,
        re.IGNORECASE,
    ):
        conditions = filters.read(words, now)
        if conditions:
            return Reference(filter=conditions)
    words = re.sub(
        r"^(?:the |my |this |that )?(?:task|todo|to-do|item|entry)\b(?: (?:called|named))?[: ]*",
        "",
        words,
        flags=re.IGNORECASE,
    )
    words = re.sub(
        r"(?: (?:task|todo|to-do|item|entry|from (?:my|the) (?:to-?do )?list|off (?:my|the) list))+$",
        "",
        words,
        flags=re.IGNORECASE,
    )
    return Reference(words=words.strip(' "'))


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip(' "#') for name in re.split(r"\s*,\s*|\s+and\s+", text) if name.strip(' "#'))


def _level(match: re.Match[str]) -> str:
    level = (match["level"] or "high").lower()
    return "medium" if level == "normal" else level


def _acted(make: Callable[[Reference], Command]) -> _Rule:
    """A rule for what is done with tasks that the group `task` names; nothing is done with the unnamed."""

    def rule(match: re.Match[str], now: datetime) -> Command | None:
        words = match["task"].strip()
        return make(_reference(words, now)) if words else None

    return rule


def _changed(**fields: Any) -> Callable[[Reference], Command]:
    return lambda tasks: Change(tasks, fields=fields)


def _prioritised(match: re.Match[str], now: datetime) -> Command:
    return Change(_reference(match["task"], now), fields={"priority": _level(match)})


def _moved(match: re.Match[str], now: datetime) -> Command | None:
    words = re.sub(r"^(?:to|until|till|for|on|by)\s+", "", match["when"], flags=re.IGNORECASE)
    when = dates.read_shift(match["when"]) or dates.read(words, now)
    return Change(_reference(match["task"], now), due=when) if when else None


def _is_due(match: re.Match[str], now: datetime) -> Command | None:
    when = dates.read(re.sub(r"^(?:on|by|at)\s+", "", match["when"], flags=re.IGNORECASE), now)
    return Change(_reference(match["task"], now), due=when) if when else None


def _repeated(match: re.Match[str], now: datetime) -> Command | None:
    pattern = adding.recurrence(match["pattern"])
    return Change(_reference(match["task"], now), fields={"recurrence_pattern": pattern}) if pattern else None


def _listing(text: str, now: datetime) -> Command | None:
    opener = re.match(
        r"(?:show|list|display|view|see|get|give|print|what|what's|whats|which|tell|am|is|are|do|anything|my|tasks|to-?dos?"
        r"|overdue|today|open|completed|pending)\b(?: me\b)?",
        text,
        re.IGNORECASE,
    )
    conditions = filters.read(re.sub(r"^(?:am i|do i have)\b", "", text, flags=re.IGNORECASE), now) if opener else None
    if conditions:
        return ListTasks(conditions)
    show = re.fullmatch(
        r"(?:show|display|view|open|see|get|tell)(?: me)?(?: about| more about)?(?: the)?"
        r"(?: details (?:of|for|about))? ?(?P<task>.+)",
        text,
        re.IGNORECASE,
    )
    return Show(_reference(show["task"], now)) if show else None


def _compiled(*rules: tuple[str, _Rule]) -> tuple[tuple[re.Pattern[str], _Rule], ...]:
    return tuple((re.compile(pattern, re.IGNORECASE), rule) for pattern, rule in rules)


_THE = r"(?:the |my |a |an )?"
_TASK = r"(?P<task>.+?)"
_SUBTASK = r"(?:sub-?task|step)"
_TITLE = r"(?:\"(?P<quoted>[^\"]+)\"|(?P<title>.+?))"

_RULES = _compiled(
    (_HELP, lambda *_: Talk("help")),
    (_WHO, lambda *_: Talk("who")),
    (_GREETING, lambda *_: Talk("greeting")),
    (_THANKS, lambda *_: Talk("thanks")),
    (_SUMMARY, lambda *_: Ask("summary")),
    (_LABELS, lambda match, _: Ask("categories" if match["what"].lower() == "categories" else "tags")),
    # --- subtasks
    (
        rf"(?:add|create|new) {_THE}(?:new )?{_SUBTASK}:? {_TITLE} (?:to|for|under|in|of) {_TASK}",
        lambda m, now: (
            AddSubtask(_reference(m["task"], now), title(m["quoted"] or m["title"]))
            if m["quoted"] or m["title"].lower() not in ("to", "for")
            else None
        ),
    ),
    (
        rf"(?:add|create|new) {_THE}(?:new )?{_SUBTASK} (?:to|for|under|in) {_TASK}: ?{_TITLE}",
        lambda m, now: AddSubtask(_reference(m["task"], now), title(m["quoted"] or m["title"])),
    ),
    (
        rf"(?:complete|finish|check off|tick off|mark) {_THE}{_SUBTASK} {_TITLE}"
        rf" (?:of|from|in|on|for) {_TASK}(?: (?:as )?{_DONE})?",
        lambda m, now: CompleteSubtask(_reference(m["task"], now), m["quoted"] or m["title"]),
    ),
    (
        rf"(?:show|list|display|what are|what're|which are|get)(?: me)? (?:all )?{_THE}{_SUBTASK}s"
        rf" (?:of|for|in) {_TASK}",
        lambda m, now: Show(_reference(m["task"], now), steps=True),
    ),
    # --- looking
    (r"(?:is|are) (?P<task>.+?) (?:already |still )?(?:done|complete|completed|finished|open|pending)", _acted(Show)),
    (r"(?:what is|what's|whats|show(?: me)?) the (?:status|state|due date|priority) of (?P<task>.+)", _acted(Show)),
    (r"when (?:is|are|(?:do|must|should) i(?: have to| need to)?(?: do)?) (?P<task>.+?)(?: due)?", _acted(Show)),
    (r"(?:show|give|tell)(?: me)? (?:the )?(?:details|more)(?: (?:of|for|about|on))? (?P<task>.+)", _acted(Show)),
    (r"(?:tell me about|what about|describe|details of|open) (?P<task>.+)", _acted(Show)),
    (
        r"(?:search|look|find)(?: (?:for|up))?(?: (?:all|any|every|my|the))?"
        r"(?: (?:tasks?|todos?|everything|anything|something|items?))?"
        r"(?: (?:about|with|containing|for|matching|like|named|called|that contains?|that mentions?|mentioning))?"
        r"(?: the)?(?: words?| text)? \"?(?P<query>[^\"]+)\"?",
        lambda m, _: Search(m["query"].strip()),
    ),
    (
        r"(?:do i have|are there|is there|have i got)(?: any| a)? (?:tasks?|todos?|anything|something) "
        r"(?:about|with|for|regarding|mentioning|containing|on) \"?(?P<query>[^\"]+?)\"?",
        lambda m, _: Search(m["query"]),
    ),
    # --- due dates
    (
        rf"(?:remove|clear|delete|drop) {_THE}(?:due date|deadline|date) (?:from|of|for|on) {_TASK}",
        _acted(_changed(due_date=None)),
    ),
    (
        rf"(?:set|change|move|update) {_THE}(?:due date|deadline|date) (?:of|for|on) {_TASK}"
        r" (?P<when>(?:to|for|until) .+)",
        _moved,
    ),
    (rf"(?:set|change|move|update) {_TASK}'s? (?:due date|deadline|date) (?P<when>(?:to|for|until) .+)", _moved),
    (rf"(?:set|give) {_THE}(?:due date|deadline) (?:of|to|on) (?P<when>.+?) (?:for|on) {_TASK}", _is_due),
    (rf"{_MOVE} {_TASK} (?:back |forward |out |off )?(?P<when>(?:to|until|till|for|by|on) .+?)", _moved),
    (rf"{_MOVE} {_TASK} (?:back |forward |out |off )?(?P<when>.+?)", _moved),
    (rf"(?:make|set|mark) {_TASK} (?:as )?due (?P<when>.+)", _is_due),
    # --- other fields
    (
        r"(?:rename|retitle) (?:\"(?P<quoted>[^\"]+)\"|(?P<task>.+?)) (?:to|as|into) (?P<new>.+)",
        lambda m, now: Change(_reference(m["quoted"] or m["task"], now), fields={"title": title(m["new"])}),
    ),
    (
        rf"(?:change|set|update) {_THE}(?:title|name) (?:of|for) {_TASK} to (?P<new>.+)",
        lambda m, now: Change(_reference(m["task"], now), fields={"title": title(m["new"])}),
    ),
    (
        rf"(?:change|set|update|add) {_THE}(?:description|notes?|details) (?:of|for|to) {_TASK}"
        r" (?:to|as|:) ?(?P<new>.+)",
        lambda m, now: Change(_reference(m["task"], now), fields={"description": m["new"].strip('"')}),
    ),
    (rf"(?:set|change|update|raise|lower) {_THE}priority (?:of|for) {_TASK} to {_PRIORITY}", _prioritised),
    (
        rf"(?:make|set|change) {_TASK} to (?P<level>high|medium|low|normal)(?P<urgent>)",
        _prioritised,
    ),
    (
        rf"(?:make|set|mark|change) {_TASK}(?: more important[\s.,…]*)?(?: (?:as|to|to be))? (?:an? )?"
        r"(?:(?P<level>high|medium|low|normal)[ -]+priority|(?P<urgent>urgent|important|critical))",
        _prioritised,
    ),
    (
        rf"(?:add|put|attach) {_THE}(?:tags?|labels?) {_TAGS} (?:to|on) {_TASK}",
        lambda m, now: Change(_reference(m["task"], now), add_tags=_names(m["tags"])),
    ),
    (
        rf"(?:add|put) (?P<tags>#[\w-]+(?:(?:\s*,\s*|\s+and\s+|\s+)#[\w-]+)*) (?:to|on) {_TASK}",
        lambda m, now: Change(_reference(m["task"], now), add_tags=tuple(re.findall(r"#([\w-]+)", m["tags"]))),
    ),
    (
        rf"(?:remove|delete|drop|take) {_THE}(?:tags?|labels?) {_TAGS} (?:from|off) {_TASK}",
        lambda m, now: Change(_reference(m["task"], now), remove_tags=_names(m["tags"])),
    ),
    (
        rf"(?:remove|delete|drop|take) (?P<tags>#[\w-]+) (?:from|off) {_TASK}",
        lambda m, now: Change(_reference(m["task"], now), remove_tags=_names(m["tags"])),
    ),
    (
        rf"untag {_TASK} (?:from )?#?(?P<tags>[\w-]+)",
        lambda m, now: Change(_reference(m["task"], now), remove_tags=_names(m["tags"])),
    ),
    (
        rf"(?:tag|label) {_TASK} (?:with|as) {_TAGS}",
        lambda m, now: Change(_reference(m["task"], now), add_tags=_names(m["tags"])),
    ),
    (
        rf"(?:tag|label) {_TASK} (?P<tags>#[\w-]+)",
        lambda m, now: Change(_reference(m["task"], now), add_tags=_names(m["tags"])),
    ),
    (
        rf"(?:move|put|set|change) {_TASK} (?:to|in|into|under) (?:the )?category:? {_CATEGORY}",
        lambda m, now: (
            Change(_reference(m["task"], now), fields={"category": m["category"]})
            if m["task"].lower() not in ("category", "the category")
            else None
        ),
    ),
    (
        rf"(?:move|put|set|change) {_TASK} (?:to|in|into|under) (?:the |my )?{_CATEGORY} category",
        lambda m, now: Change(_reference(m["task"], now), fields={"category": m["category"]}),
    ),
    (
        rf"(?:set|change) {_THE}category (?:of|for) {_TASK} to {_CATEGORY}",
        lambda m, now: Change(_reference(m["task"], now), fields={"category": m["category"]}),
    ),
    (rf"repeat {_TASK} (?P<pattern>every .+|daily|weekly|monthly|yearly)", _repeated),
    (rf"make {_TASK} (?:repeat|recur(?:ring)?)(?: (?P<pattern>.+))", _repeated),
    (rf"(?:{_MOVE})(?: .*)?", lambda *_: Talk("which_date")),
    # --- status
    (
        rf"(?:mark|set) {_TASK} (?:as |to )?(?:in progress|started|in-progress|doing)",
        _acted(_changed(status="in_progress")),
    ),
    (
        r"(?:start(?: working on| with)?|begin|i(?:'m| am) working on) (?P<task>.+)",
        _acted(_changed(status="in_progress")),
    ),
    (
        r"(?:mark|set) (?P<task>.+?) (?:as |to )?"
        r"(?:not (?:yet )?(?:done|completed?|finished)|undone|incomplete|open|pending|unfinished|to ?do)",
        _acted(Reopen),
    ),
    (
        r"(?:re-?open|uncomplete|un-?check|un-?mark|restore|undo (?:completing|the completion of)) (?P<task>.+)",
        _acted(Reopen),
    ),
    (r"(?P<task>.+?) (?:is|are|was) not (?:yet )?(?:done|completed?|finished)(?: yet)?", _acted(Reopen)),
    (
        r"(?:mark|set|check) (?:off )?(?P<task>.+?) (?:as |off |to )?(?:being )?(?:done|completed?|finished|ready)",
        _acted(Complete),
    ),
    (r"(?:check|tick|cross) (?P<task>.+?) off", _acted(Complete)),
    (r"(?:complete|finish|check off|tick off|check|tick|close|cross off) (?P<task>.+)", _acted(Complete)),
    (
        r"(?:i(?:'m| am|'ve| have)? )?(?:just |already )?(?:done with|finished(?: with)?|completed|did) (?P<task>.+)",
        _acted(Complete),
    ),
    (
        r"(?:delete|remove|erase|get rid of|throw (?:away|out)|drop|cancel|clear|trash|discard) (?P<task>.+)",
        _acted(Delete),
    ),
    (
        r"(?P<task>(?!what|which|who|when|how|where).+?) (?:is|are) (?:now |already )?"
        r"(?:done|completed|finished)(?: now)?",
        _acted(Complete),
    ),
    (r"(?P<task>(?!what|which|who|how|where).+?) (?:is|are) (?:now )?due (?P<when>.+)", _is_due),
)
