"""Papers that a loan may ask for, and driving aptitude tests: noted, seen, taken back."""

import datetime as dt
from typing import Any

from accounts.models import User
from core import clock, files
from core.db import action, lock, refuse, require, save
from core.journal import record
from participants import perms
from participants.models import DrivingAptitudeTest, Participant, ParticipantDocument


@action
def note_document(
    participant: Participant,
    *,
    sort: str,
    by: User,
    label: str = "",
    issued_on: dt.date | None = None,
    valid_until: dt.date | None = None,
    seen_original: bool = False,
    seen_on: dt.date | None = None,
    promised_for: dt.date | None = None,
    file: Any = None,
) -> ParticipantDocument:
    """A paper that somebody saw (today, when no day is given), or, with `promised_for` alone, one that is to come.

    `file` is an upload, better left out where the original was seen. Refuses with `in_the_future`, `already_past`,
    `label_missing`, `ends_before_start`, `too_large`, `no_paper`.
    """
    require(perms.can_note_papers(by, participant))
    lock(participant)
    today = clock.today()
    promised = promised_for is not None and seen_on is None and not seen_original and not file
    if promised and promised_for < today:  # type: ignore[operator]
        raise refuse("Un papier se promet pour un jour à venir.", "already_past")
    if any(day is not None and day > today for day in (issued_on, seen_on)):
        raise refuse("Cette date est à venir : vérifiez-la.", "in_the_future")
    document = save(
        ParticipantDocument(
            platform_id=participant.platform_id,
            participant=participant,
            sort=sort,
            label=label.strip(),
            issued_on=issued_on,
            valid_until=valid_until,
            seen_on=None if promised else seen_on or today,
            seen_by=None if promised else by,
            seen_original=seen_original,
            promised_for=promised_for if promised else None,
            file=files.store_paper(file, platform_id=participant.platform_id, by=by) if file else None,
        )
    )
    record(by, "participant.document_noted", participant, sort=sort, promised=promised)
    return document


@action
def see_document(
    document: ParticipantDocument,
    *,
    by: User,
    seen_original: bool = True,
    issued_on: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> ParticipantDocument:
    """A promised paper has come, and somebody saw it. Refuses with `already_seen`, `in_the_future`."""
    require(perms.can_note_papers(by, document.participant))
    document = lock(document)
    if document.seen_on is not None:
        raise refuse("Ce papier est déjà vu.", "already_seen")
    if issued_on is not None and issued_on > clock.today():
        raise refuse("Cette date est à venir : vérifiez-la.", "in_the_future")
    document.seen_on, document.seen_by, document.seen_original = clock.today(), by, seen_original
    document.issued_on, document.valid_until = issued_on or document.issued_on, valid_until or document.valid_until
    save(document)
    record(by, "participant.document_seen", document.participant, sort=document.sort)
    return document


@action
def forget_document(document: ParticipantDocument, *, by: User) -> Participant:
    """Noted by mistake, or kept for nothing: the row goes, and its copy with it; the journal keeps that it was."""
    participant = document.participant
    require(perms.can_note_papers(by, participant))
    document = lock(document)
    stored, sort = document.file, document.sort
    document.delete()
    if stored is not None:
        files.forget(stored)
    record(by, "participant.document_forgotten", participant, sort=sort)
    return participant


@action
def record_aptitude_test(
    participant: Participant,
    *,
    kind: str,
    tested_on: dt.date,
    assessor: str,
    result: str,
    by: User,
    remark: str = "",
    valid_until: dt.date | None = None,
) -> DrivingAptitudeTest:
    """How somebody drove that day. No diagnosis. Refuses with `in_the_future`, `remark_missing`,
    `ends_before_start`."""
    require(perms.can_note_papers(by, participant))
    if tested_on > clock.today():
        raise refuse("Ce test n’a pas encore eu lieu : vérifiez sa date.", "in_the_future")
    test = save(
        DrivingAptitudeTest(
            platform_id=participant.platform_id,
            participant=participant,
            kind=kind,
            tested_on=tested_on,
            assessor=assessor.strip(),
            result=result,
            remark=remark.strip(),
            valid_until=valid_until,
            recorded_by=by,
        )
    )
    record(by, "participant.aptitude_tested", participant, kind=kind, result=result)
    return test
