"""What can be wrong with a row, and with a file as a whole: stable codes, and the sentences that go with them.

A bad row never fails a job; it keeps its code. A `FileProblem` says why nothing of a file can be imported.
"""

from __future__ import annotations

from enum import StrEnum, unique
from typing import Final

from pipeline import texts


@unique
class Severity(StrEnum):
    """What a problem costs: an error the row, a warning nothing; both are said."""

    ERROR = "error"  # the row becomes no contact
    WARNING = "warning"  # the row becomes a contact, and says what was made of it


@unique
class RowProblem(StrEnum):
    """The error code of a row, or a warning that it carries. Codes are stored and handed to other systems: never rename one."""

    # The record
    UNDECODABLE = "undecodable"  # some of its bytes are not text in the file's encoding
    TOO_MANY_CELLS = "too_many_cells"  # a cell with content beyond the last column of the header
    TOO_FEW_CELLS = "too_few_cells"  # fewer cells than columns, in a file whose rows are not ordinarily so
    MALFORMED_RECORD = "malformed_record"  # an object of JSON, or a card, that breaks the rules of its format
    MALFORMED_QUOTES = "malformed_quotes"  # quotation marks that fit no reading of the record
    CELL_TOO_LARGE = "cell_too_large"  # as a rule a quotation mark that is never closed
    COMMENT_LINE = "comment_line"  # a line of remarks, not of data
    REPEATED_HEADER = "repeated_header"  # the header once more: files that were put one below the other
    OPT_OUT_UNREADABLE = "opt_out_unreadable"  # a word in an opt-out column that is in no list: not guessed at
    ATTRIBUTE_TOO_LONG = "attribute_too_long"
    TOO_MANY_ATTRIBUTES = "too_many_attributes"
    NOTHING_TO_CORRECT = "nothing_to_correct"  # in a correction: the contact has left the audience meanwhile
    ERASED_PERSON = "erased_person"  # somebody who asked to be forgotten; nothing of the row is kept
    POISON_ROW = (
        "poison_row"  # no attempt at a step gets past it: set by the engine, with the last error, once the row is alone
    )
    NOT_REJECTED = "not_rejected"  # in a mended rejects file: the parent job did not reject this row

    # The address
    SYNTAX_EMPTY = "syntax_empty"  # nothing is left after trimming
    SYNTAX_MULTIPLE_ADDRESSES = "syntax_multiple_addresses"  # more than one address in the cell
    SYNTAX_NO_AT = "syntax_no_at"  # no @, or only its full-width or small form
    SYNTAX_MULTIPLE_AT = "syntax_multiple_at"  # two @ outside of quotes
    SYNTAX_LOCAL_PART = "syntax_local_part"  # no dot-atom before the @ (RFC 5322 3.2.3, RFC 6531 3.3)
    SYNTAX_QUOTED_LOCAL = "syntax_quoted_local"  # "quoted"@… : legal (RFC 5321 4.1.2), but never a real subscriber
    SYNTAX_COMMENT = "syntax_comment"  # (comments) belong to message headers (RFC 5322 3.2.2), not to mailboxes
    SYNTAX_DOMAIN_LITERAL = "syntax_domain_literal"  # …@[192.0.2.1] (RFC 5321 4.1.3)
    SYNTAX_DOMAIN = "syntax_domain"  # no domain name after the @ (RFC 1035 2.3.4), or one without a dot
    SYNTAX_IDNA = "syntax_idna"  # a domain with letters beyond ASCII that IDNA 2008 does not allow (RFC 5891)
    SYNTAX_TOO_LONG = "syntax_too_long"  # more than 254 octets (RFC 5321 4.5.3.1.3, RFC 3696 errata 1690)
    DOMAIN_SPECIAL_USE = "domain_special_use"  # .local, .test and the like exist for other purposes (RFC 6761)

    # Warnings
    QUOTE_REPAIRED = "quote_repaired"  # stray quotation marks, read in the one way that fits the columns
    SHORT_ROW = "short_row"  # cells are missing at its end, as in many rows of the file: they are empty
    SEVERAL_ADDRESSES = "several_addresses"  # the first valid one is the contact's, the others an attribute
    NUMBER_DAMAGED = "number_damaged"  # a spreadsheet kept only some digits: 1,19877E+10
    CONSENT_UNREAD = "consent_unread"  # a legal basis or a source in words that are in no list: not stated, or other
    DATE_UNREAD = "date_unread"  # in a column of dates, figures that are none in the order of the others: kept as text
    TEXT_DOUBLE_ENCODED = "text_double_encoded"  # UTF-8 that was taken for another encoding once: JoÃ£o
    PLACEHOLDER = "placeholder"  # NULL, NaN: what a program writes for nothing; the cell is taken as empty
    CELL_ERROR = "cell_error"  # a spreadsheet could not calculate a cell: #N/A; it is empty
    CHARACTER_LOST = "character_lost"  # a replacement character: another program lost a letter before us

    @property
    def severity(self) -> Severity:
        """Return what it costs."""
        return Severity.WARNING if self in _WARNINGS else Severity.ERROR


_WARNINGS: Final = frozenset(
    {
        RowProblem.QUOTE_REPAIRED,
        RowProblem.SHORT_ROW,
        RowProblem.SEVERAL_ADDRESSES,
        RowProblem.NUMBER_DAMAGED,
        RowProblem.CONSENT_UNREAD,
        RowProblem.DATE_UNREAD,
        RowProblem.TEXT_DOUBLE_ENCODED,
        RowProblem.PLACEHOLDER,
        RowProblem.CELL_ERROR,
        RowProblem.CHARACTER_LOST,
    }
)


@unique
class FileNotice(StrEnum):
    """What is said aloud about how a file is read. The file is imported all the same."""

    ENCODING_UNCERTAIN = "encoding_uncertain"  # another encoding makes words of the bytes too
    DIALECT_UNCERTAIN = "dialect_uncertain"  # another delimiter makes a table of the text too
    DOUBLE_ENCODED = "double_encoded"  # text that was encoded in UTF-8 twice: JoÃ£o
    DATES_AMBIGUOUS = "dates_ambiguous"  # no date of a column tells day from month: read day first
    OPT_OUTS_NOT_OBEYED = "opt_outs_not_obeyed"  # a column reads like opt-outs, and nobody has said that it is one
    SHEETS_NOT_READ = "sheets_not_read"  # a workbook has other sheets with content
    MEMBERS_NOT_READ = "members_not_read"  # an archive has files that hold no contacts: pictures, documents
    PROPERTIES_NOT_READ = "properties_not_read"  # cards have properties that mean nothing for a contact: photos
    PREAMBLE_SKIPPED = "preamble_skipped"  # rows with content before the header: a title, a date, a group line
    HEADER_ROWS_JOINED = "header_rows_joined"  # the names of columns stand in two rows
    NO_HEADER = "no_header"  # the first row is a contact already
    COLUMNS_BY_CONTENT = "columns_by_content"  # a column's cells say what it is, and its name does not
    SAVED_MAPPING_USED = "saved_mapping_used"  # the header is that of a mapping kept by the tenant
    PRESET_RECOGNISED = "preset_recognised"  # the export of a system that we know
    SENSITIVE_COLUMNS = "sensitive_columns"  # columns that are not kept, because of what they say about a person


@unique
class FileProblemCode(StrEnum):
    """The failure code of a job, or of a request, whose file cannot be imported."""

    FILE_MISSING = "file_missing"  # nothing has this name
    FILE_IS_DIRECTORY = "file_is_directory"
    FILE_UNREADABLE = "file_unreadable"  # the operating system or the store refuses
    FILE_TOO_LARGE = "file_too_large"  # over the configured size
    URL_NOT_ALLOWED = "url_not_allowed"  # outside of the configured roots
    FILE_EMPTY = "file_empty"  # no byte, or blank lines only
    HEADER_ONLY = "header_only"  # a header and no record
    FILE_BINARY = "file_binary"  # a format that is no text and that we know: a workbook, an archive, a picture
    FILE_HTML = "file_html"  # a web page, often under the name .xls
    FILE_ENCRYPTED = "file_encrypted"  # it takes a password to read it
    FILE_DAMAGED = "file_damaged"  # cut off, or changed on its way: a workbook, an archive, JSON
    WORKBOOK_TOO_LARGE = "workbook_too_large"  # it would not fit into memory, where workbooks are read
    UNPACKED_TOO_LARGE = "unpacked_too_large"  # more bytes come out of it than are allowed
    ARCHIVE_BOMB = "archive_bomb"  # far more bytes come out of it than went in
    ARCHIVE_NESTED = "archive_nested"  # an archive in an archive
    ARCHIVE_EMPTY = "archive_empty"  # an archive in which no file can be read
    TOO_MANY_MEMBERS = "too_many_members"  # an archive of more files than are allowed
    PART_MISSING = "part_missing"  # no sheet and no member of an archive has the wanted name
    NOT_TEXT = "not_text"  # control characters all over, in no format that we know
    UNKNOWN_ENCODING = "unknown_encoding"  # somebody named an encoding that is not read
    NO_EMAIL_COLUMN = "no_email_column"  # no column of the header has a name of e-mail
    UNKNOWN_COLUMN = "unknown_column"  # a mapping names a column that the file does not have
    UNKNOWN_MAPPING = "unknown_mapping"  # no mapping is kept under this name
    UNKNOWN_FIELD = "unknown_field"  # a mapping names a field that contacts do not have
    MAPPING_AMBIGUOUS = "mapping_ambiguous"  # a mapping gives one field two columns
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LARGE = "cell_too_large"  # as a rule a quotation mark that is never closed
    UNCLOSED_QUOTE = "unclosed_quote"  # a quotation mark swallows every line to the end of the file
    NO_ROW_NUMBERS = "no_row_numbers"  # a mended rejects file without the column that says what it mends
    OPT_OUT_FLOOD = "opt_out_flood"  # so many reachable contacts would be opted out that somebody must want it
    PLAN_OUTDATED = "plan_outdated"  # the base is not what the dry run counted on
    RECORD_TOO_LARGE = "record_too_large"  # likewise, or a file without line breaks


class FileProblem(Exception):  # noqa: N818 (the product's word; it is raised like an error and read like a report)
    """Why nothing of a file can be imported. ``str()`` is one English sentence: what is wrong, where, and the remedy.

    ``params`` are the placeholders of the code's sentences in the catalogue; ``file`` is among them always.
    """

    def __init__(self, code: FileProblemCode, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def sentence(self, lang: str) -> str:
        """Say it in one of the catalogue's languages."""
        params = {
            name: texts.number(value, lang) if isinstance(value, int) else _harmless(value)
            for name, value in self.params.items()
        }
        what, remedy = (
            texts.text(f"file_problems.{self.code}.{part}", lang, **params) for part in ("template", "remedy")
        )
        return f"{what}; {remedy}."

    def __str__(self) -> str:
        return self.sentence("en")


def _harmless(text: str) -> str:
    """Names of files and columns are data: none of their characters may steer a terminal or break a line of a log."""
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def sentence(problem: RowProblem, variant: str = "template", **params: object) -> str:
    """Return the English sentence that is stored with a row; a code may have variants for its commonest cases.

    Raises KeyError for a variant or a placeholder that the catalogue does not have.
    """
    return texts.text(f"problems.{problem}.{variant}", "en", **params)
