"""Exports of seven programs, each in two encodings and two languages: headings, one row, and what comes of it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class File:
    """An export: its headings, one row of it, and what comes of that: {type: titles}; `doubtful` headings."""

    program: str
    header: str
    row: str
    made: dict[str, str]
    doubtful: frozenset[str] = frozenset()
    delimiter: str = ","
    encodings: tuple[str, str] = ("utf-8-sig", "utf-16")

    @property
    def rows(self) -> list[list[str]]:
        """Header and row as lists."""
        return [self.header.split("|"), self.row.split("|")]


CYRILLIC = ("cp1251", "utf-8")
FILES = {
    "bitrix24 contacts, ru": File(
        "bitrix24", "ID|Обращение|Имя|Отчество|Фамилия|Дата рождения|Компания|Тип контакта|Источник|Дополнительно об"
        " источнике|Рабочий телефон|Мобильный телефон|Другой e-mail|Рабочий e-mail|Корпоративный сайт|Контакт Telegram"
        "|Должность|Адрес|Комментарий|Ответственный|Дата создания|Кем создан|Дата изменения",
        "17|г-н|Иван|Ильич|Петров|01.02.1980|Ромашка|Клиент|Выставка|стенд 4|+7 495 123-45-67|8 916 123 45 67"
        "|i@example.com|ivan@example.com|https://r.example|@petrov|Директор|Москва|Звонил сам|Boss|03.02.2024 10:15:00"
        "|Boss|04.02.2024 11:00:00",
        {"person": "Петров Иван Ильич", "company": "Ромашка"}, delimiter=";", encodings=CYRILLIC,
    ),
    "bitrix24 deals, en": File(
        "bitrix24", "ID|Deal Name|Deal stage|Pipeline|Total|Currency|Probability|Company|Contact|Type|Source|Start date"
        "|Expected close date|Closed|Responsible person|Comment|Created on|Created by|Modified on",
        "9|Lathe|Deal won|General|1200.50|USD|100|Daisy Ltd|Ann Bell|Sale|Web|2024-02-01|2024-03-01|Y|Boss|Paid"
        "|2024-02-01 10:00:00|Boss|2024-03-01 10:00:00",
        {"deal": "Lathe", "company": "Daisy Ltd", "person": "Bell Ann"}, delimiter=";",
    ),
    "bitrix24 leads, ru": File(
        "bitrix24", "ID|Название лида|Имя|Фамилия|Название компании|Стадия|Рабочий телефон|Рабочий e-mail|Источник"
        "|Возможная сумма|Валюта|Ответственный|Дата создания",
        "3|Нужен стул|Анна|Белова|Лютик|Новый|+79161234567|anna@example.com|Сайт|5000|RUB|Boss|05.03.2024 09:00:00",
        {"lead": "Анна Белова"}, delimiter=";", encodings=CYRILLIC,
    ),
    "amocrm deals, ru": File(
        "amocrm", "ID|Название сделки|Бюджет|Ответственный|Дата создания сделки|Кем создана сделка|Дата редактирования"
        "|Кем редактирована|Дата закрытия|Теги|Примечание|Примечание 2|Этап сделки|Воронка|Полное имя контакта"
        "|Компания контакта|Ответственный за контакт|Компания|Рабочий телефон|Мобильный телефон|Рабочий email"
        "|Должность|utm_source|utm_source|_ym_uid",
        "5|Станок|90000|Boss|03.02.2024 10:15:00|Boss|04.02.2024 10:15:00|Boss|05.02.2024 10:15:00||Раз|Два"
        "|Закрыто и не реализовано|Воронка|Пётр Чёрный|Гвоздика|Boss|Гвоздика|+7 495 1234567|+79160000001"
        "|p@example.com|Инженер|ya||7",
        {"deal": "Станок", "person": "Чёрный Пётр", "company": "Гвоздика"}, delimiter=";", encodings=CYRILLIC,
    ),
    "amocrm contacts, en": File(
        "amocrm", "ID|Contact full name|First name|Last name|Company name|Responsible user|Created at|Created by|Leads"
        "|Tags|Note 1|Work phone|Mobile phone|Work email|Web|Address|Position",
        "8|Ann Bell|Ann|Bell|Daisy Ltd|Boss|03.02.2024 10:15:00|Boss|Lathe||Called|+442079460018|+447700900123"
        "|ann@example.com|daisy.example|London|Buyer",
        {"person": "Bell Ann", "company": "Daisy Ltd"},
    ),
    "hubspot contacts, en": File(
        "hubspot", "Record ID|First Name|Last Name|Email|Phone Number|Mobile Phone Number|Contact owner|Lifecycle Stage"
        "|Lead Status|Create Date|Associated Company|Company Name|Job Title|City|Country/Region",
        "101|Ann|Bell|ann@example.com|+442079460018|+447700900123|Boss|customer|New|2024-02-03 10:15|Daisy Ltd"
        "|Daisy Ltd|Buyer|London|United Kingdom",
        {"person": "Bell Ann", "company": "Daisy Ltd"}, frozenset({"Associated Company", "Company Name"}),
    ),
    "hubspot deals, de": File(
        "hubspot", "Datensatz-ID|Deal-Name|Deal-Phase|Pipeline|Betrag|Abschlussdatum|Zuständiger Mitarbeiter"
        "|Erstelldatum|Zugeordnetes Unternehmen",
        "55|Drehbank|Abgeschlossen und gewonnen|Vertrieb|1200,50|2024-03-01|Boss|2024-02-01 10:00|Daisy GmbH",
        {"deal": "Drehbank", "company": "Daisy GmbH"}, frozenset({"Zuständiger Mitarbeiter"}),
        encodings=("cp1252", "utf-8"), delimiter=";",
    ),
    "pipedrive deals, en": File(
        "pipedrive", "Deal - ID|Deal - Title|Deal - Value|Deal - Currency of value|Deal - Stage|Deal - Pipeline"
        "|Deal - Status|Deal - Owner|Deal - Expected close date|Deal - Deal created|Deal - Won time|Deal - Lost reason"
        "|Deal - Label|Person - Name|Person - Email - Work|Person - Phone - Work|Person - Phone - Mobile"
        "|Organization - Name|Organization - Address",
        "1|Lathe|1200.50|EUR|Qualified|Sales|Open|Boss|2030-03-01|2024-02-01 10:00:00||||Ann Bell|ann@example.com"
        "|+442079460018|+447700900123|Daisy Ltd|London",
        {"deal": "Lathe", "person": "Bell Ann", "company": "Daisy Ltd"}, frozenset({"Deal - Won time"}),
    ),
    "pipedrive deals, cs": File(
        "pipedrive", "Obchod - ID|Obchod - Název|Obchod - Hodnota|Obchod - Měna hodnoty|Obchod - Fáze|Obchod - Stav"
        "|Obchod - Vlastník|Obchod - Obchod vytvořen|Osoba - Jméno|Osoba - E-mail - Práce|Osoba - Telefon - Mobilní"
        "|Organizace - Název",
        "2|Soustruh|900,50|CZK|Nabídka|Vyhráno|Boss|2024-02-01 10:00:00|Jan Novák|jan@example.com|+420601123456|Sedma",
        {"deal": "Soustruh", "person": "Novák Jan", "company": "Sedma"}, encodings=("cp1250", "utf-8"), delimiter=";",
    ),
    "salesforce contacts, api": File(
        "salesforce", "Id|FirstName|LastName|Email|Phone|MobilePhone|AccountId|OwnerId|Title|LeadSource|MailingStreet"
        "|MailingCity|MailingCountry|CreatedDate",
        "0035g00000XyzAbAAJ|Ann|Bell|ann@example.com|+442079460018|+447700900123||Boss|Buyer|Web|1 High St|London"
        "|United Kingdom|2024-02-03T10:15:00Z",
        {"person": "Bell Ann"},
    ),
    "salesforce opportunities, ru": File(
        "salesforce", "ID возможности|Имя возможности|Стадия|Сумма|Дата закрытия|Имя организации"
        "|Ответственный за возможность|Источник интереса|Вероятность (%)",
        "0065g00000XyzAb|Станок|Closed Won|90000|01.03.2024|Гвоздика|Boss|Web|100",
        {"deal": "Станок", "company": "Гвоздика"}, encodings=CYRILLIC, delimiter=";",
    ),
    "google, en": File(
        "google", "First Name|Middle Name|Last Name|Nickname|Organization Name|Organization Title|Birthday|Notes|Labels"
        "|E-mail 1 - Label|E-mail 1 - Value|Phone 1 - Label|Phone 1 - Value|Phone 2 - Label|Phone 2 - Value",
        "Ann||Bell||Daisy Ltd|Buyer|1980-02-01|Met at the fair||* Work|ann@example.com|Mobile|+447700900123|Work"
        "|+442079460018",
        {"person": "Bell Ann", "company": "Daisy Ltd"},
    ),
    "google, ru": File(
        "google", "Имя|Отчество|Фамилия|Название организации|Должность|День рождения|Заметки|Телефон 1 – Ярлык"
        "|Телефон 1 – Значение|Эл. почта 1 – Значение",
        "Анна||Белова|Лютик|Закупщик|1980-02-01|Познакомились|Мобильный|+79161234567|anna@example.com",
        {"person": "Белова Анна", "company": "Лютик"}, encodings=CYRILLIC,
    ),
    "outlook, en": File(
        "outlook", "Title|First Name|Middle Name|Last Name|Suffix|Company|Department|Job Title|Business Street"
        "|Business City|Business Fax|Business Phone|Home Phone|Mobile Phone|Birthday|E-mail Address|E-mail Type"
        "|E-mail Display Name|Notes|Web Page",
        "|Ann||Bell||Daisy Ltd||Buyer|1 High St|London||+442079460018||+447700900123|1980-02-01|ann@example.com|SMTP"
        "|Ann|Met at the fair|daisy.example",
        {"person": "Bell Ann", "company": "Daisy Ltd"},
    ),
    "outlook, ru": File(
        "outlook", "Обращение|Имя|Отчество|Фамилия|Организация|Отдел|Должность|Рабочий телефон|Телефон переносной"
        "|День рождения|Адрес эл. почты|Краткое имя эл. почты|Заметки|Веб-страница",
        "|Анна||Белова|Лютик||Закупщик|+74951234567|+79161234567|1980-02-01|anna@example.com|Анна|Познакомились|l.ru",
        {"person": "Белова Анна", "company": "Лютик"}, encodings=CYRILLIC,
    ),
}  # fmt: skip
