"""Annotations as Hypothesis gives them: the rows of its API's search, or a file that its client has exported.

https://h.readthedocs.io/en/latest/api-reference/. A row adds to the article of its page, by the quote alone: positions
count on the page as the browser had it, which is another text.
"""

from typing import Any

from api.readers.reader import JSON, NDJSON, Draft, Json, Reader, a_list, a_text, an_object, json_reader, named

QUOTE = ("exact", "prefix", "suffix")


def convert(value: Any) -> Draft:
    row = an_object(value, "")
    draft = Draft({"url": a_text(row.get("uri"), "/uri")})
    spans = _quotes(row)
    if row.get("references"):
        draft.omit("", "reply", "Replies are not brought in.")
    elif row.get("hidden"):
        draft.omit("", "hidden", "What moderators have hidden is not brought in.")
    elif not spans:
        draft.omit("", "page_note", "Notes that quote nothing are not brought in.")
    else:
        draft.add(
            {
                "external_id": named("hypothesis", row.get("id")),
                "spans": spans,
                "context": row.get("text"),
                "tags": list(dict.fromkeys(map(str, a_list(row.get("tags"), "/tags")))),
            }
        )
    return draft


def _quotes(row: Json) -> list[Json]:
    found = []
    for n, each in enumerate(a_list(row.get("target"), "/target")):
        target = an_object(each, f"/target/{n}")
        for at, selector in enumerate(a_list(target.get("selector"), f"/target/{n}/selector")):
            said = an_object(selector, f"/target/{n}/selector/{at}")
            if said.get("type") == "TextQuoteSelector":
                found.append({name: said[name] for name in QUOTE if said.get(name)})
    return found


READER = Reader(
    "hypothesis",
    (JSON, NDJSON),
    "Hypothesis' API JSON: quotes on the article with the page's address, the annotation's text as context, tags.",
    "Replies, page notes, what is hidden, titles of pages; who marked what, and for whom.",
    json_reader(convert, (), ("rows",), ("annotations",)),
)
