"""The company card."""

from comity.records.fields import choice, of, option, text
from comity.records.labels import Label
from comity.records.models import Record

KINDS = (
    option("prospect", "Prospect", "Потенциальный", "Потенційний", "Потенциален", "Calon", "محتمل", hue=2),
    option("customer", "Customer", "Клиент", "Клієнт", "Клиент", "Pelanggan", "عميل", hue=7),
    option("partner", "Partner", "Партнёр", "Партнер", "Партньор", "Mitra", "شريك", hue=3),
    option("supplier", "Supplier", "Поставщик", "Постачальник", "Доставчик", "Pemasok", "مورّد", hue=5),
    option("competitor", "Competitor", "Конкурент", "Конкурент", "Конкурент", "Pesaing", "منافس", hue=4),
    option("former", "Former customer", "Бывший клиент", "Колишній клієнт", "Бивш клиент", "Mantan pelanggan",
           "عميل سابق", hue=8),
)  # fmt: skip

ACCOUNTS = Label(
    "One account a line: an IBAN, or the number with the bank’s code (BIK) behind it.",
    "Один счёт на строке: номер счёта и за ним БИК банка, или IBAN.",
    "Один рахунок на рядок: IBAN або номер і за ним код банку.",
    "По една сметка на ред: IBAN или номер и след него кодът на банката.",
    "Satu rekening per baris: IBAN, atau nomor diikuti kode bank.",
    "حساب واحد في كل سطر: رقم آيبان، أو رقم الحساب يليه رمز البنك.",
)


class Company(Record):
    """A firm we work with. A new shipped field is one more line here and a migration."""

    specs = (
        text("name", "Name", "Название", "Назва", "Име", "Nama", "الاسم", required="always", search=True, quick=True,
             duplicate=True),
        text("legal_name", "Legal name", "Юридическое название", "Юридична назва", "Юридическо име", "Nama resmi",
             "الاسم القانوني", search=True, duplicate=True),
        choice("kind", "Status", "Статус", "Статус", "Статус", "Status", "الحالة", choices=KINDS, indexed=True),
        of("phones", "phones", "Phones", "Телефоны", "Телефони", "Телефони", "Telepon", "الهواتف", search=True,
           quick=True, duplicate=True),
        of("emails", "emails", "E-mails", "Эл. почта", "Ел. пошта", "Имейли", "Email", "البريد الإلكتروني",
           search=True, duplicate=True),
        of("handles", "handles", "Messengers", "Мессенджеры", "Месенджери", "Месинджъри", "Aplikasi pesan",
           "تطبيقات المراسلة", search=True, in_list=False),
        of("url", "website", "Website", "Сайт", "Сайт", "Уебсайт", "Situs web", "الموقع", search=True),
        of("country", "country", "Country", "Страна", "Країна", "Държава", "Negara", "البلد", indexed=True),
        of("address", "legal_address", "Legal address", "Юридический адрес", "Юридична адреса",
           "Адрес на управление", "Alamat resmi", "العنوان القانوني", group="requisites", in_list=False),
        of("address", "actual_address", "Actual address", "Фактический адрес", "Фактична адреса",
           "Адрес за кореспонденция", "Alamat operasional", "العنوان الفعلي", search=True),
        of("taxnumber", "tax_number", "Tax number", "ИНН / налоговый номер", "Податковий номер", "ЕИК / ДДС номер",
           "NPWP / nomor pajak", "الرقم الضريبي", group="requisites", search=True, duplicate=True, max_length=32),
        text("reg_number", "Registration number", "ОГРН / рег. номер", "Реєстраційний номер", "Регистрационен номер",
             "Nomor registrasi", "رقم السجل التجاري", group="requisites", search=True, in_list=False, max_length=40,
             extra={"check": "registration"}),
        text("reason_code", "Tax office code", "КПП", "Код податкової", "Код на данъчната служба", "Kode kantor pajak",
             "رمز مكتب الضرائب", group="requisites", in_list=False, max_length=40, extra={"check": "reason_code"}),
        of("longtext", "bank_account", "Bank accounts", "Банковские счета", "Банківські рахунки", "Банкови сметки",
           "Rekening bank", "الحسابات المصرفية", group="requisites", in_list=False, extra={"check": "accounts"},
           help=ACCOUNTS),
        of("integer", "employees", "Employees", "Сотрудники", "Працівники", "Служители", "Karyawan", "الموظفون",
           unit="pieces", group="business"),
        of("money", "turnover", "Annual turnover", "Годовой оборот", "Річний оборот", "Годишен оборот",
           "Omzet tahunan", "الإيراد السنوي", group="business"),
        of("percent", "discount", "Discount", "Скидка", "Знижка", "Отстъпка", "Diskon", "الخصم", group="business"),
        of("integer", "payment_days", "Pays within", "Платит в течение", "Платить протягом", "Плаща до",
           "Bayar dalam", "يدفع خلال", unit="days", group="business", in_list=False),
        of("date", "client_since", "Client since", "Клиент с", "Клієнт з", "Клиент от", "Pelanggan sejak", "عميل منذ",
           group="business"),
        of("longtext", "about", "About", "О компании", "Про компанію", "За фирмата", "Tentang", "نبذة",
           search=True, in_list=False),
    )  # fmt: skip
