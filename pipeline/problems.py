"""What can be wrong with a row, and with a file as a whole: stable codes, and the sentences that go with them.

A bad row never fails a job; it keeps its code. A `FileProblem` says why nothing of a file can be imported.
"""

from __future__ import annotations

from enum import StrEnum, unique

from pipeline import texts


@unique
class RowProblem(StrEnum):
    """The error code of a row. Codes are stored and handed to other systems: never rename one."""

    # The record
    UNDECODABLE = "undecodable"  # some of its bytes are not text in the file's encoding
    TOO_MANY_CELLS = "too_many_cells"  # a cell with content beyond the last column of the header

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
    NOT_TEXT = "not_text"  # control characters all over, in no format that we know
    NO_EMAIL_COLUMN = "no_email_column"  # no column of the header has a name of e-mail
    UNKNOWN_COLUMN = "unknown_column"  # a mapping names a column that the file does not have
    UNKNOWN_FIELD = "unknown_field"  # a mapping names a field that contacts do not have
    MAPPING_AMBIGUOUS = "mapping_ambiguous"  # a mapping gives one field two columns
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LARGE = "cell_too_large"  # as a rule a quotation mark that is never closed
    UNCLOSED_QUOTE = "unclosed_quote"  # a quotation mark swallows every line to the end of the file
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
