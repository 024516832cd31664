"""The judgement of addresses: facts by example, and what holds for every text."""

from __future__ import annotations

import unicodedata

import idna
import pytest
from email_validator import EmailNotValidError, validate_email
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline import addresses
from pipeline.addresses import BLANKS, SPECIAL_USE, judge
from pipeline.problems import RowProblem as P
from pipeline.reading import printable
from tests.support.examples import examples

LONG_LABEL = "a" * 63
#: 254 octets, the longest address: 64 + @ + 189.
LONGEST = f"{'x' * 64}@{'.'.join([LONG_LABEL, LONG_LABEL, 'b' * 57])}.org"


@pytest.mark.parametrize(
    ("raw", "normalized"),
    [
        ("ana@exemplo.com.br", "ana@exemplo.com.br"),
        ("Ana.Souza+Promo@Exemplo.COM.BR", "ana.souza+promo@exemplo.com.br"),
        ("o'neil_{x}@sub-1.example.com", "o'neil_{x}@sub-1.example.com"),
        (f"{'a' * 70}@exemplo.com", f"{'a' * 70}@exemplo.com"),
        (LONGEST, LONGEST),
        ("1@2.3.com", "1@2.3.com"),
        # trimmed: spaces of every kind, zero-width, BOM, mailto:, junk behind
        ("\ufeff\u200b\xa0 ana@exemplo.com\u202f\t\r\n", "ana@exemplo.com"),
        ("MailTo: ana@exemplo.com ;,.> ", "ana@exemplo.com"),
        ("\u202aana@exemplo.com\u202c", "ana@exemplo.com"),
        ("\u061cana@exemplo.com\u061c", "ana@exemplo.com"),
        ("mailto://ana@exemplo.com", "ana@exemplo.com"),
        ("ana@exemplo.com.", "ana@exemplo.com"),
        # international names
        ("ana@exemplo.café", "ana@exemplo.xn--caf-dma"),
        ("ANA@MÜNCHEN.de", "ana@xn--mnchen-3ya.de"),
        ("ana@XN--MNCHEN-3YA.DE", "ana@xn--mnchen-3ya.de"),
        ("ana@exemplo。com", "ana@exemplo.com"),
        ("JOÃO@exemplo.com", "joão@exemplo.com"),
        ("joa\u0303o@exemplo.com", "joão@exemplo.com"),
        ("ana@\u212aelvin.com", "ana@kelvin.com"),
        ("ana@exempl\uff4f\uff0ecom", "ana@exemplo.com"),
        ("ana@אב.com", "ana@xn--4dbc.com"),
        ("😀@exemplo.com", "😀@exemplo.com"),
        # IDNA 2008, where that of 2003 had another name, or none
        ("ana@straße.de", "ana@xn--strae-oqa.de"),
        ("ana@φας.gr", "ana@xn--mxa8ak.gr"),
        ("ana@\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", "ana@xn--10cl1a0b660p.com"),
        ("ana@XN--10CL1A0B660P.com", "ana@xn--10cl1a0b660p.com"),
        ("JOÃO@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.com", "joão@xn--mgba3gch31f060k.com"),
        # what later rules judge: look-alikes, public suffixes, endings that nobody has registered
        ("ana@p\u0430ypal.com", "ana@xn--pypal-4ve.com"),
        ("ana@com.br", "ana@com.br"),
        ("a@b.c", "a@b.c"),
        (f"ana@{LONG_LABEL}.com", f"ana@{LONG_LABEL}.com"),
    ],
)
def test_an_address_is_stored_in_lower_case_with_a_labels_and_nfc(raw: str, normalized: str) -> None:
    assert judge(raw) == (normalized, None, None)


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        ("", P.SYNTAX_EMPTY),
        (" \u3000\u200b;,. ", P.SYNTAX_EMPTY),
        ("mailto:", P.SYNTAX_EMPTY),
        ("ana@x.com, bia@y.com", P.SYNTAX_MULTIPLE_ADDRESSES),
        ("ana@x.com;bia@y.com", P.SYNTAX_MULTIPLE_ADDRESSES),
        ("ana@x.com ::: bia@y.com", P.SYNTAX_MULTIPLE_ADDRESSES),
        ("Ana <ana@x.com>, Bia <bia@y.com>", P.SYNTAX_MULTIPLE_ADDRESSES),
        ("ana.exemplo.com", P.SYNTAX_NO_AT),
        ("ana\uff20exemplo.com", P.SYNTAX_NO_AT),
        ("ana\ufe6bexemplo.com", P.SYNTAX_NO_AT),
        ("ana@@exemplo.com", P.SYNTAX_MULTIPLE_AT),
        ("ana@casa@exemplo.com", P.SYNTAX_MULTIPLE_AT),
        ("@exemplo.com", P.SYNTAX_LOCAL_PART),
        (".ana@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("ana.@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("ana..souza@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("ana souza@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("Ana <ana@exemplo.com>", P.SYNTAX_LOCAL_PART),
        ("ana\x00@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("an\u200ba@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("an\ue000a@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("\u0301ana@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("an\ufffda@exemplo.com", P.SYNTAX_LOCAL_PART),
        (f"an{chr(0xDCE1)}a@exemplo.com", P.SYNTAX_LOCAL_PART),
        ("a\u037eb@exemplo.com", P.SYNTAX_LOCAL_PART),  # a Greek question mark, which NFC makes a semicolon
        ('"ana souza"@exemplo.com', P.SYNTAX_QUOTED_LOCAL),
        ('"ana"@exemplo.com', P.SYNTAX_QUOTED_LOCAL),
        ('"ana@casa"@exemplo.com', P.SYNTAX_QUOTED_LOCAL),
        ('ana."souza"@exemplo.com', P.SYNTAX_QUOTED_LOCAL),
        ('"ana"."@".souza@exemplo.com', P.SYNTAX_QUOTED_LOCAL),
        ('"ana@casa"souza@exemplo.com', P.SYNTAX_LOCAL_PART),  # the other @ is in quotation marks
        ('"ana@casa@exemplo.com', P.SYNTAX_LOCAL_PART),
        ("ana(casa)@exemplo.com", P.SYNTAX_COMMENT),
        ("ana@exemplo.com (casa)", P.SYNTAX_COMMENT),
        ("ana@[192.0.2.1]", P.SYNTAX_DOMAIN_LITERAL),
        ("ana@[IPv6:2001:db8::1]", P.SYNTAX_DOMAIN_LITERAL),
        ("ana@[192.0.2.1", P.SYNTAX_DOMAIN),
        ("ana@", P.SYNTAX_DOMAIN),
        ("ana@exemplo", P.SYNTAX_DOMAIN),
        ("ana@localhost", P.SYNTAX_DOMAIN),
        ("ana@.exemplo.com", P.SYNTAX_DOMAIN),
        ("ana@exemplo..com", P.SYNTAX_DOMAIN),
        ("ana@-exemplo.com", P.SYNTAX_DOMAIN),
        ("ana@exemplo-.com", P.SYNTAX_DOMAIN),
        ("ana@ab--exemplo.com", P.SYNTAX_DOMAIN),
        ("ana@exem plo.com", P.SYNTAX_DOMAIN),
        ("ana@exem_plo.com", P.SYNTAX_DOMAIN),
        ("ana@exemplo,com", P.SYNTAX_DOMAIN),
        (f"ana@{LONG_LABEL}a.com", P.SYNTAX_DOMAIN),
        ("ana@192.0.2.1", P.SYNTAX_DOMAIN),
        ("ana@exemplo.123", P.SYNTAX_DOMAIN),
        (f"a@{'.'.join([LONG_LABEL] * 4)}.com", P.SYNTAX_DOMAIN),
        ("ana@exem☃plo\u2044x.com", P.SYNTAX_IDNA),
        ("ana@xn--0.com", P.SYNTAX_IDNA),
        ("ana@xn--a.com", P.SYNTAX_IDNA),
        ("ana@xn--\u2026.com", P.SYNTAX_DOMAIN),
        ("ana@xn--.com", P.SYNTAX_DOMAIN),
        ("ana@💩.la", P.SYNTAX_IDNA),
        ("ana@exem\xadplo.com", P.SYNTAX_IDNA),
        ("ana@a\u200db.com", P.SYNTAX_IDNA),  # a joiner, and nothing to join
        ("ana@\u0dc1\u0dca\u200d\u0dbb\u0dd3", P.SYNTAX_DOMAIN),
        (f"{'ã' * 117}@\u0dc1\u0dca\u200d\u0dbb\u0dd3.com", P.SYNTAX_TOO_LONG),
        ("ana@\u05d0a.com", P.SYNTAX_IDNA),
        ("ana@exem\u200bplo.com", P.SYNTAX_IDNA),
        ("1@1.אב.com", P.SYNTAX_IDNA),
        (f"x{LONGEST}", P.SYNTAX_TOO_LONG),
        (f"a@{'.'.join([LONG_LABEL] * 3)}.{'a' * 61}", P.SYNTAX_TOO_LONG),  # the longest domain that there can be
        (f"{'ã' * 127}@exemplo.com", P.SYNTAX_TOO_LONG),
        (f"{'a' * 100_000}@exemplo.com", P.SYNTAX_TOO_LONG),
        *((f"ana@mail.exemplo.{ending}", P.DOMAIN_SPECIAL_USE) for ending in sorted(SPECIAL_USE)),
        ("ana@Exemplo.LOCAL", P.DOMAIN_SPECIAL_USE),
        ("ana@exemplo。test", P.DOMAIN_SPECIAL_USE),
        ("ana@münchen.internal", P.DOMAIN_SPECIAL_USE),
    ],
)
def test_a_rejected_address_has_the_code_of_the_first_rule_that_it_breaks(raw: str, problem: P) -> None:
    judged = judge(raw)
    assert (judged.normalized, judged.problem) == (None, problem)


@pytest.mark.parametrize("domain", ["example.com", "mail.example.org", "local.com.br", "test.de", "internal.net"])
def test_ordinary_names_that_look_like_special_ones_are_accepted(domain: str) -> None:
    assert judge(f"ana@{domain}").normalized == f"ana@{domain}"


@pytest.mark.parametrize(
    ("raw", "detail"),
    [
        ("joão silva@x.com", 'The part before the @ has a character that an address cannot have: " ".'),
        ("jo\u200b\xe3o@x.com", 'The part before the @ has a character that an address cannot have: "<U+200B>".'),
        ("ana@gmail,com", 'What stands after the @ is not a domain name: "gmail,com".'),
        ("ana@gmail", 'The domain has no ending such as .com or .com.br: "gmail".'),
        ("ana@pc.local", "Domains that end in .local are reserved for other purposes and receive no mail."),
        ("@x.com", "There is nothing before the @."),
    ],
)
def test_the_sentence_shows_what_is_at_fault(raw: str, detail: str) -> None:
    assert judge(raw).detail == detail


def test_every_space_of_unicode_is_trimmed() -> None:
    spaces = {chr(code) for code in range(0x110000) if chr(code).isspace()}
    assert spaces <= set(BLANKS)
    assert not any(unicodedata.category(character)[0] in "LNPS" for character in BLANKS)


ATEXT = "abcXYZ019!#$%&'*+/=?^_`{|}~-"
LABELS = st.one_of(
    st.text("abcXYZ019-", min_size=1, max_size=6),
    st.sampled_from(
        ["com", "COM", "br", "local", "Example", "arpa", "xn--mnchen-3ya", "ab--c", "123", LONG_LABEL, f"{LONG_LABEL}a"]
    ),
)
PLAIN = st.builds(
    lambda atoms, labels: f"{'.'.join(atoms)}@{'.'.join(labels)}",
    st.lists(st.text(ATEXT, min_size=1, max_size=5), min_size=1, max_size=3),
    st.lists(LABELS, min_size=1, max_size=6),
)
ODD = st.one_of(
    st.sampled_from(
        [
            *"@.\"'()[]<>,;: \\-",
            "\x00",
            "\n",
            "\xa0",
            "\u200b",
            "\ufeff",
            "\u200d",
            "\u0dca\u200d\u0dbb",
            "ã",
            "İ",
            "ß",
            "Σ",
            "\u0301",
            "\u212a",
            "\u037e",
            "。",
            "\uff20",
            "א",
            "٣",
            "\ufffd",
            "\ud800",
        ]
    ),
    st.characters(),
)


@st.composite
def near_addresses(draw: st.DrawFn) -> str:
    """An address of the plain shape into which up to four odd characters got."""
    address = draw(PLAIN)
    for odd in draw(st.lists(ODD, max_size=4)):
        at = draw(st.integers(0, len(address)))
        address = address[:at] + odd + address[at:]
    return address


ANY_TEXT = st.one_of(near_addresses(), st.text(max_size=30), PLAIN.map(lambda address: address * 5))
LONG = st.builds(lambda address, length: address.rjust(length, "a"), PLAIN, st.integers(240, 270))


def by_library(address: str) -> str | None:
    """What the library makes of an address in our form, or None where it rejects it."""
    try:
        accepted = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
    return unicodedata.normalize("NFC", f"{accepted.local_part}@{accepted.ascii_domain}".lower())


def has_joiner(normalized: str) -> bool:
    return not {"\u200c", "\u200d"}.isdisjoint(idna.decode(normalized.rpartition("@")[2]))


@examples(2_000)
@given(st.one_of(PLAIN, near_addresses()))
@example(LONGEST)
@example(f"x{LONGEST}")
@example("a@b.c-d")
@example("a@b.co\n")
def test_what_the_fast_path_accepts_the_library_accepts_in_the_same_form(address: str) -> None:
    if addresses._is_plain(address):
        special = address.lower().rpartition(".")[2] in SPECIAL_USE
        assert special or by_library(address) == address.lower()


@examples(1_000)
@given(ANY_TEXT)
@example("ana@x.com.İ")
@example("ana@\u0dc1\u0dca\u200d\u0dbb\u0dd3.com")
def test_the_library_decides_but_for_special_use_names_joiners_and_lost_characters(raw: str) -> None:
    judged, library = judge(raw), by_library(addresses._trim(raw))
    if judged.problem is P.DOMAIN_SPECIAL_USE or (judged.normalized and has_joiner(judged.normalized)):
        return
    if library is None:
        assert judged.problem is not None
    elif by_library(library) is not None and "\ufffd" not in raw:  # the stored form, too, must be an address
        assert judged.normalized is not None


@examples(1_000)
@given(ANY_TEXT)
def test_a_judgement_is_either_an_address_or_a_problem_with_a_sentence(raw: str) -> None:
    judged = judge(raw)
    if judged.problem is None:
        assert judged.normalized
        assert judged.detail is None
    else:
        assert judged.normalized is None
        assert judged.detail is not None
        assert judged.detail.endswith(".")
        assert judged.detail.isprintable()


@examples(1_000)
@given(ANY_TEXT)
@example(f"{'İ' * 100}@exemplo.com")
@example("ΑΣ@exemplo.com")
@example("ana@\u0dc1\u0dca\u200d\u0dbb\u0dd3.com")
def test_judging_a_stored_address_again_changes_nothing(raw: str) -> None:
    normalized = judge(raw).normalized
    if normalized is not None:
        assert judge(normalized).normalized == normalized
        assert normalized == unicodedata.normalize("NFC", normalized.lower())


@examples(1_000)
@given(ANY_TEXT)
def test_what_the_database_can_store_of_an_address_is_judged_as_the_address_was(raw: str) -> None:
    assert (judge(raw).problem is None) == (judge(printable(raw)).problem is None)


@examples(1_000)
@given(st.one_of(ANY_TEXT, LONG))
@example(f"{'İ' * 100}@exemplo.com")
def test_only_long_addresses_are_called_too_long(raw: str) -> None:
    if judge(raw).problem is P.SYNTAX_TOO_LONG:
        trimmed = addresses._trim(raw)
        local_part, _, domain = trimmed.partition("@")
        a_labels = (
            domain if len(domain) > 250 else validate_email(f"x@{domain}", check_deliverability=False).ascii_domain
        )
        forms = (trimmed, f"{local_part}@{a_labels}", unicodedata.normalize("NFC", f"{local_part}@{a_labels}".lower()))
        assert max(len(form.encode("utf-8", "surrogatepass")) for form in forms) > addresses.MAX_ADDRESS


@pytest.mark.parametrize(
    "piece", ["a", "@", "a@", "a.", '"a".', '"\\', "(", "\u0301", "\u200d", "א", "\u0660", "xn--", "\x00", "\ud800"]
)
@pytest.mark.parametrize("cell", ["{}", "{}@exemplo.com", "ana@{}", "ana@xn--{}.com", '"{}"@exemplo.com', '"{}'])
def test_a_long_text_is_judged_all_the_same(cell: str, piece: str) -> None:
    assert judge(cell.format(piece * 100_000)).problem is not None
