//! Figures of the `rouge-score` package 0.1.2 (`use_stemmer=True`), and stems of the stemmer inside it.

use super::*;

#[test]
fn figures_equal_those_of_the_reference() {
    let cases: [(&str, &str, f64, f64, f64); 8] = [
        (
            "The council voted to rebuild the harbour wall.\nWork begins in spring.",
            "Builders are rebuilding the harbour's walls, the council said.\nThe vote was close.\nIn spring the work begins.",
            0.709677,
            0.344828,
            0.516129,
        ),
        (
            "He proceeded carefully, dying of curiosity about the skies.",
            "Curious, he was careful; the sky died.",
            0.625000,
            0.142857,
            0.500000,
        ),
        ("a b c d e f g", "a b d c g f e\nc d e", 0.823529, 0.400000, 0.588235),
        (
            "Die Katze schläft auf dem Sofa.",
            "Die Katzen schlafen auf Sofas.",
            0.500000,
            0.000000,
            0.500000,
        ),
        ("", "nothing at all", 0.000000, 0.000000, 0.000000),
        ("one", "one", 1.000000, 0.000000, 1.000000),
        (
            "Generalizations of relational and conditional operators were analogously radicalized.",
            "The radical relation's conditions operate, generally, by analogy.",
            0.666667,
            0.125000,
            0.444444,
        ),
        (
            "the the the the cat",
            "the cat\nthe cat the",
            0.800000,
            0.250000,
            0.600000,
        ),
    ];
    for (reference, chosen, one, two, longest_sum) in cases {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        let found = best_rouge(&[lines(reference)], &lines(chosen));
        for (measure, found, expected) in [
            ("1", found.one, one),
            ("2", found.two, two),
            ("Lsum", found.longest_sum, longest_sum),
        ] {
            assert!(
                (found - expected).abs() < 1e-6,
                "ROUGE-{measure} of {chosen:?}: {found}, not {expected}"
            );
        }
    }
}

#[test]
fn the_best_reference_counts() {
    let references = [vec!["nothing alike"], vec!["the cat sat"], vec!["a cat"]];
    assert!((best_rouge(&references, &["the cat sat"]).one - 1.0).abs() < 1e-9);
}

#[test]
fn stems_equal_those_of_the_reference() {
    let cases = [
        ("caresses", "caress"),
        ("ponies", "poni"),
        ("ties", "tie"),
        ("cats", "cat"),
        ("feed", "feed"),
        ("agreed", "agre"),
        ("plastered", "plaster"),
        ("motoring", "motor"),
        ("sing", "sing"),
        ("conflated", "conflat"),
        ("troubled", "troubl"),
        ("sized", "size"),
        ("hopping", "hop"),
        ("tanned", "tan"),
        ("falling", "fall"),
        ("hissing", "hiss"),
        ("fizzed", "fizz"),
        ("failing", "fail"),
        ("filing", "file"),
        ("happy", "happi"),
        ("enjoy", "enjoy"),
        ("relational", "relat"),
        ("conditional", "condit"),
        ("rational", "ration"),
        ("valency", "valenc"),
        ("hesitancy", "hesit"),
        ("digitizer", "digit"),
        ("conformably", "conform"),
        ("radically", "radic"),
        ("differently", "differ"),
        ("vilely", "vile"),
        ("analogously", "analog"),
        ("vietnamization", "vietnam"),
        ("predication", "predic"),
        ("operator", "oper"),
        ("feudalism", "feudal"),
        ("decisiveness", "decis"),
        ("hopefulness", "hope"),
        ("callousness", "callous"),
        ("formality", "formal"),
        ("sensitivity", "sensit"),
        ("sensibility", "sensibl"),
        ("triplicate", "triplic"),
        ("formative", "form"),
        ("formalize", "formal"),
        ("electricity", "electr"),
        ("electrical", "electr"),
        ("hopeful", "hope"),
        ("goodness", "good"),
        ("revival", "reviv"),
        ("allowance", "allow"),
        ("inference", "infer"),
        ("airliner", "airlin"),
        ("gyroscopic", "gyroscop"),
        ("adjustable", "adjust"),
        ("defensible", "defens"),
        ("irritant", "irrit"),
        ("replacement", "replac"),
        ("adjustment", "adjust"),
        ("dependent", "depend"),
        ("adoption", "adopt"),
        ("homologous", "homolog"),
        ("communism", "commun"),
        ("activate", "activ"),
        ("angularity", "angular"),
        ("effective", "effect"),
        ("bowdlerize", "bowdler"),
        ("probate", "probat"),
        ("rate", "rate"),
        ("cease", "ceas"),
        ("controll", "control"),
        ("roll", "roll"),
        ("flies", "fli"),
        ("dies", "die"),
        ("died", "die"),
        ("spied", "spi"),
        ("cried", "cri"),
        ("fly", "fli"),
        ("spy", "spi"),
        ("theology", "theolog"),
        ("geology", "geolog"),
        ("archaeology", "archaeolog"),
        ("usefully", "use"),
        ("fully", "fulli"),
        ("news", "news"),
        ("innings", "inning"),
        ("skies", "sky"),
        ("toy", "toy"),
        ("syzygy", "syzygi"),
        ("bring", "bring"),
        ("singing", "sing"),
        ("being", "be"),
        ("owed", "owe"),
        ("opinion", "opinion"),
        ("1980s", "1980"),
        ("generalizations", "gener"),
        ("oscillators", "oscil"),
    ];
    for (word, expected) in cases {
        assert_eq!(stem(word), expected, "{word}");
    }
}

#[test]
fn tokens_are_those_of_the_language() {
    for (language, text, expected) in [
        ("en", "The Houses' walls", &["the", "hous", "wall"] as &[&str]),
        // As the reference counts: nothing but ASCII.
        ("en", "Ein schöner Tag", &["ein", "sch", "ner", "tag"]),
        ("de", "Ein schöner Tag, 2-mal", &["ein", "schöner", "tag", "2", "mal"]),
        ("de", "Houses", &["houses"]),
        ("ru", "Мельница у реки", &["мельница", "у", "реки"]),
        ("zh", "我们2024年去", &["我", "们", "2", "0", "2", "4", "年", "去"]),
        ("ja", "水車は Rust だ", &["水", "車", "は", "rust", "だ"]),
        ("", " -- ", &[]),
    ] {
        assert_eq!(tokens_in(text, language), expected, "{language}: {text}");
    }
}
