//! Sentences: cases as data, and what must hold for any text at all.
#![allow(clippy::unwrap_used, reason = "in a test an unwrap is the assertion")]

use super::{
    Article, Block, BlockKind, Document, is_surely_foreign, language_of, next_sentences, sentences, sentences_in,
};
use proptest::prelude::*;

/// The parts of the text, divided by `|`, are its sentences.
#[track_caller]
fn check(language: &str, marked: &str) {
    let text = marked.replace('|', "");
    let expected: Vec<&str> = marked.split('|').map(str::trim).collect();
    let found: Vec<&str> = sentences_in(&text, language).map(|span| &text[span]).collect();
    assert_eq!(found, expected, "{language}: {text:?}");
}

#[test]
fn english_sentences() {
    for marked in [
        "The mill stands by the river. |It has not turned since 1954.",
        "Dr. Amos Reed Jr. paid $3.50 for it at 5 p.m. on Monday. |He kept it.",
        "She lives in the U.S. Government housing near St. Anne's. |Why? |Nobody knows!",
        "Version 2.0.1 is at https://example.org/a.b?c=1.2. |Write to jo.doe@example.org. |Thanks.",
        "“We came back,” he said. |“It was gone.” |They left.",
        "He asked: \"Is it yours?\" |Nobody answered.",
        "The rate rose (see Fig. 3) by 0.5 percent. |It fell later.",
        "It was built in 1811.[4] |The owner sold it in 1820.",
        "It was built in 1811. [4] |The owner sold it in 1820. [5][6] |It burned.",
        "Lovely place :) |We will be back 😀 |Food was good too.",
        "Wait... |What is that?! |Oh.",
        "(Nobody had asked him to come along.) |He came all the same.",
        "A. Reed was there. |Q. Why? |A. Nobody knows.",
        "No stop at the end",
    ] {
        check("en", marked);
    }
}

#[test]
fn lines_and_lists() {
    for marked in [
        "A headline without a stop\n|The first sentence. |The second one.\n\n|Another headline\n|More text.",
        "Home\n|About\n|Contact",
        "1. Take the flour.\n|2. Add the eggs. |Stir.\n|3. Bake it.",
        "1. Flour |2. Eggs |3. Butter",
        "• 9. Flour |• 10. Eggs",
        "a) Take the flour. |Sift it. |b) Add the eggs.",
        "- first point\r\n|- second point\r\n|- third point",
        "The committee that had met in the spring to look at the\nplans for the harbour met again.\n|Nothing came of it.",
        "Plain text that was sent by mail is broken when a line\nis full, and a name such as the one of the harbour of\n\
         Rotterdam may come first in a line. |It is one unit all\nthe same.",
    ] {
        check("en", marked);
    }
}

#[test]
fn other_languages() {
    for (language, marked) in [
        ("zh", "我们昨天去了河边。|那里有一座磨坊！|你看见了吗？"),
        ("ja", "水車は川のそばにある。|もう回っていない。"),
        ("en", "我们昨天去了河边。|那里有一座磨坊。"),
        ("hi", "यह नदी है। |वह चक्की है।"),
        ("de", "Das kostet z. B. 3,50 Euro. |Am 3. Mai kam er zurück."),
        ("fr", "M. Dupont est arrivé. |« Où est-il ? » |Personne ne sait."),
        ("xx", "One sentence. |Another one."),
    ] {
        check(language, marked);
    }
}

#[test]
fn a_number_with_a_stop_is_an_ordinal_where_the_language_has_them() {
    for (language, marked) in [
        ("de", "Die Feier am 2. oder 3. August fiel aus. |Der 5. Anlauf gelang."),
        (
            "de",
            "Karl V. dankte ab. |Ihm folgte Philipp II. |Das war 1556. |Danach kam nichts.",
        ),
        (
            "de",
            "Er wohnt in der Lindenstr. 4. |Es kamen 17 Leute, u. a. Frau Dr. Weiß, z. T. zu Fuß.",
        ),
        ("da", "Han kom den 4. maj. |Det var den 3. gang."),
        ("pl", "W 1839 r. Chiny przegrały. |To był koniec."),
        ("en", "It ended in 1954. |The mill stood on Plot 7. |It was sold."),
    ] {
        check(language, marked);
    }
}

#[test]
fn an_abbreviation_ends_a_sentence_only_before_a_word_that_opens_one() {
    for (language, marked) in [
        (
            "en",
            "They sat down in the inn. |The fig. was ripe, and he said no. |Nobody ate it, see fig. 4 and no. 7.",
        ),
        (
            "en",
            "The notes of P. Q. Vance and R.S. Moore are lost. |Take option B. |That is all.",
        ),
        (
            "es",
            "El Sr. D. Luis vive en la avda. Norte, núm. 3. |Llegó a EE. UU. en mayo, p. ej. el 3. |Luego se fue.",
        ),
        (
            "pt",
            "A Sra. Dra. Lima, da Cia. do Sul S.A., saiu. |Trabalha na Luz S.A. |Todos sabem.",
        ),
        (
            "it",
            "L'ing. Bruni abita al n. 9, cfr. pag. 2, ecc. |Poi partì nel 30 a.C. o dopo.",
        ),
        (
            "fr",
            "M. le Dr Petit cite l’art. 4, p. 12, etc. |Il mourut en 40 av. J.-C. à Rome.",
        ),
        ("nl", "Dhr. De Wit kwam, d.w.z. bijna. |,,Kom mee!'' riep hij."),
        (
            "ru",
            "А. С. Грин жил на ул. Мира, д. 5, и т. д. |Потом он уехал в 1924 г. в Крым.",
        ),
        ("ar", "ذهب د. سالم إلى السوق. |هل عاد؟"),
    ] {
        check(language, marked);
    }
}

#[test]
fn a_sentence_goes_on_after_a_quotation_that_is_a_part_of_it() {
    for (language, marked) in [
        (
            "en",
            "\"Stand back!\" Marlow shouted. |The play \"What Now?\" closed. |He left (\"a pity. A big one\").",
        ),
        ("es", "—¿Quién es? —dijo ella. |¡Nadie!"),
        ("fr", "« Où va-t-il ? » demanda-t-elle. |« Je ne sais pas. »"),
        (
            "ja",
            "「いいえ。まだだ。」と彼は答えた。|『春。』という本だ。|（雨だった。）|駅は遠い。|なぜ？と聞いた。",
        ),
        ("ja", "版は２．１だ。|1954年に止まった。|それは……まあ。"),
        (
            "zh",
            "她问：“走吗？”|他说：“走。天黑了。”然后出了门。|《谁在敲门？》是旧书。|“好。”小李说。|1954年它停了。",
        ),
    ] {
        check(language, marked);
    }
}

#[test]
fn after_a_year_a_sentence_ends_unless_it_has_only_said_when() {
    for (language, marked) in [
        (
            "pl",
            "W 1839 r. Chiny przegrały. |Stary młyn przy rzece stał pusty aż do 1954 r. |Młynarz wyjechał.",
        ),
        ("pl", "W latach 50. Jan grał w orkiestrze. |Ostatni raz."),
        (
            "ru",
            "В 700 г. до н. э. Город сгорел. |Старая мельница у реки стояла пустой до начала 1970-х гг. |Мельник уехал в г. Псков.",
        ),
        (
            "fr",
            "Les gens de la vallée y vécurent jusqu'en 700 avant J.-C. |Le temple brûla.",
        ),
    ] {
        check(language, marked);
    }
}

#[test]
fn and_so_on_ends_a_sentence_before_any_capital_letter() {
    for (language, marked) in [
        ("en", "They sold bread, salt etc. |Marlow bought none, etc. and left."),
        ("ru", "Там были хлеб, соль и т. д. |Мельник ушёл."),
        ("pl", "Był chleb, sól itd. |Młynarz wyszedł."),
        ("it", "C'era pane, sale ecc. |Bruni non comprò nulla."),
    ] {
        check(language, marked);
    }
}

#[test]
fn an_ellipsis_before_a_capital_letter_ends_a_sentence_where_a_word_opens_one() {
    for (language, marked) in [
        ("en", "He waited… |They came. |Ask Mr… Marlow."),
        ("ru", "Он ждал… |Мельник пришёл."),
        ("nl", "Het duurde lang. |...en toen viel hij."),
    ] {
        check(language, marked);
    }
}

#[test]
fn marks_that_are_typed_as_others_open_and_close() {
    for (language, marked) in [
        ("de", "Er ging. |``Das ist gut so'', sagte sie. |``Wir auch.''"),
        ("nl", ",,Dat is goed. '' |Zij ging weg. |Hij bleef. ''"),
        ("es", "17 de mayo. - El alcalde llega. |7 de julio. - Se va."),
        ("ar", "وصل د\u{202a}.\u{202c} سالم إلى السوق. |هل عاد؟"),
    ] {
        check(language, marked);
    }
}

#[test]
fn beside_a_danda_a_full_stop_ends_nothing() {
    check("hi", "एल. वी. शर्मा रात ११.४५ बजे स्व. राम के घर गए। |वे डी. फिल. कर चुके थे।");
    check("hi", "गति ५.२ थी। |मात्रा 3.5 थी।");
}

#[test]
fn bracketed_letters_number_items() {
    for marked in [
        "Bring these: 1. a coat, 2. a map and 3. bread. |(a) The coat must be warm. |(b) The map may be old.",
        "(1) Take the flour. |(2) Add the eggs.",
        "Stay . . . and wait ... here. |Why ! ... Because.",
    ] {
        check("en", marked);
    }
}

#[expect(clippy::disallowed_types, reason = "the test measures time")]
#[test]
fn every_language_of_the_tables_keeps_the_time_linear() {
    for pattern in ["Dr. ", "a.b.c.", "(a b c d. ", "「。", "“a. ", "[a] b) ", ". . "] {
        let time = |times: usize| {
            let text = pattern.repeat(times);
            let start = std::time::Instant::now();
            assert!(sentences_in(&text, "de").count() > 0);
            start.elapsed().as_secs_f64()
        };
        time(1_000);
        let (one, eight) = (time(4_000), time(32_000));
        assert!(
            eight < 40.0 * one.max(1e-3),
            "{pattern:?}: {one} s, and {eight} s for eight times as much"
        );
    }
}

#[test]
fn a_long_quotation_is_told_apart_and_a_short_one_is_not() {
    check("en", "“It is late. Go home,” he said.");
    let part = "The water had risen over the meadow and the road could no longer be seen from the house on the hill. ";
    for (open, close) in [("“", "”"), ("«", "»"), ("(", ")")] {
        let text = format!("He wrote: {open}{}{close}, and no more.", part.repeat(4).trim_end());
        assert_eq!(sentences(&text).count(), 4, "{text}");
    }
    // What is short inside is kept whole.
    let text = format!("He wrote: «{}It fell (“too late. For us”) and rose.»", part.repeat(2));
    assert_eq!(sentences(&text).count(), 3, "{text}");
}

#[test]
fn one_endless_line_is_read_in_bounded_steps() {
    for pattern in [
        "word ",
        "Sentence here. ",
        "x",
        "字",
        "。",
        "\n",
        "\r\n",
        " \n",
        "- \n",
        "“",
        "( ",
        "1. ",
    ] {
        let text = pattern.repeat(200_000 / pattern.len());
        let (mut position, mut steps) = (0, 0);
        while let Some((_, next)) = next_sentences(&text, position, "en") {
            assert!(
                next > position && next - position <= 8 * 1024,
                "{pattern:?} went from {position} to {next}"
            );
            (position, steps) = (next, steps + 1);
        }
        assert_eq!(position, text.len(), "{pattern:?} after {steps} steps");
    }
}

#[test]
fn the_declared_language_is_reduced_to_its_code() {
    for (declared, code) in [
        (None, "en"),
        (Some("de-AT"), "de"),
        (Some(" PT_br "), "pt"),
        (Some(""), "en"),
    ] {
        let document = Document {
            language: declared.map(str::to_owned),
            ..Document::default()
        };
        assert_eq!(document.language_code(), code);
    }
}

#[test]
fn the_text_decides_its_language_where_it_is_clear_and_the_page_where_it_is_not() {
    let english = "The keeper wrote down the height of the water every single morning of that long year.";
    let german =
        "Die alte Mühle am Fluss drehte sich am Freitag zum ersten Mal seit 1954, und alle kamen, um es zu sehen.";
    let danish = "Den gamle mølle ved floden drejede i fredags for første gang siden 1954, og alle kom for at se det.";
    for (text, declared, code) in [
        (english, None, "en"),
        (english, Some("de-AT"), "en"),
        (german, None, "de"),
        (german, Some("en"), "de"),
        (danish, Some("nb"), "nb"),
        (
            "我们昨天去了河边，那里有一座磨坊，它从一九五四年起就没有转过。",
            Some("en"),
            "zh",
        ),
        ("水車は川のそばにある。もう回っていない。", None, "ja"),
        ("Kindergarten", Some("fr"), "fr"),
        ("Kindergarten", None, "en"),
        ("", Some("PT_br"), "pt"),
        ("1 2 3 ...", None, "en"),
    ] {
        assert_eq!(language_of(text, declared), code, "{declared:?}: {text}");
    }
    let page = format!("{english} {}", format!("{german} ").repeat(2000));
    assert_eq!(
        language_of(&page, Some("en")),
        "de",
        "slices of a long text are looked at"
    );
}

#[test]
fn of_a_page_with_an_article_only_the_article_is_read() {
    let visible = "Home News\n\nThe mill\n\nIt turned on Friday. Half of the town came.\n\nSubscribe now. It is free.\n\nFlour \
                   will be ground in autumn.";
    let block = |kind: BlockKind, text: &str| Block {
        kind,
        text: text.to_owned(),
    };
    let article = Article {
        title: Some("The mill".to_owned()),
        blocks: vec![
            block(BlockKind::Heading(2), "The mill"),
            block(BlockKind::Paragraph, "It turned on Friday. Half of the town came."),
            block(BlockKind::Paragraph, "Flour will be ground in autumn."),
        ],
        is_article: true,
        ..Article::default()
    };
    let document = Document::of_page(visible, &article);
    assert!(document.is_article());
    let (mut found, mut position) = (Vec::new(), 0);
    while let Some((sentences, next)) = document.next_sentences(position, "en") {
        assert!(next > position);
        found.extend(
            sentences
                .into_iter()
                .map(|span| (document.kind_at(span.start), &visible[span])),
        );
        position = next;
    }
    assert_eq!(
        found,
        [
            (Some(BlockKind::Heading(2)), "The mill"),
            (Some(BlockKind::Paragraph), "It turned on Friday."),
            (Some(BlockKind::Paragraph), "Half of the town came."),
            (Some(BlockKind::Paragraph), "Flour will be ground in autumn."),
        ]
    );
    assert_eq!((position, document.kind_at(2)), (visible.len(), None));
    let elsewhere = Document::of_page("Something else altogether stands here.", &article);
    assert!(!elsewhere.is_article(), "an article that is not shown is not read");
    assert_eq!(
        elsewhere.next_sentences(0, "en").map(|(sentences, _)| sentences.len()),
        Some(1)
    );
}

#[test]
fn headings_are_the_blocks_that_are_headings() {
    let text = "The mill\n\nIt turned.\n\nBread\n\nHow it was mended\n\nBy hand";
    let place = |part: &str| text.find(part).map(|start| start..start + part.len()).unwrap();
    let document = Document {
        blocks: vec![
            (BlockKind::Heading(1), place("The mill")),
            (BlockKind::Paragraph, place("It turned.")),
            (BlockKind::Heading(2), place("How it was mended")),
        ],
        ..Document::plain(text, None)
    };
    assert_eq!(
        document.headings().collect::<Vec<_>>(),
        ["The mill", "How it was mended"]
    );
}

#[test]
fn where_no_blocks_are_known_headings_are_lines_that_look_like_them() {
    let wrapped =
        "The committee that had met in the spring to look at the\nplans for the harbour met again and found\nnothing.";
    for (text, headings) in [
        ("", &[] as &[&str]),
        ("The mill", &[]),
        (
            "The mill\nIt turned on Friday.\n\nBread\r\n\r\nIt was white.",
            &["The mill", "Bread"],
        ),
        ("Home\nAbout\nContact\nIt turned on Friday.", &["Contact"]),
        ("It turned.\n  水車について\nもう回っていない。", &["水車について"]),
        (wrapped, &[]),
        (&format!("The harbour\n\n{wrapped}\n\nThe end\n"), &["The harbour"]),
    ] {
        let document = Document::plain(text, None);
        assert_eq!(document.headings().collect::<Vec<_>>(), headings, "{text:?}");
    }
}

#[test]
fn a_question_is_foreign_where_that_is_sure() {
    let among = ["en", "de", "ru", "ja", "zh"].map(str::to_owned);
    let english = "Who of them wrote down the height of the water every single morning of that long year?";
    let german = "Warum drehte sich die alte Mühle am Fluss am Freitag zum ersten Mal, und wer kam, um es zu sehen?";
    let russian = "Когда смотритель записывал, как высоко стояла вода?";
    let (japanese, chinese) = ("灯台は誰が建てましたか？", "灯塔是谁建的？");
    for (text, page, language, is_foreign) in [
        (english, german, "de", true),
        (german, english, "en", true),
        (english, english, "en", false),
        (german, german, "de", false),
        (russian, english, "en", true),
        (english, russian, "ru", true),
        ("Who?", russian, "ru", true),
        ("Who?", german, "de", false),
        (japanese, japanese, "ja", false),
        (chinese, chinese, "zh", false),
        (english, japanese, "ja", true),
        ("1811?", english, "en", false),
        ("", english, "en", false),
        // Of which nothing is known.
        ("متى كتب الحارس ارتفاع الماء؟", english, "en", false),
    ] {
        let found = is_surely_foreign(text, page, language, &among);
        assert_eq!(found, is_foreign, "{text} to a page in {language}");
    }
    assert!(!is_surely_foreign(english, german, "de", &[]));
}

fn assert_spans_are_sound(text: &str, language: &str) -> Result<(), TestCaseError> {
    let mut position = 0;
    let mut kept = String::new();
    for span in sentences_in(text, language) {
        prop_assert!(
            span.start >= position && span.end > span.start,
            "{span:?} after {position}"
        );
        prop_assert!(text.get(span.clone()).is_some(), "{span:?} cuts a character");
        let slice = &text[span.clone()];
        prop_assert_eq!(slice.trim(), slice);
        kept.push_str(slice);
        position = span.end;
    }
    let visible = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    prop_assert_eq!(visible(&kept), visible(text));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn any_text_keeps_every_character(text in any::<String>()) {
        assert_spans_are_sound(&text, "en")?;
    }

    #[test]
    fn text_made_of_what_boundaries_are_made_of_keeps_every_character(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "Mr.", " ", "\n", "\r\n", "\n\n", "\u{a0}", "\u{2028}", "1.", "a)", "b)", "•", "[4]", "(", ")", "\"", "“", "”", "'", "...",
                "…", "!?", "。", "！", "字", "é", "e\u{301}", "😀", "👩\u{200d}🚀", ":)", ":-D", "U.S.", "3.5", "http://a.b/c.", "Word",
                "word", "«", "»", "।", "\u{202a}.", "\u{0}", "\u{feff}", "ß", "İ", "ﬀ", ".", "?", "word word word word word word word",
            ]),
            0..120,
        ),
        language in prop::sample::select(vec!["en", "de", "ja", "zh", "ar", "fr", "hy", "am", "", "x\u{0}"]),
    ) {
        assert_spans_are_sound(&parts.concat(), language)?;
    }
}
