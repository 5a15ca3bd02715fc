"""Exports of Bitrix24: contacts, companies, leads, deals; Russian, English, Ukrainian."""

from comity.exchange.imports.programs import form

_PHONES = """
phones.work: Рабочий телефон | Work Phone | Робочий телефон
phones.mobile: Мобильный телефон | Mobile Phone | Mobile | Мобільний телефон
phones.home: Домашний телефон | Home Phone | Домашній телефон
phones.other: Другой телефон | Other Phone | Інший телефон | Номер пейджера | Pager Number
phones.fax: Номер факса | Fax | Fax Number | Номер факсу
phones.mailing: Телефон для рассылок | SMS Marketing Phone | Телефон для розсилок
emails.work: Рабочий e-mail | Work E-mail | Work Email | Робочий e-mail
emails.home: Частный e-mail | Home E-mail | Private E-mail | Personal E-mail | Приватний e-mail
emails.other: Другой e-mail | Other E-mail | Інший e-mail
emails.mailing: E-mail для рассылок | Newsletter E-mail | E-mail для розсилок
handles.telegram: Контакт Telegram | Telegram | Telegram account | Контакт в Telegram
handles.viber: Контакт Viber | Viber | Viber account
handles.skype: Контакт Skype | Skype | Skype ID | Skype account
handles.whatsapp: Контакт WhatsApp | WhatsApp
handles.facebook: Контакт Facebook | Facebook
handles.vk: Контакт VK | Контакт ВКонтакте | VK
handles.other: Другой контакт | Other Contact
"""
_SYSTEM = """
@id: ID
owner: Ответственный | Responsible person | Responsible | Відповідальний
@created_at: Дата создания | Created on | Created | Дата створення
@created_by: Кем создан | Кем создана | Created by | Ким створено | Ким створений
@note: Комментарий | Comment | Коментар
-: Дата изменения | Modified on | Modified | Кем изменен | Кем изменён | Кем изменена | Modified by | Дата зміни
-: Доступен для всех | Доступна для всех | Available to everyone | Available to Everyone | Доступний для всіх
@note.source: Дополнительно об источнике | Source information | Source Information | Додатково про джерело
"""
_WEB = """
@note.site: Корпоративный сайт | Corporate website | Corporate Website | Корпоративний сайт
@note.site: Личная страница | Другой сайт | Personal page | Personal Page | Other website | Other Website
"""
CONTACT = form("bitrix24", "person", f"""
{_SYSTEM.strip()}
{_PHONES.strip()}
{_WEB.strip()}
salutation: Обращение | Salutation | Звертання
given_name: Имя | First name | Ім’я
patronymic: Отчество | Second name | Middle name | По батькові
family_name: Фамилия | Last name | Прізвище
birth_date: Дата рождения | Date of birth | Birthdate | Дата народження
company.name: Компания | Company | Компанія
company.@id: ID компании | Company ID
kind: Тип контакта | Contact type | Тип контакту
@note.origin: Источник | Source | Джерело
position: Должность | Position | Посада
address: Адрес | Address | Адреса
-: Фотография | Photo | Фото | Участвует в экспорте контактов | Include in export
""")  # fmt: skip
COMPANY = form("bitrix24", "company", f"""
{_SYSTEM.strip()}
{_PHONES.strip()}
name: Название компании | Company Name | Company name | Назва компанії
kind: Тип компании | Company type | Тип компанії
website: Корпоративный сайт | Corporate website | Корпоративний сайт
@note.industry: Сфера деятельности | Industry | Сфера діяльності
employees: Кол-во сотрудников | Количество сотрудников | Employees | Кількість працівників
turnover: Годовой оборот | Annual revenue | Річний оборот
turnover.@currency: Валюта | Currency
actual_address: Адрес | Фактический адрес | Street address | Address | Адреса
legal_address: Юридический адрес | Legal address | Юридична адреса
tax_number: ИНН | Tax ID | Реквизит: ИНН | Реквизиты: ИНН
@note.bank: Банковские реквизиты | Bank details
-: Логотип | Logo | Моя компания | My company
""")  # fmt: skip
LEAD = form("bitrix24", "lead", f"""
{_SYSTEM.strip()}
{_PHONES.strip().replace("handles.", "@note.")}
{_WEB.strip()}
need: Название лида | Lead Name | Lead name | Назва ліда
contact_name: Имя | First name | Ім’я
contact_name.@2: Отчество | Second name | По батькові
contact_name.@3: Фамилия | Last name | Прізвище
company_name: Название компании | Company Name | Company name | Назва компанії
state: Стадия | Статус | Стадия лида | Status | Stage | Стадія | Статус лида
@note.state: Дополнительно о стадии | Дополнительно о статусе | More about this status | Status information
source: Источник | Source | Джерело
budget: Возможная сумма | Сумма | Opportunity amount | Opportunity | Total | Сума
budget.@currency: Валюта | Currency
@note.position: Должность | Position | Посада
@note.address: Адрес | Address | Адреса
@note.product: Товар | Product
@note.quantity: Количество | Quantity
@note.price: Цена | Price
-: Обращение | Salutation | Дата рождения | Date of birth | Birthdate
-: Повторный лид | Repeat lead | Дата завершения
""")  # fmt: skip
DEAL = form("bitrix24", "deal", f"""
{_SYSTEM.strip()}
name: Название сделки | Deal Name | Deal name | Назва угоди
stage: Стадия сделки | Deal stage | Stage | Стадія угоди | Стадия
pipeline: Направление | Воронка | Pipeline | Напрямок
amount: Сумма | Total | Amount | Сума
amount.@currency: Валюта | Currency
-: Вероятность | Вероятность, % | Probability | Probability, % | Ймовірність
company.name: Компания | Company | Компанія
company.@id: ID компании | Company ID
person.@name: Контакт | Contact
person.@id: ID контакта | Contact ID
@note.kind: Тип | Тип сделки | Type | Deal type | Тип угоди
source: Источник | Source | Джерело
@note.begun: Дата начала | Start date | Дата початку
expected_on: Предполагаемая дата закрытия | Дата завершения | Expected close date | End date | Очікувана дата закриття
-: Сделка закрыта | Closed | Deal closed | Угода закрита
lines.name: Товар | Product
lines.price: Цена | Price
lines.quantity: Количество | Quantity
-: Повторная сделка | Repeat deal | Регулярная сделка | Recurring deal
""")  # fmt: skip
FORMS = (CONTACT, COMPANY, LEAD, DEAL)
