//! The whole command on a few items of each format, with the real model; and what it says of folders and files that are
//! not as they should be. The figures mean nothing: the items were written so that a right answer is obvious.
//!
//! The models are read from the folder named by `PITH_MODELS_DIR`, as `cargo xtask test` sets it.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in tests an unwrap is the assertion"
)]

use super::{EvalArgs, Row, measure, table};
use clap::Parser;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    eval: EvalArgs,
}

fn model() -> PathBuf {
    named_model("all-MiniLM-L6-v2")
}

fn named_model(id: &str) -> PathBuf {
    std::env::var_os("PITH_MODELS_DIR")
        .map(|folder| PathBuf::from(folder).join(id))
        .expect("PITH_MODELS_DIR must name the models' folder; `cargo xtask test` makes it and sets the variable")
}

/// Runs `cargo xtask eval` with these arguments and the model.
fn eval(arguments: &[&str]) -> anyhow::Result<Vec<Row>> {
    eval_with(&model(), arguments)
}

fn eval_with(model: &Path, arguments: &[&str]) -> anyhow::Result<Vec<Row>> {
    let model = model.to_str().unwrap();
    let line = ["eval", "--model", model].into_iter().chain(arguments.iter().copied());
    measure(&Line::try_parse_from(line)?.eval)
}

/// A folder that goes when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("pith-eval-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, items: &[Value]) {
        let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, lines).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const SENTENCES: [&str; 8] = [
    "The ferry to the island carries the post, the bread and the school children every morning at six.",
    "In winter the harbour freezes and a sledge does the work of the ferry for eight weeks.",
    "The harbour master knows every passenger by name and most of them by their coats.",
    "A second boat was bought in 1954 and sold again after three years for want of a crew.",
    "Visitors are told to bring their own water because the spring on the island dries up in July.",
    "The council has promised a bridge since 1971, and every mayor has had a drawing made of it.",
    "Sheep outnumber the people of the island by eleven to one, and both leave in the storms.",
    "The lighthouse was lit by gas until the cable came, and its keeper stayed on as a postman.",
];

/// A document of six sentences, another for each number; its summary is its second sentence.
fn document(number: usize) -> Value {
    let sentences: Vec<&str> = (0..6).map(|at| SENTENCES[(number + at) % SENTENCES.len()]).collect();
    json!({ "id": number.to_string(), "title": "The island", "sents": sentences, "refs": [sentences[1]],
            "gold": [0, 1, 0, 1, 0, 0], "par": [0, 0, 1, 1, 2, 2], "head": [] })
}

fn with(mut item: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        item[name] = value.clone();
    }
    item
}

/// Two texts of each class, as news are written.
fn labelled(classes: &[(&str, [&str; 2])]) -> Vec<Value> {
    let items = classes
        .iter()
        .flat_map(|(label, texts)| texts.map(|text| (label, text)));
    items
        .map(|(label, text)| json!({ "label": label.parse::<u8>().map_or(json!(label), |number| json!(number)), "text": text }))
        .collect()
}

const SPORT: [&str; 2] = [
    "The team won the championship after a late goal in the final match.",
    "The striker scored twice and the players celebrated with their coach.",
];
const BUSINESS: [&str; 2] = [
    "Shares fell as the company reported lower profits and the market slid.",
    "The bank raised its forecast for the economy and oil prices rose.",
];
const POLITICS: [&str; 2] = [
    "The prime minister lost the vote in parliament and called an election.",
    "The president met foreign ministers to talk about the war.",
];
const TECHNOLOGY: [&str; 2] = [
    "The software update for the phone fixes a bug in its browser.",
    "Engineers presented a computer chip that doubles the speed of the internet server.",
];
const CULTURE: [&str; 2] = [
    "The film won the award for best music and its actors thanked the director.",
    "The singer released an album before her concert on television.",
];

const GERMAN_SPORT: [&str; 2] = [
    "Die Mannschaft gewann das Spiel gegen den Tabellenführer mit zwei späten Toren.",
    "Der Trainer lobte nach dem Sieg die Spieler und den Torwart.",
];
const GERMAN_BUSINESS: [&str; 2] = [
    "Die Aktien des Unternehmens fielen, nachdem die Bank ihre Prognose gesenkt hatte.",
    "Der Umsatz der Konzerne stieg, doch die Märkte blieben nervös.",
];

/// Every file that `eval` knows, with a few items.
fn data(name: &str) -> Folder {
    let folder = Folder::new(name);
    let pairs = [
        ("A man plays the guitar.", "A man is playing a guitar.", 5.0),
        ("A man plays the guitar.", "A man plays a violin.", 2.5),
        ("A man plays the guitar.", "The soup is cold.", 0.0),
    ];
    let pairs = pairs.map(|(a, b, s)| json!({ "a": a, "b": b, "s": s }));
    for file in super::similarity::FILES {
        folder.write(file, &pairs);
    }
    for file in super::segmentation::FILES {
        folder.write(
            file,
            &[json!({ "pars": [{ "s": SENTENCES[..3], "g": [" ", " ", ""] }] })],
        );
    }
    let rule =
        json!({ "lang": "english", "set": "GOLDEN", "text": "He came. She left.", "gold": ["He came.", "She left."] });
    folder.write(super::segmentation::FILES[0], &[rule]);
    let numbers = || 0..6;
    for file in super::summary::FILES {
        folder.write(file, &[document(0)]);
    }
    for file in ["scitldr_a_train.jsonl", "cnndm_train100.jsonl", "webmeta_sum_dev.jsonl"] {
        folder.write(file, &numbers().map(document).collect::<Vec<_>>());
    }
    folder.write("bbc_sum_dev.jsonl", &[with(document(0), json!({ "refs": [] }))]);
    let gum = numbers().map(|number| with(document(number), json!({ "genre": "news", "nc": number == 0 })));
    folder.write("gum_sum_dev.jsonl", &gum.collect::<Vec<_>>());
    let article = |title: &str, paragraph: usize, question: &str| {
        json!({ "title": title, "paras": SENTENCES[paragraph..paragraph + 3],
                "qs": [{ "q": question, "p": 0, "a": [[0, SENTENCES[paragraph]]] }] })
    };
    let questions = [
        article("Ferry", 0, "At what time does the ferry carry the post?"),
        article("Bridge", 5, "Since when has the council promised a bridge?"),
    ];
    for file in super::ask::FILES {
        folder.write(file, &questions);
    }
    let news = [
        ("World", POLITICS),
        ("Sports", SPORT),
        ("Business", BUSINESS),
        ("Sci/Tech", TECHNOLOGY),
    ];
    folder.write("agnews_train4000.jsonl", &labelled(&news));
    let topics = [
        ("politics", POLITICS),
        ("sport", SPORT),
        ("business", BUSINESS),
        ("tech", TECHNOLOGY),
        ("entertainment", CULTURE),
    ];
    folder.write("bbc_topic_dev.jsonl", &labelled(&topics));
    let tones = [
        (
            "0",
            [
                "A dull, badly made film that wastes two hours.",
                "Terrible: boring and far too long.",
            ],
        ),
        (
            "1",
            [
                "A wonderful, moving story, beautifully acted.",
                "Great fun from beginning to end.",
            ],
        ),
    ];
    folder.write("sst2_dev.jsonl", &labelled(&tones));
    let in_language = |language: &str, classes: &[(&str, [&str; 2])]| -> Vec<Value> {
        let items = labelled(classes).into_iter();
        items.map(|item| with(item, json!({ "lang": language }))).collect()
    };
    let german = in_language("de", &[("Sport", GERMAN_SPORT), ("Wirtschaft", GERMAN_BUSINESS)]);
    folder.write("gnad10_dev.jsonl", &german);
    let english = in_language("en", &[("politics", POLITICS), ("sports", SPORT)]);
    let other = in_language("de", &[("sports", GERMAN_SPORT), ("geography", GERMAN_BUSINESS)]);
    folder.write("sib200_dev.jsonl", &[english, other].concat());
    let intents = [
        (
            "card_arrival",
            ["When will my new card arrive?", "My card has still not come."],
        ),
        (
            "exchange_rate",
            ["What is your exchange rate?", "How many euros do I get for a pound?"],
        ),
    ];
    folder.write("banking77_train.jsonl", &labelled(&intents));
    let page = json!({ "id": "ferry", "url": "https://example.org/news/ferry", "body": SENTENCES.join(" ") });
    folder.write("articles/articles.jsonl", &[page]);
    let paragraphs: String = SENTENCES.iter().map(|sentence| format!("<p>{sentence}</p>")).collect();
    let html =
        format!("<html><title>The ferry</title><body><article><h1>The ferry</h1>{paragraphs}</article></body></html>");
    fs::create_dir_all(folder.0.join("articles/pages")).unwrap();
    let file = fs::File::create(folder.0.join("articles/pages/ferry.html.gz")).unwrap();
    let mut packed = GzEncoder::new(file, Compression::fast());
    packed.write_all(html.as_bytes()).unwrap();
    packed.finish().unwrap();
    folder
}

fn figure(rows: &[Row], set: &str, metric: &str) -> f64 {
    let of = |row: &&Row| row.set == set && row.metric == metric;
    rows.iter()
        .find(of)
        .unwrap_or_else(|| panic!("no row of {set}, {metric} among {rows:#?}"))
        .figure
}

#[test]
fn everything_is_measured() {
    let folder = data("everything");
    let rows = eval(&["--data", &folder.path("")]).unwrap();
    for row in &rows {
        let figures = row
            .baselines
            .iter()
            .map(|(_, value)| *value)
            .chain([row.figure, row.seconds]);
        assert!(figures.into_iter().all(f64::is_finite), "{row:?}");
        assert!(row.items > 0 || row.metric == "right, of what is said", "{row:?}");
    }
    for (set, metric, least) in [
        ("golden rules, english", "exact of 1", 1.0),
        ("seg_gum_dev", "F1 of ends", 1.0),
        ("articles", "F1 of shingles", 0.9),
        ("stsb_en_dev", "Spearman of the cosine", 100.0),
        ("scitldr_a_dev, 1", "ROUGE-1 F", 1.0),
        ("gum_sum_dev, trained on, 1", "ROUGE-1 F", 1.0),
        ("gum_sum_dev, the others, 3", "ROUGE-1 F", 1.0),
        ("bbc_sum_dev, 3", "ROUGE-Lsum F", 1.0),
        ("squad_tune", "paragraph accuracy@1", 100.0),
        ("squad_tune, one page", "paragraph accuracy@1", 100.0),
        ("xquad_de_dev, asked as in xquad_en_dev", "paragraph accuracy@1", 100.0),
        ("agnews_train4000", "accuracy, no examples, described labels", 75.0),
        ("banking77_train", "accuracy, no examples, names", 75.0),
        ("sst2_dev", "accuracy, no examples, ready-made labels", 75.0),
        ("sib200_dev, en", "accuracy, no examples, described labels", 75.0),
        // The model of this test reads no German.
        ("sib200_dev, de", "accuracy, no examples, described labels", 0.0),
        ("gnad10_dev", "accuracy, no examples, described labels", 0.0),
        ("sib200_dev, en, 12 topics", "accuracy of the likeliest", 75.0),
        ("sib200_dev, de, 12 topics", "accuracy of the likeliest", 0.0),
        ("gnad10_dev, 12 topics", "accuracy of the likeliest", 0.0),
        ("agnews_train4000, 12 topics", "accuracy of the likeliest", 75.0),
        ("bbc_topic_dev, 12 topics", "accuracy of the likeliest", 75.0),
        ("sst2_dev, 3 tones", "accuracy of the likeliest", 75.0),
        ("several, 7 kinds", "mean accuracy of 4 kinds", 0.0),
    ] {
        let found = figure(&rows, set, metric);
        assert!(found >= least, "{set}, {metric}: {found}");
    }
    // Geography is no topic that ships.
    let german = rows.iter().find(|row| row.set == "sib200_dev, de, 12 topics").unwrap();
    assert_eq!(german.items, 2);
    let of_others = rows.iter().find(|row| row.set == "gum_sum_dev, the others, 1").unwrap();
    assert_eq!((of_others.items, of_others.mind), (1, ""));
    let trained_on = rows.iter().find(|row| row.set == "gum_sum_dev, trained on, 1").unwrap();
    assert_eq!((trained_on.items, trained_on.mind), (5, "trained on these"));
    table::print(&rows, false).unwrap();
    table::print(&rows, true).unwrap();
}

/// A text about sport, one about health and one about travel, one that judges well and one that judges badly, in each language
/// of the interface.
const TEXTS: [(&str, [&str; 5]); 6] = [
    (
        "en",
        [
            "The goalkeeper saved two penalties, and the team is in the final.",
            "Doctors advise people with a fever to drink a lot and to see a physician after three days.",
            "From the harbour, where most of the hotels are, visitors reach the old castle on foot.",
            "Charming from the first page to the last, I could not put it down.",
            "What an annoying mess, I want my money back.",
        ],
    ),
    (
        "de",
        [
            "Der Torwart hielt zwei Elfmeter, und die Mannschaft steht im Finale.",
            "Wer Fieber hat, soll viel trinken und nach drei Tagen zum Arzt gehen, raten Mediziner.",
            "Vom Hafen, an dem die meisten Hotels liegen, kommen Besucher zu Fuß zur alten Burg.",
            "Bezaubernd von der ersten bis zur letzten Seite, ich konnte nicht aufhören.",
            "Was für ein ärgerlicher Murks, ich will mein Geld zurück.",
        ],
    ),
    (
        "fr",
        [
            "Le gardien a arrêté deux penaltys et l’équipe jouera la finale.",
            "En cas de fièvre, les médecins conseillent de boire beaucoup et de consulter après trois jours.",
            "Depuis le port, où se trouvent la plupart des hôtels, les visiteurs gagnent à pied le vieux château.",
            "Charmant de la première à la dernière page, je n’ai pas pu le lâcher.",
            "Quel gâchis, c’est insupportable, je veux être remboursé.",
        ],
    ),
    (
        "es",
        [
            "El portero paró dos penaltis y el equipo jugará la final.",
            "Los médicos aconsejan beber mucho en caso de fiebre y acudir a la consulta a los tres días.",
            "Desde el puerto, donde están casi todos los hoteles, los visitantes llegan a pie al viejo castillo.",
            "Encantador de la primera a la última página, no podía dejarlo.",
            "Qué desastre más irritante, quiero que me devuelvan el dinero.",
        ],
    ),
    (
        "ja",
        [
            "ゴールキーパーが二本のPKを止め、チームは決勝に進んだ。",
            "熱があるときは水分を十分にとり、三日たっても下がらなければ受診するよう医師は勧めている。",
            "ホテルの多い港から、観光客は歩いて古い城まで行くことができる。",
            "最初のページから最後まで魅力的で、読むのをやめられなかった。",
            "腹立たしいほどひどい。お金を返してほしい。",
        ],
    ),
    (
        "ar",
        [
            "تصدى حارس المرمى لركلتي جزاء وبلغ الفريق المباراة النهائية.",
            "ينصح الأطباء المصاب بالحمى بشرب الكثير من السوائل ومراجعة الطبيب بعد ثلاثة أيام.",
            "من الميناء حيث تقع معظم الفنادق يصل الزوار سيرًا إلى القلعة القديمة.",
            "ساحر من الصفحة الأولى حتى الأخيرة ولم أستطع تركه.",
            "يا لها من فوضى مزعجة، أريد استرداد نقودي.",
        ],
    ),
];

#[test]
fn the_labels_that_ship_are_told_in_every_language_of_the_interface() {
    let folder = Folder::new("languages");
    let item = |language: &str, class: &str, text: &str| json!({ "lang": language, "label": class, "text": text });
    let topics = TEXTS.iter().flat_map(|(language, texts)| {
        let classes = ["sports", "health", "travel"];
        classes
            .into_iter()
            .zip(texts)
            .map(|(class, text)| item(language, class, text))
    });
    folder.write("sib200_dev.jsonl", &topics.collect::<Vec<_>>());
    let tones = TEXTS.iter().flat_map(|(language, texts)| {
        let classes = ["1", "0"];
        classes
            .into_iter()
            .zip(&texts[3..])
            .map(|(class, text)| item(language, class, text))
    });
    folder.write("sst2_dev.jsonl", &tones.collect::<Vec<_>>());
    let model = named_model("multilingual-e5-small");
    for (file, set, of) in [("sib200_dev", "12 topics", 3), ("sst2_dev", "3 tones", 2)] {
        let path = folder.path(&format!("{file}.jsonl"));
        let rows = eval_with(&model, &["--file", &path, "ready-made"]).unwrap();
        for (language, _) in TEXTS {
            let set = format!("{file}, {language}, {set}");
            let row = rows
                .iter()
                .find(|row| row.set == set && row.metric == "accuracy of the likeliest");
            let row = row.unwrap_or_else(|| panic!("no row of {set} among {rows:#?}"));
            // That somebody could not stop reading is taken for a complaint in three of the languages.
            let is_misread = file == "sst2_dev" && ["fr", "ja", "ar"].contains(&language);
            let expected = if is_misread { 50.0 } else { 100.0 };
            assert_eq!((row.figure, row.items), (expected, of), "{set}");
        }
    }
}

#[test]
fn no_more_is_embedded_of_a_longer_text_and_what_was_is_said() {
    const BUDGET: usize = 300;
    let folder = data("lengths");
    let open = || super::Engine::open(&model(), None, Some(BUDGET));
    let rows = super::speed::by_length(&folder.0, &[600, 20_000], open).unwrap();
    let beside = |length: &str, metric: &str, name: &str| {
        let row = rows.iter().find(|row| row.set == length && row.metric == metric);
        let beside = row.unwrap().baselines.iter().find(|(known, _)| known == name);
        beside.unwrap_or_else(|| panic!("no {name} in {row:?}")).1
    };
    let metric = "summary, milliseconds";
    let (short, long) = ("a text of 1 kB", "a text of 20 kB");
    assert_eq!(
        beside(short, metric, "sentences looked at"),
        beside(short, metric, "of"),
        "a short text is looked at in whole"
    );
    assert!(beside(long, metric, "sentences looked at") < beside(long, metric, "of"));
    // What is there twice is embedded once.
    assert!((1.0..=BUDGET as f64).contains(&beside(long, metric, "tokens")));
    for question in ["first question, milliseconds", "next question, milliseconds"] {
        assert!(beside(long, question, "passages looked at") < beside(long, question, "of"));
        assert!(beside(long, question, "tokens for it alone") <= BUDGET as f64);
    }
}

#[test]
fn training_measures_what_it_holds_out_and_writes_only_where_it_is_told() {
    let folder = data("training");
    let written = folder.path("weights.json");
    let arguments = ["--data", &folder.path(""), "summary", "--train", "--write", &written];
    let rows = eval(&arguments).unwrap();
    for set in [
        "scitldr_a_train, cross-validated, 1",
        "gum_sum_dev, cross-validated, 3",
        "gum_sum_dev, this kind left out, 1",
        "wikilead_ja_dev, cross-validated, 5",
    ] {
        assert!(figure(&rows, set, "ROUGE-1 F") > 0.0, "{set}");
    }
    let items: Vec<usize> = rows
        .iter()
        .filter(|row| row.set.starts_with("gum") && row.metric == "ROUGE-1 F")
        .map(|row| row.items)
        .collect();
    assert_eq!(items, [5; 4], "the document that may not be trained on stays out");
    let rows = eval(&["--data", &folder.path(""), "summary", "--weights", &written]).unwrap();
    assert!(figure(&rows, "scitldr_a_dev, 1", "ROUGE-1 F") > 0.0);
}

#[test]
fn a_cache_holds_for_the_model_that_filled_it() {
    let folder = data("cache");
    let pairs = folder.path("stsb_en_dev.jsonl");
    let cache = folder.path("cache");
    let copy = Folder::new("model");
    fs::create_dir_all(copy.0.join("source")).unwrap();
    for name in [
        "model.json",
        "weights.safetensors",
        "tokenizer.json",
        "source/config.json",
        "source/model.safetensors",
    ] {
        fs::copy(model().join(name), copy.0.join(name)).unwrap();
    }
    let embedded = || {
        let mut engine = super::Engine::open(&copy.0, Some(Path::new(&cache)), None).unwrap();
        super::similarity::evaluate(Path::new(&pairs), &mut engine).unwrap();
        engine.keep().unwrap();
        engine.embedded()
    };
    // Four different texts, by what ships and by what was published.
    assert_eq!((embedded(), embedded()), (8, 0));
    // A value of the last tensor that differs by its last bit but three.
    let mut weights = fs::read(copy.0.join("weights.safetensors")).unwrap();
    let at = weights.len() - 4;
    weights[at] ^= 8;
    fs::write(copy.0.join("weights.safetensors"), weights).unwrap();
    assert_eq!((embedded(), embedded()), (4, 0), "other weights");
    // The same tokens by another file: both models read it.
    let tokenizer = fs::read_to_string(copy.0.join("tokenizer.json")).unwrap() + "\n";
    fs::write(copy.0.join("tokenizer.json"), tokenizer).unwrap();
    assert_eq!((embedded(), embedded()), (8, 0), "another tokenizer");
    let rows = eval_with(&copy.0, &["--file", &pairs, "--cache", &cache, "similarity"]).unwrap();
    assert_eq!(figure(&rows, "stsb_en_dev", "Spearman of the cosine"), 100.0);
}

#[test]
fn questions_are_asked_as_another_file_has_them() {
    let folder = data("questions");
    let article = |question: &str, paragraph: usize| {
        json!({ "title": "Ferry", "paras": SENTENCES[..3],
                "qs": [{ "q": question, "p": paragraph, "a": [[0, SENTENCES[paragraph]]] }] })
    };
    let page = article("What is said of the soup?", 2);
    folder.write("page.jsonl", &[page.clone(), page]);
    let other = article("Which master knows every passenger by name?", 2);
    folder.write("other.jsonl", &[other.clone(), other]);
    folder.write("unlike.jsonl", &[article("Who?", 1), article("Who?", 1)]);
    let [page, other, unlike] = ["page", "other", "unlike"].map(|name| folder.path(&format!("{name}.jsonl")));
    let rows = eval(&["--file", &page, "ask", "--questions", &other]).unwrap();
    let metric = "sentence accuracy@1";
    assert_eq!(figure(&rows, "page, asked as in other", metric), 100.0);
    let error = eval(&["--file", &page, "ask", "--questions", &unlike]).unwrap_err();
    assert!(format!("{error:#}").contains("are not the same"), "{error:#}");
}

#[test]
fn what_is_missing_or_wrong_is_named() {
    let folder = data("wrong");
    let all = folder.path("");
    fs::remove_file(folder.0.join("mail_en_dev.jsonl")).unwrap();
    folder.write("empty.jsonl", &[]);
    folder.write(
        "question.jsonl",
        &[json!({ "title": "T", "paras": ["P."], "qs": [{ "q": "Q?", "p": 7, "a": [] }] })],
    );
    fs::write(folder.0.join("text.jsonl"), "no JSON\n").unwrap();
    let (squad, question) = (folder.path("squad_tune.jsonl"), folder.path("question.jsonl"));
    let cases: [(&[&str], &str); 14] = [
        (&[], "give the folder of the evaluation data with --data"),
        (&["--data", "no/such/folder"], "no/such/folder: there is no such folder"),
        (&["--data", &all], "lacks mail_en_dev.jsonl"),
        (&["--data", &all, "ready-made"], "lacks mail_en_dev.jsonl"),
        (
            &["--file", "no-such.jsonl", "ask"],
            "no-such.jsonl: there is no such file",
        ),
        (&["--file", &folder.path("empty.jsonl")], "--file needs the task"),
        (
            &["--file", &folder.path("empty.jsonl"), "article"],
            "empty.jsonl holds no items",
        ),
        (&["--file", &folder.path("text.jsonl"), "similarity"], "line 1 of "),
        (
            &["--file", &squad, "ask", "--questions", &question],
            "question.jsonl: they differ in the number of articles",
        ),
        (
            &["--data", &all, "ask", "--questions", &question],
            "--questions needs the --file",
        ),
        (&["--file", &question, "ask"], "a question to `T` names a paragraph"),
        (
            &["--file", &folder.path("empty.jsonl"), "ready-made"],
            "nothing is known of how its classes relate",
        ),
        (
            &["--cache", &folder.path("text.jsonl"), "--data", &all, "ask"],
            "is no cache of embeddings",
        ),
        (
            &["--model", "no/such/model", "--data", &all, "ask"],
            "models of assets/models.toml are called no/such/model",
        ),
    ];
    for (arguments, expected) in cases {
        let line = ["eval"].into_iter().chain(arguments.iter().copied());
        let mut args = Line::try_parse_from(line).unwrap().eval;
        if !arguments.contains(&"--model") {
            args.model = model().to_str().map(str::to_owned);
        }
        let error = measure(&args).expect_err(expected);
        assert!(format!("{error:#}").contains(expected), "{arguments:?}: {error:#}");
    }
    assert_eq!(fs::read_to_string(folder.0.join("text.jsonl")).unwrap(), "no JSON\n");
}

#[test]
fn the_commands_of_the_documentation_are_understood() {
    let commands: Vec<&str> = include_str!("../../../docs/QUALITY.md")
        .lines()
        .filter_map(|line| line.strip_prefix("cargo xtask "))
        .filter(|line| line.starts_with("eval"))
        .map(|line| line.split('#').next().unwrap().trim())
        .collect();
    assert!(commands.len() >= 4, "{commands:?}");
    for command in commands {
        let parsed = Line::try_parse_from(command.split_whitespace());
        assert!(parsed.is_ok(), "`{command}`: {}", parsed.err().unwrap());
    }
}
