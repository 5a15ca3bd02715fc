"""The lists sales brings: where clients come from, why deals are won and lost, why inquiries are refused."""

from comity.records.fields import option
from comity.records.labels import Label
from comity.records.options import OptionList, register

SOURCES = register(OptionList(
    "source", Label("Sources", "Источники", "Джерела", "Източници", "Sumber", "المصادر"),
    (
        option("website", "Website", "Сайт", "Сайт", "Уебсайт", "Situs web", "الموقع الإلكتروني", hue=1),
        option("phone", "Phone call", "Звонок", "Дзвінок", "Обаждане", "Telepon masuk", "اتصال هاتفي", hue=2),
        option("mail", "E-mail", "Письмо", "Лист", "Имейл", "Email", "بريد إلكتروني", hue=6),
        option("messenger", "Messenger", "Мессенджер", "Месенджер", "Месинджър", "Aplikasi pesan", "تطبيق مراسلة",
               hue=3),
        option("recommended", "Recommended", "Рекомендация", "Рекомендація", "Препоръка", "Rekomendasi", "توصية",
               hue=7),
        option("fair", "Trade fair", "Выставка", "Виставка", "Изложение", "Pameran", "معرض", hue=5),
        option("advertising", "Advertising", "Реклама", "Реклама", "Реклама", "Iklan", "إعلان", hue=4),
        option("cold_call", "We called them", "Наш звонок", "Наш дзвінок", "Ние се обадихме", "Kami yang menelepon",
               "اتصلنا بهم", hue=8),
        option("came_back", "Came back", "Повторное обращение", "Повторне звернення", "Върнал се клиент",
               "Pelanggan kembali", "عميل عائد", hue=7),
    ),
))  # fmt: skip
LOST_REASONS = register(OptionList(
    "lost_reason", Label("Why deals are lost", "Причины проигрыша", "Причини програшу", "Причини за загуба",
                         "Alasan kalah", "أسباب خسارة الصفقات"),
    (
        option("price", "Price", "Цена", "Ціна", "Цена", "Harga", "السعر"),
        option("competitor", "Chose a competitor", "Выбрали конкурента", "Обрали конкурента", "Избраха конкурент",
               "Memilih pesaing", "اختار منافسًا"),
        option("terms", "Delivery or payment terms", "Сроки или условия оплаты", "Терміни чи умови оплати",
               "Срокове или условия на плащане", "Waktu kirim atau cara bayar", "شروط التسليم أو الدفع"),
        option("no_need", "No longer needed", "Отпала потребность", "Потреба зникла", "Вече не е нужно",
               "Tidak diperlukan lagi", "لم تعد هناك حاجة"),
        option("no_money", "No money for it", "Нет денег", "Немає коштів", "Няма пари", "Tidak ada dana",
               "لا توجد ميزانية"),
        option("postponed", "Put off without a date", "Отложили без срока", "Відклали без терміну",
               "Отложено без дата", "Ditunda tanpa tanggal", "تأجيل بلا موعد"),
        option("silent", "They stopped answering", "Перестали отвечать", "Перестали відповідати",
               "Спряха да отговарят", "Tidak menjawab lagi", "توقفوا عن الرد"),
        option("our_mistake", "Our mistake", "Наша ошибка", "Наша помилка", "Наша грешка", "Kesalahan kami",
               "خطأ منا"),
    ),
))  # fmt: skip
COMPETITORS = register(OptionList(
    "competitor", Label("Competitors", "Конкуренты", "Конкуренти", "Конкуренти", "Pesaing", "المنافسون"),
))  # fmt: skip
WON_REASONS = register(OptionList(
    "won_reason", Label("What decides deals", "Что решает сделки", "Що вирішує угоди", "Какво решава сделките",
                        "Penentu kemenangan", "ما يحسم الصفقات"),
    (
        option("price", "Price", "Цена", "Ціна", "Цена", "Harga", "السعر"),
        option("quality", "Quality", "Качество", "Якість", "Качество", "Mutu", "الجودة"),
        option("speed", "Speed", "Скорость", "Швидкість", "Бързина", "Kecepatan", "السرعة"),
        option("trust", "They know us", "Нас знают", "Нас знають", "Познават ни", "Sudah mengenal kami",
               "يعرفوننا"),
        option("service", "Service and advice", "Сервис и консультация", "Сервіс і порада", "Обслужване и съвет",
               "Layanan dan saran", "الخدمة والاستشارة"),
        option("terms", "Delivery or payment terms", "Сроки или условия оплаты", "Терміни чи умови оплати",
               "Срокове или условия на плащане", "Waktu kirim atau cara bayar", "شروط التسليم أو الدفع"),
    ),
))  # fmt: skip
REFUSE_REASONS = register(OptionList(
    "refuse_reason", Label("Why inquiries are refused", "Почему отклоняют лиды", "Чому відхиляють ліди",
                           "Защо се отказват запитвания", "Alasan menolak prospek", "أسباب رفض الفرص الأولية"),
    (
        option("not_ours", "Not what we do", "Не наш профиль", "Не наш профіль", "Не е нашата дейност",
               "Bukan bidang kami", "ليس من اختصاصنا"),
        option("no_answer", "Cannot be reached", "Не отвечает", "Не відповідає", "Не отговаря", "Tidak dapat dihubungi",
               "لا يمكن الوصول إليه"),
        option("too_small", "Too small", "Слишком мало", "Замало", "Твърде малко", "Terlalu kecil", "صغير جدًا"),
        option("spam", "Spam or a mistake", "Спам или ошибка", "Спам або помилка", "Спам или грешка",
               "Spam atau salah alamat", "رسالة مزعجة أو خطأ"),
        option("twice", "Is here already", "Уже есть", "Уже є", "Вече го има", "Sudah ada", "موجود مسبقًا"),
    ),
))  # fmt: skip
