"""Exports of Salesforce: API names of the data loader, labels of reports in English, Russian and German."""

from comity.exchange.imports.programs import form

CONTACT = form("salesforce", "person", """
@id: Id | Contact ID | ID контакта | Kontakt-ID
given_name: FirstName | First Name | Имя | Vorname
patronymic: MiddleName | Middle Name
family_name: LastName | Last Name | Фамилия | Nachname
@name: Name | Full Name | Contact Name | Имя контакта | Kontaktname
salutation: Salutation | Обращение | Anrede
emails.work: Email | Эл. почта | Адрес эл. почты | E-Mail
phones.work: Phone | Business Phone | Телефон | Рабочий телефон | Telefon
phones.mobile: MobilePhone | Mobile | Mobile Phone | Мобильный телефон | Mobil
phones.home: HomePhone | Home Phone | Домашний телефон
phones.other: OtherPhone | Other Phone | AssistantPhone | Другой телефон
phones.fax: Fax | Факс
company.@id: AccountId | Account ID | ID организации | Account-ID
company.name: Account Name | Account.Name | Имя организации | Название организации | Accountname
owner: OwnerId | Contact Owner | Ответственный за контакт | Владелец контакта | Kontaktinhaber
position: Title | Должность | Titel
birth_date: Birthdate | Дата рождения | Geburtsdatum
address.street: MailingStreet | Mailing Street | Mailing Address Line 1 | Почтовый адрес: улица | Postanschrift Straße
address.city: MailingCity | Mailing City | Почтовый адрес: город | Postanschrift Ort
address.region: MailingState | Mailing State/Province | Почтовый адрес: область
address.postcode: MailingPostalCode | Mailing Zip/Postal Code | Почтовый адрес: индекс
address.country: MailingCountry | Mailing Country | Почтовый адрес: страна
@note.source: LeadSource | Lead Source | Источник интереса | Leadquelle
@note: Description | Описание | Beschreibung
@created_at: CreatedDate | Created Date | Дата создания | Erstelldatum
@created_by: CreatedById | Created By | Кем создано | Erstellt von
-: LastModifiedDate | LastModifiedById | SystemModstamp | IsDeleted | ReportsToId | MasterRecordId | LastActivityDate
-: Last Modified Date | Last Modified By | Department | Last Activity
""")  # fmt: skip
ACCOUNT = form("salesforce", "company", """
@id: Id | Account ID | ID организации | Account-ID
name: Name | Account Name | Имя организации | Название организации | Accountname
phones.work: Phone | Телефон | Telefon
phones.fax: Fax | Факс
website: Website | Веб-сайт
actual_address.street: BillingStreet | Billing Street | Billing Address Line 1
actual_address.city: BillingCity | Billing City
actual_address.region: BillingState | Billing State/Province
actual_address.postcode: BillingPostalCode | Billing Zip/Postal Code
actual_address.country: BillingCountry | Billing Country
turnover: AnnualRevenue | Annual Revenue | Годовой доход
employees: NumberOfEmployees | Employees | Сотрудники | Mitarbeiter
owner: OwnerId | Account Owner | Ответственный за организацию | Accountinhaber
@note.industry: Industry | Отрасль | Branche
@note.kind: Type | Account Type | Тип
@note: Description | Описание
@created_at: CreatedDate | Created Date | Дата создания
@created_by: CreatedById | Created By | Кем создано
-: LastModifiedDate | LastModifiedById | SystemModstamp | IsDeleted | ParentId | ShippingStreet | ShippingCity
-: ShippingState | ShippingPostalCode | ShippingCountry | Rating | Ownership | Sic | TickerSymbol
""")  # fmt: skip
LEAD = form("salesforce", "lead", """
@id: Id | Lead ID | ID интереса
contact_name: FirstName | First Name | Имя
contact_name.@3: LastName | Last Name | Фамилия
company_name: Company | Company / Account | Компания | Компания/организация
emails.work: Email | Эл. почта
phones.work: Phone | Телефон
phones.mobile: MobilePhone | Mobile | Мобильный телефон
state: Status | Lead Status | Статус интереса
source: LeadSource | Lead Source | Источник интереса
owner: OwnerId | Lead Owner | Ответственный за интерес
need: Description | Описание
@note.position: Title | Должность
@note.industry: Industry
@created_at: CreatedDate | Created Date | Create Date
@created_by: CreatedById | Created By
-: IsConverted | ConvertedDate | ConvertedAccountId | ConvertedContactId | ConvertedOpportunityId | Rating
-: LastModifiedDate | LastModifiedById | SystemModstamp | IsDeleted
""")  # fmt: skip
OPPORTUNITY = form("salesforce", "deal", """
@id: Id | Opportunity ID | ID возможности | Opportunity-ID
name: Name | Opportunity Name | Имя возможности | Название возможности | Opportunity-Name
stage: StageName | Stage | Стадия | Этап | Phase
amount: Amount | Сумма | Betrag
amount.@currency: CurrencyIsoCode | Amount Currency | Opportunity Currency | Валюта
expected_on: CloseDate | Close Date | Дата закрытия | Schlußtermin | Abschlusstermin
company.@id: AccountId | Account ID | ID организации
company.name: Account Name | Account.Name | Имя организации | Название организации | Accountname
owner: OwnerId | Opportunity Owner | Ответственный за возможность | Opportunity-Inhaber
source: LeadSource | Lead Source | Источник интереса | Leadquelle
@note.kind: Type | Тип | Typ
@note.next: NextStep | Next Step | Следующий шаг | Nächster Schritt
@note: Description | Описание | Beschreibung
@created_at: CreatedDate | Created Date | Дата создания | Erstelldatum
@created_by: CreatedById | Created By | Кем создано | Erstellt von
-: Probability | Probability (%) | Вероятность (%) | IsWon | IsClosed | Won | Closed | ForecastCategory | Fiscal
-: FiscalYear | FiscalQuarter | Fiscal Period | Age | ExpectedRevenue | LastModifiedDate | LastModifiedById
-: SystemModstamp | IsDeleted | Pricebook2Id | CampaignId | HasOpportunityLineItem | Owner Role
""")  # fmt: skip
FORMS = (CONTACT, ACCOUNT, LEAD, OPPORTUNITY)
