"""The company card."""

from comity.records.fields import choice, of, option, text
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
        text("bank_account", "Bank account", "Банковский счёт", "Банківський рахунок", "Банкова сметка",
             "Rekening bank", "الحساب المصرفي", group="requisites", in_list=False, max_length=60),
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
