"""The card of a person."""

from comity.parties.companies.model import KINDS
from comity.records.fields import choice, of, option, text
from comity.records.models import Record

SALUTATIONS = (
    option("mr", "Mr", "Г-н", "Пан", "Г-н", "Bapak", "السيد"),
    option("ms", "Ms", "Г-жа", "Пані", "Г-жа", "Ibu", "السيدة"),
    option("dr", "Dr", "Д-р", "Д-р", "Д-р", "Dr.", "د."),
    option("prof", "Prof.", "Проф.", "Проф.", "Проф.", "Prof.", "أ.د."),
)
GENDERS = (
    option("female", "Female", "Женский", "Жіноча", "Жена", "Perempuan", "أنثى"),
    option("male", "Male", "Мужской", "Чоловіча", "Мъж", "Laki-laki", "ذكر"),
    option("other", "Other", "Другой", "Інша", "Друго", "Lainnya", "آخر"),
)
ADDRESSES = (
    option("formal", "Formal", "На «вы»", "На «ви»", "На „Вие“", "Formal", "رسمية"),
    option("informal", "Informal", "На «ты»", "На «ти»", "На „ти“", "Akrab", "ودية"),
)


class Person(Record):
    """Somebody we talk to. A new shipped field is one more line here and a migration."""

    specs = (
        text("given_name", "Given name", "Имя", "Ім’я", "Собствено име", "Nama depan", "الاسم الأول",
             search=True, quick=True, duplicate=True, personal=True, max_length=100),
        text("patronymic", "Patronymic", "Отчество", "По батькові", "Бащино име", "Nama ayah", "اسم الأب",
             search=True, personal=True, max_length=100, in_list=False),
        text("family_name", "Family name", "Фамилия", "Прізвище", "Фамилия", "Nama belakang", "اسم العائلة",
             search=True, quick=True, duplicate=True, personal=True, max_length=100),
        choice("salutation", "Salutation", "Обращение", "Звертання", "Обръщение", "Sapaan", "اللقب",
               choices=SALUTATIONS, in_list=False),
        text("position", "Position", "Должность", "Посада", "Длъжност", "Jabatan", "المنصب", search=True),
        of("link", "company", "Company", "Компания", "Компанія", "Фирма", "Perusahaan", "الشركة",
           target="company", relation="works_at"),
        choice("kind", "Status", "Статус", "Статус", "Статус", "Status", "الحالة", choices=KINDS, indexed=True,
               when="person_clients"),
        of("phones", "phones", "Phones", "Телефоны", "Телефони", "Телефони", "Telepon", "الهواتف", search=True,
           personal=True, quick=True, duplicate=True),
        of("emails", "emails", "E-mails", "Эл. почта", "Ел. пошта", "Имейли", "Email", "البريد الإلكتروني",
           search=True, personal=True, duplicate=True),
        of("handles", "handles", "Messengers", "Мессенджеры", "Месенджери", "Месинджъри", "Aplikasi pesan",
           "تطبيقات المراسلة", search=True, personal=True, in_list=False),
        choice("form_of_address", "Form of address", "Форма обращения", "Форма звертання", "Форма на обръщение",
               "Bentuk sapaan", "صيغة المخاطبة", choices=ADDRESSES, group="personal", in_list=False),
        choice("gender", "Gender", "Пол", "Стать", "Пол", "Jenis kelamin", "الجنس", choices=GENDERS,
               group="personal", personal=True),
        of("date", "birth_date", "Birth date", "Дата рождения", "Дата народження", "Рождена дата", "Tanggal lahir",
           "تاريخ الميلاد", group="personal", personal=True),
        of("languages", "languages", "Languages", "Языки", "Мови", "Езици", "Bahasa", "اللغات", group="personal"),
        of("address", "address", "Address", "Адрес", "Адреса", "Адрес", "Alamat", "العنوان", personal=True,
           search=True, group="personal"),
        of("longtext", "about", "About", "О человеке", "Про людину", "За човека", "Tentang", "نبذة", search=True,
           personal=True, in_list=False),
    )  # fmt: skip
