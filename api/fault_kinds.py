"""What the `code` of a single fault, or of something an import leaves out, may be, and what each means.

A fault can also have the code of one of the errors: what is refused inside a larger whole, such as a claim in a line.
"""

FAULTS = {
    # Shape
    "required": "A member is missing.",
    "unknown_field": "There is no member or parameter of that name.",
    "null": "The member can't be null.",
    "invalid": "The value is not what the member takes.",
    "repeated": "What may come once came twice.",
    "unstorable": "The text holds U+0000 or a lone surrogate.",
    "cursor": "The cursor is not one that this list gave.",
    "line_too_long": "The line, element or entry has more bytes than the operator allows.",
    "text_too_long": "The text has more code points than the operator allows.",
    # Spans
    "span_outside_text": "There is no such stretch of the text.",
    "span_too_long": "A span has fewer code points than that.",
    "span_repeated": "The claim has the same span twice.",
    "inside_character": "A boundary is inside a character.",
    "exact_mismatch": "Other words stand there.",
    "wrong_unit": "The words stand at these numbers in another unit.",
    "quote_not_found": "The words do not stand in the text; `candidates` has the nearest passages.",
    "unknown_revision": "The article has no revision of that number.",
    "revisions_differ": "The spans of a claim are on different revisions.",
    # What is named, and values that depend on what is stored
    "unknown_article": "The line adds to an article that is not there.",
    "unknown_assessment": "It is not a submitted assessment of the claim.",
    "unknown_claim": "It is not a claim of the project.",
    "unknown_evidence": "It is not a piece of evidence of the claim.",
    "unknown_user": "There is no user of that name.",
    "same_claim": "A claim can't be related to itself.",
    "verdict_not_on_scale": "The project's rating scale has no such verdict.",
    "verdict_stays": "Only verdicts that the new scale drops are replaced.",
    "in_the_past": "The time is over already.",
    "outlives_maker": "A token can't outlive the one that makes it.",
    # Imports
    "article_ambiguous": "Several articles have the address; `external_id` or `id` says which is meant.",
    "external_id_repeated": "An earlier line, or an earlier claim of the line, has the same `external_id`.",
    "text_repeated": "An earlier line has the same article: its `url` and text, without an `external_id`.",
    "url_repeated": "The claim has two pieces of evidence with the same address.",
    "reviewer_repeated": "The claim has two assessments by the same reviewer.",
    "assessment_kept": "The reviewer has given the assessment in person, so no import changes it.",
    "draft_of_another": "Only reviewers themselves keep drafts.",
    "revision_number": "The revisions of an article are numbered from 1.",
    "same_text": "The revision has the text of the one before.",
    "not_current": "The last revision has another text than the article.",
    "not_an_end": "The claim that lists the relation stands at neither end of it.",
    "relation_differs": "The two claims say different things of the same relation.",
    "no_text": "The record does not say which text was annotated.",
    "unexpected_file": "The archive holds a file that is not of its format.",
    "encrypted": "The archive is encrypted.",
    "unsupported": "The archive is compressed in a way other than deflate.",
}
"""Codes in `errors` of a 422, and in `/failures` of an import."""

OMISSIONS = {
    "annotators": "Several people annotated the text; who marked what.",
    "attribute": "An attribute of a mark.",
    "body": "A body that is neither text nor a link.",
    "comment": "A comment of another tool.",
    "document_label": "A label of the whole text.",
    "draft": "An annotation that nobody has submitted.",
    "event": "An event; the words it hangs on come in.",
    "hidden": "What moderators have hidden.",
    "metadata": "A list or an object among the metadata.",
    "more_omissions": "More of the line than is listed.",
    "normalization": "A reference to an entry elsewhere.",
    "note": "A note on something other than a mark.",
    "page_note": "A note that marks no words.",
    "prediction": "What a model has predicted.",
    "relation": "A relation between marks of another tool, or one whose other claim did not come in.",
    "reply": "A reply.",
    "result": "An answer that is not about a stretch of the text.",
    "selector": "A place told in a way other than by quote or position.",
    "skipped": "What an annotator has skipped.",
    "target": "A mark on another article than the first one's.",
    "verdict": "A verdict without the assessments that it follows from.",
}
"""Codes in `/omissions` of an import."""
