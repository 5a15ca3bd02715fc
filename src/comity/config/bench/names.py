"""What people, companies, deals and tasks of the benchmark are called: five languages, thousands of different names."""

from random import Random

RARE = "Quillfeather"  # nobody else is called so

_GIVEN = {
    "en": "Ada Alan Bella Carl Dora Edwin Fiona George Hanna Ian Jane Kevin Laura Martin Nora Oscar Paula Quentin Rose "
          "Simon Tessa Victor Wanda Yves Zoe",
    "ru": "Анна Борис Вера Глеб Дарья Егор Жанна Захар Ирина Кирилл Лидия Максим Нина Олег Павел Роман София Тимур "
          "Ульяна Фёдор Юлия Яков",
    "bg": "Ангел Биляна Васил Галя Димитър Елена Живко Здравка Иван Калина Любен Мария Никола Радка Стоян Цветан",
    "id": "Agus Budi Citra Dewi Eko Fitri Gunawan Hadi Indah Joko Kartika Lestari Made Nur Putri Rina Sari Wayan",
    "ar": "أحمد بدر تامر جمال حسن خالد داود رامي سامي طارق عادل فاطمة كريم ليلى مريم نور هدى ياسر",
}  # fmt: skip
_ROOTS = {
    "en": "Ash Black Brook Carl Dun East Fair Green Hart Inger John King Lang Mill North Oak Park Quin Rich Stone "
          "Thorn Under Wood York",
    "ru": "Абрам Белоус Вороб Громык Дорон Ершак Жилин Зайк Ильин Комар Лобан Морозк Никит Орлан Петр Рыбак Сидор "
          "Тарас Устин Фомин Холод Шуб",
    "bg": "Ангел Бон Вълк Ген Добр Желяз Иван Кол Люб Мин Нен Пенк Рус Стамб Тод Цан",
    "id": "Adi Bima Darma Eka Guna Hari Jaya Kusu Lingga Maha Nata Praba Raja Surya Tri Wira",
    "ar": "الأحمد البكر التميم الجابر الحسن الخطاب الدوس الراش السعد الشام الصالح الطاه العمر الفار القاس المنصور",
}  # fmt: skip
_ENDINGS = {
    "en": "field ford ham ley man son ton well worth by", "ru": "ов ев ин енко ский ук ич ко ян ёв",
    "bg": "ов ев ски чев нов инов еров алиев", "id": "ta wan wati na putra ma sari di",
    "ar": "ي اوي اني وي ة ين ان ات",
}  # fmt: skip
_POSITIONS = {
    "en": "Director|Buyer|Chief engineer|Accountant|Lawyer|Head of sales",
    "ru": "Директор|Закупщик|Главный инженер|Бухгалтер|Юрист|Начальник отдела продаж",
    "bg": "Директор|Купувач|Главен инженер|Счетоводител|Юрист|Търговски директор",
    "id": "Direktur|Pembelian|Kepala teknik|Akuntan|Pengacara|Kepala penjualan",
    "ar": "مدير|مشترٍ|كبير المهندسين|محاسب|محامٍ|رئيس المبيعات",
}  # fmt: skip
_FIRMS = {
    "en": "{0} Trading Ltd|{0} & {1}|{0} Works|{0} Logistics", "ru": "ООО «{0}»|{0} и {1}|Завод «{0}»|Торговый дом {0}",
    "bg": "{0} ООД|{0} и {1}|Фабрика {0}", "id": "PT {0}|CV {0} {1}|{0} Sejahtera",
    "ar": "شركة {0}|مؤسسة {0} و{1}|مصنع {0}",
}  # fmt: skip
_GOODS = {
    "en": "Cooling plant|Packing line|Yearly maintenance|Office furniture|Spare parts|Solar roof",
    "ru": "Холодильная установка|Упаковочная линия|Годовое обслуживание|Мебель для офиса|Запчасти|Солнечная крыша",
    "bg": "Хладилна инсталация|Опаковъчна линия|Годишна поддръжка|Офис мебели|Резервни части|Соларен покрив",
    "id": "Mesin pendingin|Lini pengemasan|Perawatan tahunan|Mebel kantor|Suku cadang|Atap surya",
    "ar": "محطة تبريد|خط تغليف|صيانة سنوية|أثاث مكتبي|قطع غيار|سقف شمسي",
}  # fmt: skip
_TASKS = {
    "en": "Call and ask about the quote|Send the drawings|Agree on a day|Check the terms",
    "ru": "Позвонить и узнать о предложении|Отправить чертежи|Договориться о дне|Проверить условия",
    "bg": "Обади се и питай за офертата|Изпрати чертежите|Уговори ден|Провери условията",
    "id": "Telepon soal penawaran|Kirim gambar kerja|Sepakati hari|Periksa syarat",
    "ar": "الاتصال للسؤال عن العرض|إرسال الرسومات|الاتفاق على يوم|مراجعة الشروط",
}  # fmt: skip
LANGUAGES = tuple(_GIVEN)
CITIES = {
    "en": ("Leeds", "GB"), "ru": ("Казань", "RU"), "bg": ("Пловдив", "BG"), "id": ("Bandung", "ID"),
    "ar": ("القاهرة", "EG"),
}  # fmt: skip

_given = {language: text.split() for language, text in _GIVEN.items()}
_roots = {language: text.split() for language, text in _ROOTS.items()}
_endings = {language: text.split() for language, text in _ENDINGS.items()}
_positions = {language: text.split("|") for language, text in _POSITIONS.items()}
_firms = {language: text.split("|") for language, text in _FIRMS.items()}
_goods = {language: text.split("|") for language, text in _GOODS.items()}
_tasks = {language: text.split("|") for language, text in _TASKS.items()}


def given(chance: Random, language: str) -> str:
    """A given name."""
    return chance.choice(_given[language])


def family(chance: Random, language: str) -> str:
    """A family name."""
    return chance.choice(_roots[language]) + chance.choice(_endings[language])


def position(chance: Random, language: str) -> str:
    """What somebody does in the firm."""
    return chance.choice(_positions[language])


def firm(chance: Random, language: str) -> str:
    """The name of a company."""
    return chance.choice(_firms[language]).format(family(chance, language), family(chance, language))


def deal(chance: Random, language: str) -> str:
    """What is sold, and where it goes."""
    return f"{chance.choice(_goods[language])}, {family(chance, language)}"


def task(chance: Random, language: str) -> str:
    """What is to be done."""
    return chance.choice(_tasks[language])
