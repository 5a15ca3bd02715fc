"""Exports of Pipedrive: deals, people, organizations; English, Czech, Russian, German, in part four more."""

from comity.exchange.imports.programs import form

DEAL = form("pipedrive", "deal", """
@id: Deal - ID | Obchod - ID | Сделка - ID | Угода - ID | Deal – ID | Trato - ID | Transaksi - ID
name: Deal - Title | Obchod - Název | Сделка - Название | Угода - Назва | Deal - Titel | Trato - Título
name: Transaksi - Judul | Title | Název
amount: Deal - Value | Obchod - Hodnota | Сделка - Стоимость | Сделка - Значение | Угода - Вартість | Deal - Wert
amount: Trato - Valor | Transaksi - Nilai
amount.@currency: Deal - Currency of value | Deal - Currency of Value | Deal - Currency | Obchod - Měna hodnoty
amount.@currency: Obchod - Měna | Сделка - Валюта | Угода - Валюта | Deal - Währung | Deal - Währung des Wertes
amount.@currency: Trato - Moneda | Transaksi - Mata uang
stage: Deal - Stage | Obchod - Fáze | Сделка - Этап | Угода - Етап | Deal - Phase | Trato - Etapa | Transaksi - Tahap
pipeline: Deal - Pipeline | Obchod - Pipeline | Сделка - Воронка | Угода - Воронка | Trato - Embudo
state: Deal - Status | Obchod - Stav | Сделка - Статус | Угода - Статус | Trato - Estado | Transaksi - Status
owner: Deal - Owner | Obchod - Vlastník | Сделка - Владелец | Сделка - Ответственный | Угода - Власник
owner: Deal - Besitzer | Deal - Inhaber | Trato - Propietario | Transaksi - Pemilik
expected_on: Deal - Expected close date | Obchod - Očekávané datum uzavření | Сделка - Ожидаемая дата закрытия
expected_on: Угода - Очікувана дата закриття | Deal - Erwartetes Abschlussdatum | Trato - Fecha prevista de cierre
@created_at: Deal - Deal created | Deal - Created | Obchod - Obchod vytvořen | Сделка - Сделка создана
@created_at: Сделка - Дата создания | Угода - Угоду створено | Deal - Deal erstellt | Trato - Trato creado
@created_by: Deal - Creator | Obchod - Autor | Сделка - Создатель
@closed_at: Deal - Won time | Obchod - Čas výhry | Сделка - Время выигрыша | Deal - Gewonnen am | Deal - Deal closed on
@closed_at: Deal - Lost time | Obchod - Čas prohry | Сделка - Время проигрыша | Deal - Verloren am
lost_reason: Deal - Lost reason | Obchod - Důvod ztráty | Сделка - Причина проигрыша | Deal - Grund des Verlusts
tags: Deal - Label | Obchod - Štítek | Сделка - Метка | Угода - Мітка | Deal - Beschriftung | Trato - Etiqueta
person.@id: Person - ID | Deal - Contact person ID | Osoba - ID | Контакт - ID
person.@name: Deal - Contact person | Person - Name | Obchod - Kontaktní osoba | Osoba - Jméno
person.@name: Сделка - Контактное лицо | Контакт - Имя | Person - Vollständiger Name | Persona - Nombre
person.given_name: Person - First name | Osoba - Křestní jméno
person.family_name: Person - Last name | Osoba - Příjmení
person.emails.work: Person - Email | Person - Email - Work | Osoba - E-mail | Osoba - E-mail - Práce
person.emails.work: Контакт - E-mail | Контакт - Электронная почта | Person - E-Mail | Persona - Correo electrónico
person.emails.home: Person - Email - Home | Osoba - E-mail - Domů
person.emails.other: Person - Email - Other | Osoba - E-mail - Jiné
person.phones.work: Person - Phone | Person - Phone - Work | Osoba - Telefon | Osoba - Telefon - Práce
person.phones.work: Контакт - Телефон | Person - Telefon | Persona - Teléfono
person.phones.mobile: Person - Phone - Mobile | Osoba - Telefon - Mobilní
person.phones.home: Person - Phone - Home | Osoba - Telefon - Domů
person.phones.other: Person - Phone - Other | Osoba - Telefon - Jiné
company.@id: Organization - ID | Organizace - ID | Организация - ID | Deal - Organization ID
company.name: Deal - Organization | Organization - Name | Obchod - Organizace | Organizace - Název
company.name: Сделка - Организация | Организация - Название | Угода - Організація | Deal - Organisation
company.name: Organisation - Name | Trato - Organización | Organización - Nombre | Transaksi - Organisasi
company.actual_address: Organization - Address | Organizace - Adresa | Организация - Адрес | Organisation - Adresse
-: Deal - Probability | Deal - Weighted value | Deal - Update time | Deal - Last stage change
-: Deal - Next activity date
-: Deal - Total activities | Deal - Done activities | Deal - Activities to do | Deal - Last activity date
-: Deal - Email messages count | Deal - Visible to | Obchod - Pravděpodobnost | Сделка - Вероятность
""")  # fmt: skip
PERSON = form("pipedrive", "person", """
@id: Person - ID | Osoba - ID | Контакт - ID | Person – ID
@name: Person - Name | Osoba - Jméno | Контакт - Имя | Persona - Nombre
given_name: Person - First name | Osoba - Křestní jméno | Контакт - Имя (первое)
family_name: Person - Last name | Osoba - Příjmení | Контакт - Фамилия
emails.work: Person - Email | Person - Email - Work | Osoba - E-mail | Osoba - E-mail - Práce | Контакт - E-mail
emails.home: Person - Email - Home | Osoba - E-mail - Domů
emails.other: Person - Email - Other | Osoba - E-mail - Jiné
phones.work: Person - Phone | Person - Phone - Work | Osoba - Telefon | Osoba - Telefon - Práce | Контакт - Телефон
phones.mobile: Person - Phone - Mobile | Osoba - Telefon - Mobilní
phones.home: Person - Phone - Home | Osoba - Telefon - Domů
phones.other: Person - Phone - Other | Osoba - Telefon - Jiné
owner: Person - Owner | Osoba - Vlastník | Контакт - Владелец
position: Person - Job title | Osoba - Pracovní pozice | Контакт - Должность
tags: Person - Label | Person - Labels | Osoba - Štítek | Контакт - Метка
@created_at: Person - Person created | Osoba - Osoba vytvořena | Контакт - Контакт создан
company.name: Person - Organization | Organization - Name | Osoba - Organizace | Organizace - Název
company.name: Контакт - Организация | Организация - Название
company.@id: Organization - ID | Organizace - ID | Организация - ID
company.actual_address: Organization - Address | Organizace - Adresa | Организация - Адрес
-: Person - Open deals | Person - Won deals | Person - Lost deals | Person - Closed deals | Person - Update time
-: Person - Next activity date | Person - Last activity date | Person - Total activities | Person - Visible to
""")  # fmt: skip
COMPANY = form("pipedrive", "company", """
@id: Organization - ID | Organizace - ID | Организация - ID
name: Organization - Name | Organizace - Název | Организация - Название | Organisation - Name
actual_address: Organization - Address | Organizace - Adresa | Организация - Адрес | Organisation - Adresse
owner: Organization - Owner | Organizace - Vlastník | Организация - Владелец
tags: Organization - Label | Organizace - Štítek | Организация - Метка
@created_at: Organization - Organization created | Organizace - Organizace vytvořena
-: Organization - Open deals | Organization - Won deals | Organization - Lost deals | Organization - People
-: Organization - Update time | Organization - Next activity date | Organization - Last activity date
""")  # fmt: skip
FORMS = (DEAL, PERSON, COMPANY)
