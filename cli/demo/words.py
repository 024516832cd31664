"""The parts that the demonstration's invented people are made of. Nobody with these names and addresses is meant."""

from __future__ import annotations

from typing import Final

FIRST_NAMES: Final = (
    "Ana", "João", "Maria", "José", "Antônio", "Francisca", "Luís", "Adriana", "Caíque", "Conceição", "Débora", "Érica", "Fábio",
    "Flávia", "Gláucia", "Heloísa", "Inácio", "Íris", "Joaquim", "Júlia", "Kauã", "Lívia", "Márcia", "Natália", "Otávio", "Patrícia",
    "Raíssa", "Sebastião", "Tainá", "Úrsula", "Vitória", "Wálter", "Yasmin", "Zélia", "Assunção", "Benício", "Cecília", "Estêvão",
)  # fmt: skip
LAST_NAMES: Final = (
    "Silva", "Souza", "Araújo", "Conceição", "Gonçalves", "Magalhães", "Brandão", "Falcão", "Guimarães", "Assis", "Sá", "Cândido",
    "D'Ávila", "Espíndola", "Fagundes", "Galvão", "Holanda", "Ibiapina", "Jordão", "Leitão", "Müller", "Nóbrega", "Paixão", "Queirós",
    "Rebouças", "Simões", "Teles", "Uchôa", "Valença", "Ximenes", "Zanetti", "Abrantes", "Bulcão", "Camargo", "Drummond", "Escobar",
)  # fmt: skip
PARTICLES: Final = ("", "", "", "de ", "da ", "dos ", "e ")
CITIES: Final = (
    "São Paulo", "Belém", "Brasília", "Goiânia", "Florianópolis", "Maceió", "Niterói", "Cuiabá", "São Luís", "Vitória", "Ribeirão Preto",
    "Juazeiro", "Macapá", "Uberlândia", "Foz do Iguaçu", "Poços de Caldas", "Jaú", "Itajaí",
)  # fmt: skip
#: Where contacts came from: with the delimiter, quotation marks and line breaks that such notes have.
SOURCES: Final = (
    "Site", "Site", "Site", "Feira 2025", "Loja", "Indicação", "Balcão; caixa 2", 'Promoção "Volta às aulas"', "Evento\nsala 3", "WhatsApp", "",
)  # fmt: skip
