"""How two revisions of the store differ."""

from reconciler.cli.output import MARKDOWN, TEXT, print_data
from reconciler.cli.reading import records_of
from reconciler.cli.review_options import Showing
from reconciler.cli.review_output import review_json
from reconciler.cli.revision_words import RevisionName
from reconciler.cli.session import Session
from reconciler.control.review import Review, review_of_plan
from reconciler.control.rollback import difference


def compare_revisions(
    session: Session, since: RevisionName, until: RevisionName, output: str, showing: Showing
) -> Review:
    """Shows what turns the state of one revision into that of the other."""
    with records_of(session) as reader, reader.consistent():
        numbers = since.number(reader), until.number(reader)
        before, after = (reader.state_at(number) for number in numbers)
        review = review_of_plan(difference(before, after), before, reader)
    if output in (TEXT, MARKDOWN):
        showing.show(review, output, session.environ)
    else:
        print_data({"from": numbers[0], "to": numbers[1], **review_json(review)}, output)
    return review
