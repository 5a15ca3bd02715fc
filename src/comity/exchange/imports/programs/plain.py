"""Headings that people themselves write, whatever program a file is from; by type of card."""

from comity.exchange.imports.programs import form

_SYSTEM = """
@id: ID | № | Внешний ID | External ID | Код
owner: Ответственный | Менеджер | Владелец | Owner | Manager | Responsible | Відповідальний | Отговорник | Мениджър
owner: Penanggung jawab | المسؤول | Куратор
@created_at: Дата создания | Создано | Создан | Добавлено | Created | Created at | Date created | Added | Дата створення
@created_at: Дата на създаване | Tanggal dibuat | تاريخ الإنشاء | Дата добавления
@created_by: Кем создан | Автор | Created by | Author | Створив | Създал | Dibuat oleh | أنشأه
@note: Комментарий | Комментарии | Примечание | Примечание # | Заметка | Заметки | Note | Notes | Note # | Comment
@note: Comments | Коментар | Примітка | Бележка | Бележки | Catatan | ملاحظة | ملاحظات | Remarks
tags: Теги | Метки | Тэги | Tags | Labels | Мітки | Етикети | Label | الوسوم
"""
_POINTS = """
phones: Телефон | Телефоны | Тел | Тел. | Номер телефона | Телефон # | Phone | Phones | Phone # | Telephone | Tel
phones: Phone number | Телефони | Telepon | Nomor telepon | الهاتف | هاتف | رقم الهاتف | Телефонен номер
phones.mobile: Мобильный | Мобильный телефон | Моб. телефон | Сотовый | Mobile | Mobile phone | Cell | Мобільний | HP
phones.mobile: Мобилен | Мобилен телефон | الجوال | موبايل | No HP
phones.work: Рабочий телефон | Work phone | Business phone | Office phone | Служебен телефон
emails: E-mail | Email | Почта | Эл. почта | Электронная почта | Эл. адрес | Mail | E-mail # | Email # | Е-мейл | Емейл
emails: Имейл | Пошта | Електронна пошта | Surel | البريد | البريد الإلكتروني | Email address | E-mail address
"""
PERSON = form("", "person", f"""
{_SYSTEM.strip()}
{_POINTS.strip()}
@name: ФИО | Ф.И.О. | Контакт | Контактное лицо | Клиент | Имя и фамилия | Full name | Name | Contact | Contact name
@name: Client | Customer | ПІБ | Контактна особа | Клієнт | Име и фамилия | Nama lengkap | Nama | الاسم الكامل | الاسم
given_name: Имя | First name | Given name | Ім’я | Собствено име | Nama depan | الاسم الأول
patronymic: Отчество | Middle name | По батькові | Презиме | Бащино име
family_name: Фамилия | Last name | Surname | Family name | Прізвище | Nama belakang | اسم العائلة
company.name: Компания | Организация | Фирма | Company | Company name | Organization | Organisation | Компанія
company.name: Perusahaan | الشركة | Название компании | Място на работа | Место работы
company.tax_number: ИНН | ЄДРПОУ | ЕИК | NPWP | Tax number | VAT | VAT number | الرقم الضريبي
position: Должность | Position | Job title | Title | Посада | Длъжност | Jabatan | المنصب
birth_date: Дата рождения | День рождения | Birthday | Birth date | Date of birth | Дата народження | Рождена дата
address: Адрес | Address | Адреса | Alamat | العنوان
address.city: Город | City | Місто | Град | Kota | المدينة
handles.telegram: Telegram | Телеграм
handles.whatsapp: WhatsApp | Ватсап
handles.viber: Viber | Вайбер
""")  # fmt: skip
COMPANY = form("", "company", f"""
{_SYSTEM.strip()}
{_POINTS.strip()}
name: Название | Компания | Организация | Наименование | Название компании | Клиент | Name | Company | Company name
name: Organization | Client | Customer | Назва | Компанія | Клієнт | Фирма | Име | Perusahaan | Nama | الشركة
name: Контрагент
legal_name: Юридическое название | Полное наименование | Legal name | Юридична назва
tax_number: ИНН | ЄДРПОУ | ЕИК | NPWP | Tax number | VAT | VAT number | Tax ID | الرقم الضريبي | УНП | БИН
website: Сайт | Веб-сайт | Website | Site | Web | URL | Уебсайт | Situs web | الموقع
actual_address: Адрес | Address | Адреса | Alamat | العنوان | Фактический адрес
actual_address.city: Город | City | Місто | Град | Kota | المدينة
legal_address: Юридический адрес | Legal address
person.@name: Контактное лицо | Контакт | Contact | Contact person | Контактна особа | Лице за контакт | Директор
turnover: Оборот | Годовой оборот | Turnover | Revenue | Annual revenue
employees: Сотрудники | Число сотрудников | Employees
bank_account: Расчётный счёт | Расчетный счет | Р/с | Bank account | IBAN
""")  # fmt: skip
DEAL = form("", "deal", f"""
{_SYSTEM.strip()}
name: Название | Сделка | Название сделки | Предмет | Заказ | Проект | Name | Title | Deal | Deal name | Subject | Order
name: Назва | Угода | Сделка | Transaksi | Judul | الصفقة | العنوان | Opportunity
amount: Сумма | Бюджет | Стоимость | Цена | Amount | Value | Sum | Total | Budget | Price | Сума | Вартість | Nilai
amount: Jumlah | المبلغ | القيمة
amount.@currency: Валюта | Currency | Mata uang | العملة
stage: Этап | Стадия | Статус | Этап сделки | Stage | Status | Етап | Стадія | Tahap | المرحلة | Фаза
pipeline: Воронка | Pipeline | Фуния | Alur | المسار | Направление
expected_on: Ожидаемая дата закрытия | Плановая дата | Дата закрытия | Expected close date | Close date | Expected
source: Источник | Source | Джерело | Източник | Sumber | المصدر
company.name: Компания | Организация | Клиент | Company | Organization | Client | Customer | Account | Компанія
company.name: Клієнт | Фирма | Perusahaan | Klien | الشركة | العميل | Контрагент
company.tax_number: ИНН | ЄДРПОУ | ЕИК | NPWP | Tax number | VAT | الرقم الضريبي
person.@name: Контакт | Контактное лицо | ФИО | Имя | Contact | Contact person | Person | Контактна особа | Kontak
person.@name: جهة الاتصال | Лице за контакт | Contact name | Имя контакта
person.phones: Телефон | Телефон контакта | Phone | Contact phone | Telepon | الهاتف
person.phones.mobile: Мобильный | Мобильный телефон | Mobile
person.emails: E-mail | Email | Почта | Эл. почта | E-mail контакта | Contact email | Имейл | البريد الإلكتروني
person.position: Должность | Position | Job title
lines.name: Товар | Продукт | Product | Item | Позиция
lines.quantity: Количество | Кол-во | Quantity | Qty
""")  # fmt: skip
LEAD = form("", "lead", f"""
{_SYSTEM.strip()}
{_POINTS.strip()}
contact_name: Имя | ФИО | Контакт | Клиент | Name | Contact | Full name | Ім’я | ПІБ | Nama | الاسم
company_name: Компания | Организация | Company | Organization | Компанія | Фирма | Perusahaan | الشركة
need: Запрос | Заявка | Потребность | Что нужно | Request | Inquiry | Message | Сообщение | Need
source: Источник | Source | Джерело | Източник | Sumber | المصدر
campaign: Кампания | Campaign | utm_campaign
budget: Бюджет | Сумма | Budget | Amount
budget.@currency: Валюта | Currency
""")  # fmt: skip
TASK = form(
    "",
    "task",
    """
@id: ID | №
name: Задача | Тема | Дело | Название | Task | Subject | Title | Завдання | Tugas | المهمة
due_at: Срок | Дедлайн | Крайний срок | Due | Due date | Deadline | Термін | Tenggat | الموعد
owner: Ответственный | Исполнитель | Owner | Assignee | Responsible | Assigned to
details: Описание | Описание задачи | Details | Description
person.@name: Контакт | Contact | Person
company.name: Компания | Company | Организация
deal.name: Сделка | Deal
""",
)
FORMS = (PERSON, COMPANY, DEAL, LEAD, TASK)
