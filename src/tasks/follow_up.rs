//! Whether a question leans on the one before it in the thread ("And in winter?", "Who paid for it?", "¿Cuánto cuesta?"), so
//! that it can be searched for only together with that. Tables of a few languages decide; in others, and where they are silent,
//! a question stands on its own.

use super::cues;
use crate::text::{is_written_without_spaces, words};
use std::cmp::Reverse;

/// A question with more words of its own than this says what it is about.
const FEW_WORDS: usize = 2;
/// A longer question stands on its own.
const LONGEST_CHARS: usize = 120;
/// So much of the question before is looked at to know its language.
const SAMPLE_CHARS: usize = 400;
/// In a script without spaces a question of so few letters names one thing and asks nothing of it.
const FRAGMENT_LETTERS: usize = 3;

/// What a language's words say of a question. Words that belong together are joined by `_`; a word with `$` behind it is meant
/// only where it is the last.
struct Language {
    /// A follow-up begins with these.
    opens: &'static str,
    /// Prepositions: what begins with one and asks no other question is a part of a question.
    before: &'static str,
    /// Pronouns, and others that point to what was said.
    points: &'static str,
    /// They ask for what belongs to a doing: with one word behind them, and without what `is`, nobody does it.
    asks: &'static str,
    is: &'static str,
    /// They ask for a name or a thing.
    names: &'static str,
    /// Other words that say nothing about what is asked.
    others: &'static str,
    /// What looks like a pronoun and points nowhere.
    points_nowhere: &'static str,
}

const DIVIDED: [Language; 7] = [
    Language {
        opens: "and but or so also then same what_about how_about what_if",
        before: "in on at by for from to with without after before during between under over until since near around",
        points: "it its he him his she her hers they them their theirs this that these those there one ones",
        asks: "when where why how",
        is: "is are was were",
        names: "who whom whose what which",
        others: "a an the of into about as than be been being am do does did has have had can could will would shall should \
            may might must not no yes much many long often far old more most less least else any some all every each other \
            others too up down out off i you we me us my your our please tell give",
        points_nowhere: "is_there are_there was_there were_there there_is there_are there_was there_were",
    },
    Language {
        opens: "und aber oder doch sonst auch dann also was_ist_mit was_mit wie_ist_es_mit wie_sieht_es_mit wie_steht_es_mit",
        before: "in im am an auf bei beim für mit ohne nach vor seit zu zum zur um aus von vom wegen unter über ab bis \
            während",
        points: "er sie es ihn ihm ihr ihre ihren ihrem ihrer ihres sein seine seinen seinem seiner ihnen dies diese dieser \
            dieses diesem diesen jene jener jenes dort da dabei dafür damit davon dazu daran darauf darin darüber dessen \
            deren das$ die$ der$ den$",
        asks: "wann warum wieso weshalb wie wo woher wohin wieviel wozu",
        is: "ist sind war waren heißt",
        names: "wer wen wem wessen was welche welcher welches welchem welchen",
        others: "der die das den dem des ein eine einen einem einer eines kein keine nicht ja nein hat haben hatte hatten \
            wird werden wurde wurden worden kann können konnte muss soll darf viel viele lange oft weit alt mehr man mir \
            mich ich du wir uns sich noch schon nur so als etwas alles denn",
        points_nowhere: "gibt_es es_gibt gab_es es_gab",
    },
    Language {
        opens: "y e o pero entonces también además qué_hay_de que_hay_de qué_pasa_con que_pasa_con qué_tal",
        before: "en con sin para por de desde hasta durante según a al del tras antes después",
        points: "él ella ellos ellas lo le les su sus esto eso este esta estos estas ese esa esos esas aquello aquel aquella \
            allí allá ahí ello la$",
        asks: "cuándo cuánto cuánta cuántos cuántas dónde cómo por_qué cuando cuanto cuanta cuantos cuantas donde como por_que",
        is: "es son fue era fueron eran está están",
        names: "qué quién quiénes cuál cuáles que quien cual",
        others: "el la los las un una unos unas se me te nos no sí ha han había hay más muy mucho muchos ya si puede pueden \
            tiene tienen ser estar",
        points_nowhere: "",
    },
    Language {
        opens: "et mais ou alors donc aussi puis sinon qu_en_est_il quid",
        before: "en à au aux dans pour avec sans sur sous de du des après avant pendant depuis chez par vers",
        points: "il elle ils elles lui leur leurs son sa ses ce c cet cette ces cela ça ceci celui celle ceux celles là le$ \
            la$",
        asks: "quand pourquoi comment où combien",
        is: "est sont était étaient fut",
        names: "qui que qu quoi quel quelle quels quelles lequel laquelle",
        others: "le la les l un une d n s m t j je tu nous vous on se me te ne pas non oui a ont avait été être avoir peut \
            peuvent très plus moins beaucoup déjà si y",
        points_nowhere: "y_a_t_il il_y_a est_ce_que est_ce_qu t_il t_elle",
    },
    Language {
        opens: "e ed ma o oppure allora quindi anche invece",
        before: "in con senza per di da dal dalla a al alla nel nella nei nelle su sul sulla dopo prima durante d",
        points: "lui lei loro egli essa esso essi esse suo sua suoi sue questo questa questi queste quello quella quelli \
            quelle ciò lì là lo$ la$ gli$ le$",
        asks: "quando perché perche come dove quanto quanta quanti quante",
        is: "è sono era erano fu",
        names: "chi che cosa cos quale quali qual",
        others: "il lo la i gli le l un uno una si mi ti non sì ha hanno aveva c ci più molto molti già può possono essere \
            avere stato stata",
        points_nowhere: "",
    },
    Language {
        opens: "e ou mas então também",
        before: "em no na nos nas com sem para por de do da dos das após antes durante ao à",
        points: "ele ela eles elas isso isto este esta estes estas esse essa esses essas aquilo aquele aquela lhe lhes dele \
            dela deles delas seu sua seus suas lá ali",
        asks: "quando porquê porque por_que por_quê como onde quanto quanta quantos quantas",
        is: "é são foi era eram está estão",
        names: "que quê quem qual quais",
        others: "o a os as um uma se me te não sim há tem têm mais muito muitos já pode podem ser ter foram",
        points_nowhere: "",
    },
    Language {
        opens: "لكن أو ثم إذن أيضا أيضًا ماذا_عن",
        before: "في إلى على عن مع بدون بعد قبل خلال منذ",
        points: "هذا هذه ذلك تلك هؤلاء هناك هنا عنه عنها فيه فيها منه منها له لها به بها إليه إليها عليه عليها معه معها هو$ \
            هي$ هم$",
        asks: "متى لماذا كيف أين كم",
        is: "هو هي هم",
        names: "من ما ماذا أي أية",
        others: "هل لا نعم قد كان كانت يكون التي الذي أن إن تم",
        points_nowhere: "",
    },
];

const JAPANESE: Language = Language {
    opens: "では じゃあ じゃ それで それなら そして また でも しかし ほかに 他に",
    before: "",
    points: "それ その そこ そんな これ この ここ あれ あの 彼女 彼ら 彼 同じ",
    asks: "なぜ どうして いつ どこ いくら どう どのくらい 何時 何年",
    is: "は が を",
    names: "何人 何 誰 だれ どの どれ",
    others: "ですか ますか 教えて もっと",
    points_nowhere: "",
};

const CHINESE: Language = Language {
    opens: "那么 那 还有 還有 但是 而且 然后 然後 所以",
    before: "",
    points: "它们 它 他们 他 她 这 這 那里 那裡 那个 那個",
    asks: "为什么 為什麼 什么时候 什麼時候 何时 何時 怎么 怎麼 哪里 哪裡 多少 多久 如何",
    is: "是",
    names: "什么 什麼 哪 谁 誰 几",
    others: "吗 嗎 呢 的 了 在 有 和 会 會 能 可以 被",
    points_nowhere: "",
};

/// Whether the question can be understood only after the one before it.
pub(super) fn leans(question: &str, previous: &str) -> bool {
    if question.chars().nth(LONGEST_CHARS).is_some() {
        return false;
    }
    if question.contains(is_kana) {
        return JAPANESE.leans_undivided(question);
    }
    if question.contains(is_written_without_spaces) {
        return CHINESE.leans_undivided(question);
    }
    let mut asked: Vec<String> = words(question).collect();
    let before: String = previous.chars().take(SAMPLE_CHARS).collect();
    let before: Vec<String> = words(&before).collect();
    let known = |language: &Language, words: &[String]| words.iter().filter(|word| language.knows(word)).count();
    // The question before has more words to know the language by.
    let fits = |language: &&Language| {
        (
            known(language, &before) + known(language, &asked),
            known(language, &asked),
        )
    };
    // Of equals the first.
    let Some(language) = DIVIDED.iter().min_by_key(|language| Reverse(fits(language))) else {
        return false;
    };
    let is_joined = asked.first_mut().is_some_and(|first| language.part_and(first));
    language.leans_divided(&asked, is_joined)
}

impl Language {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        let lists = [
            self.opens,
            self.before,
            self.points,
            self.asks,
            self.is,
            self.names,
            self.others,
        ];
        lists.into_iter().flat_map(str::split_whitespace)
    }

    fn knows(&self, word: &str) -> bool {
        self.all().any(|known| known.trim_end_matches('$') == word)
    }

    /// Parts the Arabic "and" from the word that it is written together with.
    fn part_and(&self, word: &mut String) -> bool {
        let rest = word.strip_prefix(['و', 'ف']);
        let Some(rest) = rest.filter(|rest| self.knows(rest) || rest.starts_with("ال")) else {
            return false;
        };
        *word = rest.to_owned();
        true
    }

    fn leans_divided(&self, words: &[String], begins_with_and: bool) -> bool {
        let all = format!("_{}_", words.join("_"));
        let mut text = all.clone();
        for phrase in self.points_nowhere.split_whitespace() {
            text = text.replace(&format!("_{phrase}_"), "_");
        }
        let has = |list: &str| {
            list.split_whitespace().any(|word| match word.strip_suffix('$') {
                Some(last) => text.ends_with(&format!("_{last}_")),
                None => text.contains(&format!("_{word}_")),
            })
        };
        let begins = |list: &str| {
            let mut list = list.split_whitespace();
            list.any(|word| all.starts_with(&format!("_{word}_")))
        };
        let own = text.split('_').filter(|word| !word.is_empty() && !self.knows(word));
        let own = own.count();
        let names_the_text = cues::name_the_text(&text);
        let is_part = begins(self.before) && !has(self.asks) && !has(self.names);
        let lacks_somebody = own <= 1 && has(self.asks) && !has(self.is);
        let points_back = begins_with_and || begins(self.opens) || is_part || (has(self.points) && !names_the_text);
        !words.is_empty() && (own == 0 || (own <= FEW_WORDS && points_back) || lacks_somebody)
    }

    fn leans_undivided(&self, question: &str) -> bool {
        let letters: String = question.chars().filter(|c| c.is_alphanumeric()).collect();
        let has = |list: &str| list.split_whitespace().any(|word| letters.contains(word));
        let begins = |list: &str| list.split_whitespace().any(|word| letters.starts_with(word));
        let mut known: Vec<&str> = self.all().collect();
        known.sort_by_key(|word| Reverse(word.len()));
        let rest = known
            .into_iter()
            .fold(question.to_owned(), |rest, word| rest.replace(word, " "));
        let own: usize = rest
            .split(|c: char| !c.is_alphanumeric() || is_hiragana(c))
            .map(words_in)
            .sum();
        let lacks_somebody = own <= 1 && has(self.asks) && !has(self.is);
        let points_back = begins(self.opens) || has(self.points);
        let is_fragment = letters.chars().count() <= FRAGMENT_LETTERS;
        own == 0 || (own <= FEW_WORDS && points_back) || lacks_somebody || is_fragment
    }
}

/// How many words a run of characters makes: Chinese ones by twos.
fn words_in(run: &str) -> usize {
    let ideographs = run
        .chars()
        .filter(|c| is_written_without_spaces(*c) && !is_kana(*c))
        .count();
    let has_others = run.contains(|c| !is_written_without_spaces(c) || is_kana(c));
    ideographs.div_ceil(2) + usize::from(has_others)
}

fn is_hiragana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{309f}')
}

fn is_kana(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}')
}
