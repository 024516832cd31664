"""What cells say of why a person may be written to, and where the address is from: free words in, the platform's words out.

The words that come out are those of ``db.statuses.LegalBasis`` and ``db.statuses.ConsentSource``; a test holds them equal.
"""

from __future__ import annotations

from typing import Final

from pipeline.reading.table.words import comparable

#: What a legal basis counts as that nobody understands, and a source.
NOT_STATED: Final = "nao_informada"
OTHER: Final = "other"

#: Each ground of the LGPD, art. 7, in the words that people and programs write for it, as `comparable` leaves them. Only the
#: whole cell counts: "sem consentimento" is no consent.
_BASES: Final[dict[str, tuple[str, ...]]] = {
    "consentimento": (
        "consentimento", "consent", "consentido", "consentimento do titular", "consentimento expresso", "consentimento explicito",
        "com consentimento", "opt in", "optin", "double opt in", "single opt in", "opt in duplo", "opt in simples", "duplo opt in",
        "autorizado", "autorizacao", "explicit consent", "express consent", "freely given consent from contact",
        "consentimento dado livremente pelo contato", "gdpr consent", "lgpd consentimento", "art 7 i", "consentimiento",
    ),
    "obrigacao_legal": ("obrigacao legal", "obrigacao legal ou regulatoria", "cumprimento de obrigacao legal", "legal obligation", "art 7 ii"),
    "politica_publica": ("politica publica", "politicas publicas", "execucao de politicas publicas", "public policy", "public task", "public interest", "interesse publico", "art 7 iii"),
    "pesquisa": ("pesquisa", "estudos por orgao de pesquisa", "research", "art 7 iv"),
    "execucao_de_contrato": (
        "execucao de contrato", "execucao do contrato", "contrato", "contract", "contractual", "performance of a contract",
        "execucao de um contrato", "contractual necessity", "necessidade contratual", "cliente com contrato", "art 7 v",
    ),
    "exercicio_de_direitos": ("exercicio de direitos", "exercicio regular de direitos", "legal claims", "exercise of rights", "art 7 vi"),
    "protecao_da_vida": ("protecao da vida", "interesses vitais", "vital interests", "vital interest", "protection of life", "art 7 vii"),
    "tutela_da_saude": ("tutela da saude", "health", "health protection", "protection of health", "art 7 viii"),
    "legitimo_interesse": (
        "legitimo interesse", "interesse legitimo", "interesses legitimos", "legitimate interest", "legitimate interests",
        "legitimate interest prospect lead", "legitimate interest existing customer", "legitimate interest other",
        "interesse legitimo cliente existente", "interesse legitimo cliente em potencial lead", "interesse legitimo outro",
        "interesse legitimo prospect lead", "interes legitimo", "art 7 ix",
    ),
    "protecao_do_credito": ("protecao do credito", "protecao ao credito", "credit", "credit protection", "art 7 x"),
    NOT_STATED: (
        "nao informada", "nao informado", "sem base legal", "sem consentimento", "nenhuma", "nenhum", "none", "not applicable",
        "nao se aplica", "not stated", "not informed", "unknown", "desconhecida", "desconhecido", "n a", "nao",
    ),
}  # fmt: skip
#: Likewise sources. Here a cell may go on behind the words: "Formulário do site, rodapé".
_SOURCES: Final[dict[str, tuple[str, ...]]] = {
    "web_form": (
        "web form", "webform", "formulario", "formulario do site", "formulario web", "form", "website", "web site", "site", "landing page",
        "landing", "pagina de captura", "popup", "pop up", "newsletter", "inscricao no site", "cadastro no site", "signup form",
        "sign up form", "subscribe form", "online form", "hosted signup form",
    ),
    "event": (
        "event", "evento", "eventos", "feira", "trade show", "tradeshow", "congresso", "palestra", "conference", "conferencia", "workshop",
        "webinar", "seminario", "stand", "estande",
    ),
    "customer": ("customer", "cliente", "clientes", "client", "compra", "compra no site", "loja", "checkout", "pedido", "order", "e commerce", "ecommerce"),
    "referral": ("referral", "indicacao", "indicado", "indicada", "referred", "recomendacao", "amigo", "refer a friend"),
    "partner": ("partner", "parceiro", "parceira", "parceria", "parceiros", "co marketing", "comarketing", "site de parceiro"),
    "purchased": (
        "purchased", "purchased list", "comprada", "comprado", "base comprada", "lista comprada", "mailing comprado", "bought", "bought list",
        "third party list", "lista de terceiros", "site de terceiros", "alugada", "lista alugada", "rented", "rented list", "list rental",
    ),
    "public": ("public", "publico", "publica", "fonte publica", "dados publicos", "dado publico", "public source", "scraped", "scraping", "linkedin", "google maps"),
    OTHER: ("other", "outro", "outra", "outros"),
}  # fmt: skip


def _by_words(meanings: dict[str, tuple[str, ...]]) -> dict[str, str]:
    found = {comparable(meaning): meaning for meaning in meanings}
    return found | {words: meaning for meaning, spellings in meanings.items() for words in spellings}


_BASIS_BY_WORDS: Final = _by_words(_BASES)
_SOURCE_BY_WORDS: Final = _by_words(_SOURCES)
#: Words of the longest of them.
_LONGEST: Final = max(words.count(" ") + 1 for words in _SOURCE_BY_WORDS)


def legal_basis(cell: str) -> str | None:
    """Return the ground that a cell names, of several (``;``) the first; None: nobody knows what it says."""
    named = [_BASIS_BY_WORDS.get(comparable(part)) for part in cell.split(";") if part.strip()]
    return named[0] if named and None not in named else None


def consent_source(cell: str) -> str | None:
    """Return where a cell says that the address is from, by the longest words that it begins with; None: nobody knows."""
    words = comparable(cell).split()
    beginnings = (" ".join(words[:length]) for length in range(min(len(words), _LONGEST), 0, -1))
    return next((_SOURCE_BY_WORDS[each] for each in beginnings if each in _SOURCE_BY_WORDS), None)
