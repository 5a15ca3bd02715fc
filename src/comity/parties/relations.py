"""How people and companies hang together."""

from comity.records.fields import option
from comity.records.labels import Label
from comity.records.relations import Kind, register

ROLES = (
    option("director", "Director", "Директор", "Директор", "Директор", "Direktur", "مدير", hue=1),
    option("buyer", "Buyer", "Закупщик", "Закупівельник", "Снабдител", "Staf pembelian", "مسؤول المشتريات", hue=2),
    option("engineer", "Engineer", "Инженер", "Інженер", "Инженер", "Insinyur", "مهندس", hue=3),
    option("accountant", "Accountant", "Бухгалтер", "Бухгалтер", "Счетоводител", "Akuntan", "محاسب", hue=5),
    option("lawyer", "Lawyer", "Юрист", "Юрист", "Юрист", "Pengacara", "محامٍ", hue=6),
    option("assistant", "Assistant", "Помощник", "Помічник", "Асистент", "Asisten", "مساعد", hue=8),
    option("user", "User", "Пользователь", "Користувач", "Ползвател", "Pengguna", "مستخدم", hue=7),
    option("decider", "Decides", "Принимает решение", "Ухвалює рішення", "Взема решения", "Pengambil keputusan",
           "صاحب القرار", hue=4),
)  # fmt: skip

WORKS_AT = register(
    Kind(
        "works_at",
        Label("Companies", "Компании", "Компанії", "Фирми", "Perusahaan", "الشركات"),
        Label("People", "Люди", "Люди", "Хора", "Orang", "الأشخاص"),
        from_type="person",
        to_type="company",
        roles=ROLES,
    )
)
PARENT = register(
    Kind(
        "belongs_to",
        Label("Belongs to", "Входит в", "Входить до", "Част от", "Bagian dari", "تتبع"),
        Label("Subsidiaries", "Дочерние компании", "Дочірні компанії", "Дъщерни фирми", "Anak perusahaan",
              "الشركات التابعة"),
        from_type="company",
        to_type="company",
    )
)  # fmt: skip
