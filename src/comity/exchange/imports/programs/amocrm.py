"""Exports of amoCRM (Kommo): deals with their contacts and companies, contacts, companies; Russian, English."""

from comity.exchange.imports.programs import form

_NOTES = """
@note: Примечание | Примечание # | Note | Note #
tags: Теги | Теги сделки | Теги контакта | Теги компании | Tags | Deal tags | Contact tags | Lead tags
-: utm_source | utm_medium | utm_campaign | utm_content | utm_term | utm_referrer | _ym_uid | _ym_counter
-: roistat | referrer | openstat_service | openstat_campaign | openstat_ad | openstat_source | from | gclientid
-: gclid | yclid | fbclid
"""


def _phones(prefix: str) -> str:
    return f"""
{prefix}phones.work: Рабочий телефон | Work phone | Телефон | Phone
{prefix}phones.direct: Рабочий прямой телефон | Work direct phone | Direct phone
{prefix}phones.mobile: Мобильный телефон | Mobile phone
{prefix}phones.fax: Факс | Fax
{prefix}phones.home: Домашний телефон | Home phone
{prefix}phones.other: Другой телефон | Other phone
{prefix}emails.work: Рабочий email | Work email | Email
{prefix}emails.home: Личный email | Personal email | Private email
{prefix}emails.other: Другой email | Other email
""".strip()


DEAL = form("amocrm", "deal", f"""
{_NOTES.strip()}
{_phones("person.")}
@id: ID | ID сделки | Lead ID
name: Название сделки | Lead title | Lead name | Deal name
amount: Бюджет | Budget | Sale
owner: Ответственный | Responsible user | Responsible
@created_at: Дата создания сделки | Дата создания | Lead created at | Date created | Created at
@created_by: Кем создана сделка | Кем создана | Created by | Lead created by
-: Дата редактирования | Кем редактирована | Date edited | Modified by | Updated at | Updated by
@closed_at: Дата закрытия | Closed at | Date closed
stage: Этап сделки | Lead stage | Stage | Deal stage
pipeline: Воронка | Pipeline
person.@name: Полное имя контакта | Основной контакт | Contact full name | Main contact | Full name
person.owner: Ответственный за контакт | Contact’s responsible user | Contact responsible user
company.name: Компания контакта | Компания | Contact company | Contact’s company | Company
person.position: Должность | Position | Должность (контакт)
-: Ближайшая задача | Closest task
""")  # fmt: skip
CONTACT = form("amocrm", "person", f"""
{_NOTES.strip()}
{_phones("")}
@id: ID | Contact ID
-: Тип | Type
@name: Наименование | Полное имя контакта | Имя контакта | Contact full name | Full name | Name
given_name: Имя | First name
family_name: Фамилия | Last name
company.name: Название компании | Компания | Company name | Company
owner: Ответственный | Responsible user
@created_at: Дата создания контакта | Дата создания | Contact created at | Created at
@created_by: Кем создан контакт | Кем создан | Contact created by | Created by
-: Дата редактирования | Кем редактирован | Updated at | Updated by | Сделки | Leads | Deals
@note.site: Web | Сайт | Web (компания)
address: Адрес | Address
position: Должность | Position
-: Ближайшая задача | Closest task
""")  # fmt: skip
COMPANY = form("amocrm", "company", f"""
{_NOTES.strip()}
{_phones("")}
@id: ID | Company ID
name: Название компании | Наименование компании | Company name
owner: Ответственный | Responsible user
@created_at: Дата создания компании | Company created at
@created_by: Кем создана компания | Company created by
website: Web | Сайт
actual_address: Адрес | Address
""")  # fmt: skip
FORMS = (DEAL, CONTACT, COMPANY)
