"""The lists consents choose from, changed by clicks: for what they are given, and how."""

from comity.records.fields import option
from comity.records.labels import Label
from comity.records.options import OptionList, register

PURPOSES = register(OptionList(
    "consent_purpose", Label("Purposes of consent", "Цели согласий", "Цілі згод", "Цели на съгласията",
                             "Tujuan persetujuan", "أغراض الموافقة"),
    (
        option("processing", "Processing of personal data", "Обработка персональных данных",
               "Обробка персональних даних", "Обработване на лични данни", "Pemrosesan data pribadi",
               "معالجة البيانات الشخصية"),
        option("mail", "News and offers by e-mail", "Новости и предложения по эл. почте",
               "Новини та пропозиції ел. поштою", "Новини и оферти по имейл", "Kabar dan penawaran lewat email",
               "الأخبار والعروض عبر البريد الإلكتروني"),
        option("phone", "Offers by phone and messenger", "Предложения по телефону и в мессенджерах",
               "Пропозиції телефоном і в месенджерах", "Оферти по телефон и месинджър",
               "Penawaran lewat telepon dan aplikasi pesan", "العروض عبر الهاتف وتطبيقات المراسلة"),
    ),
))  # fmt: skip
WAYS = register(OptionList(
    "consent_way", Label("Ways of consent", "Как получены согласия", "Як отримано згоди", "Как са получени съгласията",
                         "Cara persetujuan", "طرق الموافقة"),
    (
        option("in_person", "In person", "Лично", "Особисто", "Лично", "Secara langsung", "شخصيًا"),
        option("paper", "On paper", "На бумаге", "На папері", "На хартия", "Di atas kertas", "على الورق"),
        option("phone", "By phone", "По телефону", "Телефоном", "По телефона", "Lewat telepon", "عبر الهاتف"),
        option("mail", "By e-mail", "По эл. почте", "Ел. поштою", "По имейл", "Lewat email",
               "عبر البريد الإلكتروني"),
        option("web_form", "Web form", "Форма на сайте", "Форма на сайті", "Форма на сайта", "Formulir web",
               "نموذج على الموقع"),
    ),
))  # fmt: skip
