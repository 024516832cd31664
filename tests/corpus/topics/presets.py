"""Exports of other systems, with the columns that they really have: who is active, who has left, when and how they agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tests.corpus.case import Case, Row, bad, codes, ok, utf8


def cases() -> Iterator[Case]:
    """Yield the cases."""
    yield from _mailchimp()
    yield from _other_mailers()
    yield from _crm()
    yield from _address_books()
    yield from _shops_and_forms()


def preset(
    name: str,
    known_as: str | None,
    data: bytes,
    rows: Sequence[Row],
    mapping: Mapping[str, str],
    *,
    file_name: str = "export.csv",
) -> Case:
    """Make a case of an export. What becomes of the columns that only that system understands is its preset's business."""
    said = codes("preset_recognised") if known_as else codes()
    return Case(name, file_name, data, rows, mapping=mapping, preset=known_as, notices=said, loose=True)


def _mailchimp() -> Iterator[Case]:
    names = {"Email Address": "email", "First Name": "first_name", "Last Name": "last_name"}
    subscribed = utf8(
        '"Email Address","First Name","Last Name",Address,"Phone Number",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS',
        'ana@example.com,Ana,Souza,,"(11) 98765-4321",2,"2025-01-09 14:02:11",203.0.113.7,"2025-01-09 14:03:40",203.0.113.7,,,,,,,,"2025-01-09 14:03:40",498112001,a1b2c3d4e5,,"""cliente"",""vip"""',
        'bia@example.com,Bia,d\'Ávila,"Rua A, 10",,3,,,"2025-02-10 10:00:00",198.51.100.4,,,,,,,,"2025-02-10 10:00:00",498112002,b1b2c3d4e5,,',
    )
    yield preset(
        "mailchimp-subscribed", "mailchimp", subscribed,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Phone Number": "(11) 98765-4321", "Phone Number_e164": "+5511987654321", "TAGS": '"cliente","vip"'}),
            ok(3, "bia@example.com", "Bia d'Ávila", {"Address": "Rua A, 10"}),
        ],
        names, file_name="subscribed_members_export_8c1f.csv",
    )  # fmt: skip
    unsubscribed = utf8(
        '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID',
        'ana@example.com,Ana,Souza,2,,,"2024-01-09 14:03:40",203.0.113.7,"2025-01-09 14:03:40","2025-01-09 14:03:40",Natal,77,N/A,,498112001,a1b2c3d4e5',
        'bia@example.com,Bia,Lima,2,,,"2024-01-09 14:03:40",203.0.113.7,"2025-01-09 14:03:40","2025-03-01 08:00:00",Natal,77,NORMAL,,498112002,b1b2c3d4e5',
    )
    left = [
        ok(2, "ana@example.com", "Ana Souza", opt_out="unsubscribe"),
        ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe"),
    ]
    yield preset(
        "mailchimp-unsubscribed",
        "mailchimp",
        unsubscribed,
        left,
        names,
        file_name="unsubscribed_members_export_8c1f.csv",
    )
    cleaned = utf8(
        '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LAST_CHANGED,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID,LEID,EUID',
        'ana@example.com,Ana,Souza,1,,,"2024-01-09 14:03:40",203.0.113.7,"2025-01-09 14:03:40","2025-01-09 14:03:40",Natal,77,498112001,a1b2c3d4e5',
    )
    bounced = [ok(2, "ana@example.com", "Ana Souza", opt_out="bounce")]
    yield preset("mailchimp-cleaned", "mailchimp", cleaned, bounced, names, file_name="cleaned_members_export_8c1f.csv")


def _other_mailers() -> Iterator[Case]:
    listmonk = utf8(
        "uuid,email,name,attributes,status,created_at,updated_at",
        'e4c3d6a2-0000-4000-8000-000000000001,ana@example.com,Ana Souza,"{""city"": ""Recife""}",enabled,2025-01-09T14:02:11.123Z,2025-01-09T14:02:11.123Z',
        'e4c3d6a2-0000-4000-8000-000000000002,bia@example.com,Bia Lima,"{}",blocklisted,2025-01-09T14:02:11.123Z,2025-01-09T14:02:11.123Z',
        'e4c3d6a2-0000-4000-8000-000000000003,caio@example.com,Caio Reis,"{}",moved,2025-01-09T14:02:11.123Z,2025-01-09T14:02:11.123Z',
    )
    yield preset(
        "listmonk", "listmonk", listmonk,
        [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe"), bad(4, "opt_out_unreadable")],
        {"email": "email", "name": "name"}, file_name="subscribers.csv",
    )  # fmt: skip
    brevo = utf8(
        "CONTACT ID;EMAIL;FIRSTNAME;LASTNAME;SMS;EMAIL_BLACKLIST;SMS_BLACKLIST;ADDED_TIME;MODIFIED_TIME",
        "1;ana@example.com;Ana;Souza;5511987654321;false;false;2025-01-09;2025-01-09",
        "2;bia@example.com;Bia;Lima;;true;false;2025-01-09;2025-01-09",
    )
    yield preset(
        "brevo", "brevo", brevo, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe")],
        {"EMAIL": "email", "FIRSTNAME": "first_name", "LASTNAME": "last_name"},
    )  # fmt: skip
    klaviyo = utf8(
        "Email,Klaviyo ID,First Name,Last Name,Organization,Title,Phone Number,Address,City,Email Marketing Consent,Email Marketing Consent Timestamp,SMS Marketing Consent",
        'ana@example.com,01HABC,Ana,Souza,,,+5511987654321,,Recife,SUBSCRIBED,"2025-01-09 14:02:11",NEVER_SUBSCRIBED',
        'bia@example.com,01HABD,Bia,Lima,,,,,Natal,UNSUBSCRIBED,"2025-01-09 14:02:11",NEVER_SUBSCRIBED',
        "caio@example.com,01HABE,Caio,Reis,,,,,Belém,NEVER_SUBSCRIBED,,NEVER_SUBSCRIBED",
    )
    yield preset(
        "klaviyo", "klaviyo", klaviyo,
        [
            ok(2, "ana@example.com", "Ana Souza", {"City": "Recife"}),
            ok(3, "bia@example.com", "Bia Lima", {"City": "Natal"}, opt_out="unsubscribe"),
            ok(4, "caio@example.com", "Caio Reis", {"City": "Belém"}),
        ],
        {"Email": "email", "First Name": "first_name", "Last Name": "last_name"},
    )  # fmt: skip
    egoi = utf8(
        "UID;E-mail;Primeiro nome;Último nome;Telemóvel;Telefone;Idioma;Data de nascimento;Data de subscrição;Estado do contacto",
        "a1;ana@example.com;Ana;Souza;;;pt;;2025-01-09 14:02:11;Ativo",
        "a2;bia@example.com;Bia;Lima;;;pt;;2025-01-09 14:02:11;Removido",
    )
    yield preset(
        "e-goi", "e_goi", egoi, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe")],
        {"E-mail": "email", "Primeiro nome": "first_name", "Último nome": "last_name"},
    )  # fmt: skip
    mautic = utf8(
        "id,firstname,lastname,email,company,points,mobile,city,date_added,doNotEmail",
        "1,Ana,Souza,ana@example.com,Padaria,10,,Recife,2025-01-09 14:02:11,0",
        "2,Bia,Lima,bia@example.com,,0,,Natal,2025-01-09 14:02:11,1",
    )
    yield preset(
        "mautic", "mautic", mautic,
        [ok(2, "ana@example.com", "Ana Souza", {"city": "Recife"}), ok(3, "bia@example.com", "Bia Lima", {"city": "Natal"}, opt_out="unsubscribe")],
        {"email": "email", "firstname": "first_name", "lastname": "last_name"},
    )  # fmt: skip
    active = utf8(
        "Contact ID,Email,First Name,Last Name,Phone,Organization,Tags,Date Subscribed,IP Address,Status,Lists",
        '1,ana@example.com,Ana,Souza,,,"cliente, vip","2025-01-09 14:02:11",203.0.113.7,Active,Newsletter',
        '2,bia@example.com,Bia,Lima,,,,"2025-01-09 14:02:11",203.0.113.7,Unsubscribed,Newsletter',
        '3,caio@example.com,Caio,Reis,,,,"2025-01-09 14:02:11",203.0.113.7,Bounced,Newsletter',
    )
    yield preset(
        "activecampaign", "activecampaign", active,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Tags": "cliente, vip"}),
            ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe"),
            ok(4, "caio@example.com", "Caio Reis", opt_out="bounce"),
        ],
        {"Email": "email", "First Name": "first_name"},
    )  # fmt: skip


def _crm() -> Iterator[Case]:
    rd = (
        "Email,Nome,Telefone,Celular,Empresa,Cargo,Estado,Cidade,Estágio no funil,Dono do Lead,Lead Scoring - Perfil,Status para comunicação por email,"
        "Tags,URL pública,Data de aniversário,Base legal para comunicação,Total de conversões,Data da primeira conversão,Origem da primeira conversão"
    )
    rd_station = utf8(
        rd,
        'joao@example.com,João d\'Ávila,+55 (47) 3333-4444,,Padaria,Dono,SC,Blumenau,Lead,,a,true,"cliente, vip",http://rd.example/1,05/03/1990,Consentimento,2,2026-09-02 16:30:10 -0300,Busca',
        "bia@example.com,Bia Conceição,,(11) 98765-4321,,,SP,São Paulo,Cliente,,b,false,,http://rd.example/2,,Legítimo interesse,1,2026-10-02 09:00:00 -0300,Direto",
    )
    yield preset(
        "rd-station", "rd_station", rd_station,
        [
            ok(2, "joao@example.com", "João d'Ávila", {
                "Telefone": "+55 (47) 3333-4444", "Telefone_e164": "+554733334444", "Cidade": "Blumenau", "Tags": "cliente, vip",
                "Data de aniversário": "1990-03-05", "Data da primeira conversão": "2026-09-02 16:30:10-03:00",
            }),
            ok(3, "bia@example.com", "Bia Conceição", {"Celular": "(11) 98765-4321", "Celular_e164": "+5511987654321"}, opt_out="unsubscribe"),
        ],
        {"Email": "email", "Nome": "name"}, file_name="leads-export.csv",
    )  # fmt: skip
    hubspot = utf8(
        '"Record ID","First Name","Last Name","Email","Phone Number","Contact owner","Lead Status","Marketing contact status","Create Date","Unsubscribed from all email"',
        '"101","Ana","Souza","ana@example.com","","","NEW","Marketing contact","2025-01-09 14:02","false"',
        '"102","Bia","Lima","bia@example.com","","","NEW","Non-marketing contact","2025-01-09 14:02","true"',
    )
    yield preset(
        "hubspot", "hubspot", hubspot, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima", opt_out="unsubscribe")],
        {"Email": "email", "First Name": "first_name", "Last Name": "last_name"},
    )  # fmt: skip


def _address_books() -> Iterator[Case]:
    google = utf8(
        "First Name,Middle Name,Last Name,Phonetic First Name,Nickname,Organization Name,Birthday,Notes,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value",
        "Ana,Maria,Souza,,,Padaria,1990-03-05,,* myContacts,* Home,ana@example.com,Work,ana@example.org,Mobile,+55 11 98765-4321",
        "Bia,,Lima,,,,,,Família ::: * myContacts,* Home,bia@example.com ::: bia@example.org,,,Mobile,(11) 98765-1234 ::: (11) 3333-4444",
    )
    yield preset(
        "google-contacts", "google_contacts", google,
        [
            ok(2, "ana@example.com", "Ana Maria Souza", {"other_emails": "ana@example.org", "Phone 1 - Value_e164": "+5511987654321"}, warns=["several_addresses"]),
            ok(3, "bia@example.com", "Bia Lima", {"other_emails": "bia@example.org", "Phone 1 - Value_e164": "+5511987651234"}, warns=["several_addresses"]),
        ],
        {"E-mail 1 - Value": "email", "E-mail 2 - Value": "other_email"}, file_name="contacts.csv",
    )  # fmt: skip
    older = utf8(
        "Name,Given Name,Additional Name,Family Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value",
        "Ana Maria Souza,Ana,Maria,Souza,* myContacts,* Home,ana@example.com,Mobile,+55 11 98765-4321",
        "Bia Lima,Bia,,Lima,* myContacts,,bia@example.com,,",
    )
    yield preset(
        "google-contacts-older", "google_contacts", older, [ok(2, "ana@example.com", "Ana Maria Souza"), ok(3, "bia@example.com", "Bia Lima")],
        {"E-mail 1 - Value": "email"}, file_name="google.csv",
    )  # fmt: skip
    outlook = utf8(
        "First Name,Middle Name,Last Name,Title,Company,Job Title,Mobile Phone,Home Phone,E-mail Address,E-mail 2 Address,E-mail 3 Address,Birthday,Notes",
        "Ana,Maria,Souza,,Padaria,,(11) 98765-4321,,ana@example.com,ana@example.org,,,",
        "Bia,,Lima,,,,,,Bia Lima <bia@example.com>,,,,",
    )
    yield preset(
        "outlook-en", "outlook", outlook,
        [
            ok(2, "ana@example.com", "Ana Maria Souza", {"other_emails": "ana@example.org", "Mobile Phone_e164": "+5511987654321"}),
            ok(3, "bia@example.com", "Bia Lima"),
        ],
        {"E-mail Address": "email", "First Name": "first_name"},
    )  # fmt: skip
    portuguese = (
        '"Título","Nome","Segundo Nome","Sobrenome","Sufixo","Empresa","Cargo","Telefone Celular","Telefone residencial","Endereço de Email","Tipo de Email","Nome para Exibição do Email","Endereço de Email 2","Aniversário","Anotações"\r\n'
        '"","Ana","Maria","Souza","","Padaria","","(11) 98765-4321","","ana@example.com","SMTP","Ana Souza (ana@example.com)","","05/03/1990",""\r\n'
        '"","João","","Conceição","","","","","","joao@example.com","SMTP","João Conceição","joao@example.org","0/0/00",""\r\n'
    ).encode("cp1252")
    yield preset(
        "outlook-pt", "outlook", portuguese,
        [
            ok(2, "ana@example.com", "Ana Maria Souza", {"Telefone Celular_e164": "+5511987654321"}),
            ok(3, "joao@example.com", "João Conceição", {"other_emails": "joao@example.org"}),
        ],
        {"Endereço de Email": "email", "Nome": "first_name", "Sobrenome": "last_name"}, file_name="contatos.CSV",
    )  # fmt: skip
    linkedin = utf8(
        "Notes:",
        '"When exporting your connection data, you may notice that some of the email addresses are missing. You will only see email addresses for connections who have allowed their connections to see or download their email address using this setting https://www.linkedin.com/psettings/privacy/email. You can learn more here https://www.linkedin.com/help/linkedin/answer/261"',
        "",
        "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
        "Ana,Souza,https://www.linkedin.com/in/ana,ana@example.com,Padaria,Dona,05 Mar 2024",
        'Bia,"Lima, PhD",https://www.linkedin.com/in/bia,bia@example.com,"Doces, Bolos & Cia",Chef,17 Dec 2023',
        "Caio,Reis,https://www.linkedin.com/in/caio,,Mercado,Gerente,01 Jan 2024",
    )
    yield preset(
        "linkedin", "linkedin", linkedin,
        [
            ok(5, "ana@example.com", "Ana Souza", {"Company": "Padaria", "Connected On": "2024-03-05"}),
            ok(6, "bia@example.com", "Bia Lima, PhD", {"Company": "Doces, Bolos & Cia", "Connected On": "2023-12-17"}),
            bad(7, "syntax_empty"),
        ],
        {"Email Address": "email"}, file_name="Connections.csv",
    )  # fmt: skip


def _shops_and_forms() -> Iterator[Case]:
    forms = utf8(
        '"Carimbo de data/hora","Nome completo","E-mail","Telefone (WhatsApp)","Como conheceu a gente?","Aceita receber novidades?"',
        '"2026/03/12 10:30:05 AM GMT-3","Ana Souza","ana@example.com","11987654321","Instagram;Amigos","Sim"',
        '"2026/03/13 4:05:00 PM GMT-3","João d\'Ávila","joao@example.com","(11) 98765-1234","Google","Não"',
    )
    yield preset(
        "google-forms", "google_forms", forms,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Como conheceu a gente?": "Instagram;Amigos", "Telefone (WhatsApp)_e164": "+5511987654321"}),
            ok(3, "joao@example.com", "João d'Ávila", {"Como conheceu a gente?": "Google", "Aceita receber novidades?": "Não"}),
        ],
        {"E-mail": "email", "Nome completo": "name"}, file_name="Inscrição (respostas).csv",
    )  # fmt: skip
    sheets = utf8(
        "Carimbo de data/hora,Endereço de e-mail,Seu nome",
        "12/03/2026 10:30:05,ana@example.com,Ana Souza",
        "13/03/2026 16:05:00,bia@example.com,Bia Lima",
    )
    yield preset(
        "google-forms-sheet", "google_forms", sheets, [ok(2, "ana@example.com", "Ana Souza"), ok(3, "bia@example.com", "Bia Lima")],
        {"Endereço de e-mail": "email", "Seu nome": "name"},
    )  # fmt: skip
    hotmart = utf8(
        "Nome do Produto;Nome do Produtor;Documento do Produtor;Nome do Afiliado;Transação;Meio de Pagamento;Data de Venda;Data de Confirmação;Status;Nome;Documento;Email;DDD;Telefone;CEP;Cidade;Estado;Bairro;País;Valor Total",
        "Curso de Bolos;Escola Doce;11222333000181;(none);HP0001;Cartão de Crédito;12/03/2026 10:30:05;12/03/2026 10:31:00;Completo;Ana Souza;52998224725;ana@example.com;11;987654321;01310100;São Paulo;SP;Bela Vista;Brasil;197,00",
        "Curso de Bolos;Escola Doce;11222333000181;João Afiliado;HP0002;Boleto;13/03/2026 11:00:00;;Cancelado;João d'Ávila;;joao@example.com;47;33334444;;Blumenau;SC;;Brasil;197,00",
    )
    yield preset(
        "hotmart", "hotmart", hotmart,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Cidade": "São Paulo", "Valor Total": "197,00", "Status": "Completo", "CEP": "01310100"}),
            ok(3, "joao@example.com", "João d'Ávila", {"Cidade": "Blumenau", "Status": "Cancelado"}),
        ],
        {"Email": "email", "Nome": "name", "Documento": "sensitive"}, file_name="sales_history.csv",
    )  # fmt: skip
    sympla = utf8(
        "Nº ingresso,Nome,Sobrenome,Tipo de ingresso,Valor,Data compra,Nº pedido,Email,Estado de pagamento,Check-in,Data Check-in",
        'ABCD-12-3456,Ana,Souza,Inteira,"50,00",12/03/2026,PED001,ana@example.com,Aprovado,Não,',
        'ABCD-12-3457,João,d\'Ávila,Meia,"25,00",13/03/2026,PED002,joao@example.com,Aprovado,Sim,20/03/2026',
    )
    yield preset(
        "sympla", "sympla", sympla,
        [
            ok(2, "ana@example.com", "Ana Souza", {"Valor": "50,00", "Data compra": "2026-03-12"}),
            ok(3, "joao@example.com", "João d'Ávila", {"Valor": "25,00", "Data Check-in": "2026-03-20"}),
        ],
        {"Email": "email", "Nome": "first_name", "Sobrenome": "last_name"}, file_name="participantes.csv",
    )  # fmt: skip
