"""News-like text in other languages, put together from whole clauses that fit each other in any order."""

# ruff: noqa: RUF001 (Cyrillic letters and full-width commas are meant)

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Language:
    """Clauses of a language: openings, subjects with their verb phrases, endings; and how they are joined."""

    code: str
    openings: tuple[str, ...]
    clauses: tuple[str, ...]
    endings: tuple[str, ...]
    space: str
    stop: str
    navigation: tuple[str, ...]
    cookies: str


LANGUAGES: tuple[Language, ...] = (
    Language(
        "de",
        (
            "Am Montag", "Nach langer Beratung", "In der vergangenen Woche", "Wie erwartet",
            "Trotz des Regens", "Zum ersten Mal seit Jahren", "Nach Angaben der Polizei",
            "Kurz vor den Ferien",
        ),
        (
            "hat der Stadtrat den neuen Haushalt beschlossen",
            "eröffnete das Museum eine Ausstellung über alte Karten",
            "blieb die Brücke über den Fluss gesperrt", "gewann die Mannschaft ihr letztes Heimspiel",
            "kritisierten die Lehrer die Fragen der Abschlussprüfung",
            "stiegen die Preise für Brot und Milch", "fanden Wanderer eine seltene Orchidee",
            "verschob das Ministerium die Reform", "feierten Tausende auf dem Marktplatz",
            "meldete der Verein einen Rekord an Mitgliedern",
        ),
        (
            "wie ein Sprecher mitteilte", "obwohl viele Fragen offen blieben", "sehr zur Freude der Anwohner",
            "was niemanden überraschte", "und zwar ohne Gegenstimme", "bevor es zu regnen begann",
            "wie schon im Jahr davor",
        ),
        " ",
        ".",
        (
            "Startseite", "Politik", "Wirtschaft", "Sport", "Kultur", "Wetter", "Anzeigen", "Impressum",
        ),
        "Wir verwenden Cookies, um Ihnen das beste Erlebnis zu bieten.",
    ),
    Language(
        "fr",
        (
            "Lundi soir", "Après de longs débats", "La semaine dernière", "Comme prévu", "Malgré la pluie",
            "Pour la première fois depuis dix ans", "Selon la mairie", "Juste avant les vacances",
        ),
        (
            "le conseil municipal a voté le budget",
            "le musée a ouvert une exposition sur les cartes anciennes",
            "le pont est resté fermé à la circulation", "l'équipe a remporté son dernier match à domicile",
            "les professeurs ont critiqué les questions de l'examen", "le prix du pain a encore augmenté",
            "des promeneurs ont trouvé une fleur rare", "le ministère a reporté la réforme",
            "des milliers de personnes ont fêté l'été", "l'association a accueilli de nouveaux membres",
        ),
        (
            "a indiqué un porte-parole", "même si beaucoup de questions demeurent",
            "à la grande joie des habitants", "ce qui n'a surpris personne", "sans aucune voix contre",
            "avant l'arrivée de l'orage", "comme l'année précédente",
        ),
        " ",
        ".",
        (
            "Accueil", "Politique", "Économie", "Sports", "Culture", "Météo", "Annonces", "Mentions légales",
        ),
        "Nous utilisons des cookies pour améliorer votre navigation.",
    ),
    Language(
        "es",
        (
            "El lunes por la noche", "Tras un largo debate", "La semana pasada", "Como se esperaba",
            "A pesar de la lluvia", "Por primera vez en diez años", "Según la policía",
            "Poco antes de las vacaciones",
        ),
        (
            "el ayuntamiento aprobó el presupuesto", "el museo abrió una exposición de mapas antiguos",
            "el puente siguió cerrado al tráfico", "el equipo ganó su último partido en casa",
            "los profesores criticaron las preguntas del examen", "subió otra vez el precio del pan",
            "unos excursionistas hallaron una flor rara", "el ministerio aplazó la reforma",
            "miles de personas celebraron la llegada del verano", "la asociación recibió a nuevos socios",
        ),
        (
            "según informó un portavoz", "aunque quedan muchas preguntas", "para alegría de los vecinos",
            "lo que no sorprendió a nadie", "sin ningún voto en contra", "antes de que llegara la tormenta",
            "como el año anterior",
        ),
        " ",
        ".",
        (
            "Inicio", "Política", "Economía", "Deportes", "Cultura", "El tiempo", "Anuncios", "Aviso legal",
        ),
        "Usamos cookies para mejorar su experiencia.",
    ),
    Language(
        "ru",
        (
            "В понедельник вечером", "После долгих споров", "На прошлой неделе", "Как и ожидалось",
            "Несмотря на дождь", "Впервые за десять лет", "По данным полиции", "Незадолго до каникул",
        ),
        (
            "городской совет принял бюджет", "музей открыл выставку старинных карт",
            "мост остался закрытым для движения", "команда выиграла последний домашний матч",
            "учителя раскритиковали вопросы экзамена", "снова выросли цены на хлеб",
            "туристы нашли редкий цветок", "министерство отложило реформу",
            "тысячи людей праздновали начало лета", "общество приняло новых членов",
        ),
        (
            "сообщил представитель мэрии", "хотя многие вопросы остались без ответа", "к радости жителей",
            "что никого не удивило", "без единого голоса против", "до начала грозы", "как и год назад",
        ),
        " ",
        ".",
        (
            "Главная", "Политика", "Экономика", "Спорт", "Культура", "Погода", "Объявления", "Контакты",
        ),
        "Мы используем файлы cookie, чтобы улучшить работу сайта.",
    ),
    Language(
        "zh",
        (
            "星期一晚上", "经过长时间讨论", "上个星期", "正如预期", "尽管下雨", "十年来第一次", "据警方消息",
            "假期前不久",
        ),
        (
            "市议会通过了新的预算", "博物馆举办了古代地图展览", "大桥仍然禁止通行",
            "球队赢得了最后一场主场比赛", "老师们批评了考试题目", "面包价格再次上涨",
            "游客发现了一种罕见的花", "教育部推迟了改革", "成千上万的人庆祝夏天的到来", "协会迎来了新成员",
        ),
        (
            "发言人表示", "不过许多问题仍然没有答案", "居民们非常高兴", "这并不令人意外", "没有人投反对票",
            "随后暴风雨来临", "和去年一样",
        ),
        "",
        "。",
        ("首页", "时政", "财经", "体育", "文化", "天气", "广告", "联系我们"),
        "本网站使用Cookie以改善您的体验。",
    ),
    Language(
        "ar",
        (
            "مساء الاثنين", "بعد نقاش طويل", "في الأسبوع الماضي", "كما كان متوقعا", "رغم المطر",
            "للمرة الأولى منذ عشر سنوات", "وفقا للشرطة", "قبل العطلة بقليل",
        ),
        (
            "أقر مجلس المدينة الميزانية الجديدة", "افتتح المتحف معرضا للخرائط القديمة",
            "بقي الجسر مغلقا أمام السيارات", "فاز الفريق في مباراته الأخيرة", "انتقد المعلمون أسئلة الامتحان",
            "ارتفع سعر الخبز من جديد", "عثر السياح على زهرة نادرة", "أجلت الوزارة الإصلاح",
            "احتفل الآلاف بقدوم الصيف", "استقبلت الجمعية أعضاء جددا",
        ),
        (
            "كما قال المتحدث", "مع أن أسئلة كثيرة بقيت بلا جواب", "وسط فرحة السكان", "وهذا لم يفاجئ أحدا",
            "دون أي صوت معارض", "قبل وصول العاصفة", "كما في العام السابق",
        ),
        " ",
        ".",
        ("الرئيسية", "سياسة", "اقتصاد", "رياضة", "ثقافة", "الطقس", "إعلانات", "اتصل بنا"),
        "نستخدم ملفات تعريف الارتباط لتحسين تجربتك.",
    ),
    Language(
        "ja",
        (
            "月曜日の夜", "長い議論の末", "先週", "予想どおり", "雨にもかかわらず", "十年ぶりに",
            "警察によると", "休みの少し前に",
        ),
        (
            "市議会は新しい予算を可決した", "博物館は古い地図の展覧会を開いた", "橋は通行止めのままだった",
            "チームは最後の試合に勝った", "教師たちは試験の問題を批判した", "パンの値段がまた上がった",
            "旅行者が珍しい花を見つけた", "文部省は改革を延期した", "何千人もの人が夏の始まりを祝った",
            "協会は新しい会員を迎えた",
        ),
        (
            "と広報担当者は述べた", "多くの疑問が残っている", "住民は大いに喜んだ", "誰も驚かなかった",
            "反対の声はなかった", "その後嵐が来た", "昨年と同じである",
        ),
        "",
        "。",
        ("ホーム", "政治", "経済", "スポーツ", "文化", "天気", "広告", "お問い合わせ"),
        "当サイトではクッキーを使用しています。",
    ),
)  # fmt: skip


def language(code: str) -> Language:
    """The language of that ISO 639-1 code."""
    return next(known for known in LANGUAGES if known.code == code)


def sentence(rng: Random, known: Language) -> str:
    """One sentence with a number in it now and then, so that texts differ."""
    comma = {"zh": "，", "ja": "、", "ar": "،"}.get(known.code, ",") + known.space
    parts = [rng.choice(known.openings), rng.choice(known.clauses)]
    text = (comma if known.code in ("zh", "ja", "fr", "es") else known.space).join(parts)
    if rng.random() < 0.6:
        text += comma + rng.choice(known.endings)
    if rng.random() < 0.3:
        text += f" ({rng.randint(10, 2024)})"
    return text + known.stop


def paragraph(rng: Random, known: Language, count: int) -> str:
    """So many sentences."""
    return known.space.join(sentence(rng, known) for _ in range(count))
