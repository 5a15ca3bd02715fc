"""Address books: Google Contacts in its old and new shape, Outlook in several languages, vCards."""

from comity.exchange.imports.programs import form

_GOOGLE = """
@name: Name | Full Name | Имя и фамилия | Полное имя
given_name: First Name | Given Name | Имя
patronymic: Middle Name | Additional Name | Отчество
family_name: Last Name | Family Name | Фамилия
salutation: Name Prefix | Префикс имени | Обращение
-: Name Suffix | Nickname | File As | Phonetic First Name | Phonetic Middle Name | Phonetic Last Name | Initials
-: Short Name | Maiden Name | Суффикс имени | Псевдоним | Given Name Yomi | Additional Name Yomi | Family Name Yomi
-: Yomi Name | Photo | Фото | Organization Department | Organization Role | Gender | Location | Billing Information
-: Directory Server | Mileage | Occupation | Hobby | Sensitivity | Priority | Subject | Language
company.name: Organization Name | Organization 1 - Name | Название организации | Организация
position: Organization Title | Organization 1 - Title | Должность
-: Organization 1 - Type | Organization 1 - Department | Organization 1 - Yomi Name | Organization 1 - Symbol
-: Organization 1 - Location | Organization 1 - Job Description
birth_date: Birthday | День рождения
@note: Notes | Заметки | Примечания
tags: Labels | Group Membership | Ярлыки
phones: Phone # - Value | Телефон # – Значение | Phone #
phones.@label: Phone # - Label | Phone # - Type | Телефон # – Ярлык | Телефон # - Тип
emails: E-mail # - Value | Email # - Value | Эл. почта # – Значение
emails.@label: E-mail # - Label | E-mail # - Type | Эл. почта # – Ярлык
address.street: Address # - Street | Адрес # – Улица
address.city: Address # - City | Адрес # – Город
address.region: Address # - Region | Адрес # – Регион
address.postcode: Address # - Postal Code | Адрес # – Почтовый индекс
address.country: Address # - Country | Адрес # – Страна
address: Address # - Formatted | Адрес # – Полный
-: Address # - Label | Address # - Type | Address # - PO Box | Address # - Extended Address | Website # - Label
-: Website # - Type | Relation # - Label | Relation # - Value | Event # - Label | Event # - Value | IM # - Label
-: Custom Field # - Label | IM # - Service | IM # - Type
@note.site: Website # - Value | Веб-сайт # – Значение
handles: IM # - Value
@note.field: Custom Field # - Value
@id: UID
"""
GOOGLE = form("google", "person", _GOOGLE)
OUTLOOK = form("outlook", "person", """
salutation: Title | Обращение | Anrede
given_name: First Name | Имя | Vorname
patronymic: Middle Name | Отчество | Weitere Vornamen
family_name: Last Name | Фамилия | Nachname
-: Suffix | Суффикс | Department | Отдел | Abteilung | Office Location | Assistant's Name | Manager's Name | Initials
company.name: Company | Организация | Firma
position: Job Title | Должность | Position
phones.mobile: Mobile Phone | Телефон переносной | Мобильный телефон | Mobiltelefon
phones.work: Business Phone | Рабочий телефон | Telefon geschäftlich
phones.work2: Business Phone 2 | Телефон раб. 2 | Рабочий телефон 2 | Telefon geschäftlich 2
phones.home: Home Phone | Домашний телефон | Телефон дом. | Telefon (privat) | Telefon privat
phones.home2: Home Phone 2 | Домашний телефон 2 | Telefon (privat 2)
phones.main: Primary Phone | Company Main Phone | Основной телефон | Haupttelefon
phones.other: Other Phone | Другой телефон | Weiteres Telefon
phones.fax: Business Fax | Home Fax | Рабочий факс | Fax geschäftlich
phones.car: Car Phone | Radio Phone | Pager | Телефон в машине
emails.1: E-mail Address | Адрес эл. почты | E-Mail-Adresse
emails.2: E-mail 2 Address | Адрес 2 эл. почты | E-Mail 2: Adresse
emails.3: E-mail 3 Address | Адрес 3 эл. почты | E-Mail 3: Adresse
-: E-mail Type | E-mail Display Name | E-mail # Type | E-mail # Display Name | Тип эл. почты | Краткое имя эл. почты
-: E-Mail-Typ | E-Mail: Angezeigter Name | E-Mail # Typ
address.street: Business Street | Home Street | Улица (раб. адрес) | Улица (дом. адрес) | Straße geschäftlich
address.city: Business City | Home City | Город (раб. адрес) | Город (дом. адрес) | Ort geschäftlich
address.region: Business State | Home State | Область (раб. адрес) | Region geschäftlich
address.postcode: Business Postal Code | Home Postal Code | Индекс (раб. адрес) | Postleitzahl geschäftlich
address.country: Business Country/Region | Business Country | Home Country/Region | Страна (раб. адрес)
address.country: Land/Region geschäftlich
-: Business Street 2 | Business Street 3 | Home Street 2 | Home Street 3 | Other Street | Other City | Other State
-: Other Postal Code | Other Country/Region | Anniversary | Годовщина | Spouse | Children | Gender | Пол | Geschlecht
-: Callback | Telex | ISDN | TTY/TDD Phone | Account | Government ID Number | Billing Information | Organizational ID
-: Internet Free Busy | Keywords | Location | Mileage | Priority | Private | Profession | Referred By | Sensitivity
-: Hobby | Directory Server | Language | PO Box | User 1 | User 2 | User 3 | User 4 | Приоритет | Частное
birth_date: Birthday | День рождения | Geburtstag
@note: Notes | Заметки | Notizen
tags: Categories | Категории | Kategorien
@note.site: Web Page | Веб-страница | Webseite
""")  # fmt: skip
VCARD = form(
    "vcard",
    "person",
    """
@photo: Photo
@kind: Kind
"""
    + _GOOGLE,
)
FORMS = (GOOGLE, OUTLOOK, VCARD)
