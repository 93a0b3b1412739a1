//! Chinese and Japanese: stops need no space, and a quotation may go on as a part of its sentence.

use super::stops::{Mark, Next};
use super::verdict::{Place, Verdict};
use Verdict::{Ends, GoesOn};

/// What goes on after a quotation in Japanese: particles.
const PARTICLES: [&str; 15] = [
    "と",
    "って",
    "という",
    "などと",
    "なんて",
    "は",
    "が",
    "を",
    "に",
    "の",
    "も",
    "で",
    "なの",
    "かと",
    "だと",
];
/// Words that begin so and are no particles.
const NO_PARTICLES: [&str; 12] = [
    "でも",
    "では",
    "もう",
    "もし",
    "もちろん",
    "はい",
    "にもかか",
    "とても",
    "ところ",
    "ともかく",
    "がんば",
    "のち",
];
/// What goes on after a quotation in Chinese.
const CONTINUATIONS: [&str; 30] = [
    "然后", "然後", "的", "地", "是", "而", "并", "並", "便", "就", "也", "还", "還", "又", "等", "这", "這", "来",
    "來", "一词", "一詞", "一语", "一句", "为", "為", "和", "与", "與", "或", "之",
];
/// Characters that say that somebody speaks.
const SPEAKS: [char; 12] = ['说', '說', '道', '问', '問', '喊', '叫', '答', '笑', '嚷', '写', '寫'];
/// Who speaks is said in so many characters.
const LONGEST_SPEAKER_CHARS: usize = 10;

/// Whether the sentence ends at an ideographic stop, or at another one between such characters.
pub(super) fn verdict(place: &Place<'_>) -> Verdict {
    let stop = place.stop;
    let rest = &place.line[stop.next_start..];
    let has_space = stop.next_start > stop.end;
    if stop.next == Next::Going && !stop.has_opener {
        return GoesOn;
    }
    let mark = &place.line[stop.start..stop.mark_end];
    // `２．０`, `ｖ２．０`.
    if mark == "．" && stop.token.ends_with(char::is_numeric) && stop.next == Next::Digit {
        return GoesOn;
    }
    let closer = place.line[stop.mark_end..stop.end].chars().next_back();
    let Some(closer) = closer else {
        let trails_off = stop.mark == Mark::Ellipsis;
        let asks =
            !mark.contains('。') && ["と", "って"].iter().any(|particle| rest.starts_with(particle)) && !is_word(rest);
        return if (trails_off && !stop.has_opener && !has_space) || asks {
            GoesOn
        } else {
            Ends
        };
    };
    if stop.has_opener || has_space {
        return Ends;
    }
    if matches!(closer, '》' | '〉') {
        return GoesOn;
    }
    if PARTICLES.iter().any(|particle| rest.starts_with(particle)) && !is_word(rest) {
        return GoesOn;
    }
    if CONTINUATIONS.iter().any(|word| rest.starts_with(word)) {
        return GoesOn;
    }
    let starts_sentence = place.begins_with_pair();
    let is_bracket = matches!(closer, '）' | ')' | '】' | '］');
    if is_bracket {
        return if starts_sentence { Ends } else { GoesOn };
    }
    if starts_sentence && names_speaker(rest) {
        GoesOn
    } else {
        Ends
    }
}

fn is_word(rest: &str) -> bool {
    NO_PARTICLES.iter().any(|word| rest.starts_with(word))
}

/// `他说。`, `小王笑道，`: who speaks, and not yet another quotation.
fn names_speaker(rest: &str) -> bool {
    let mut chars = rest.chars().take(LONGEST_SPEAKER_CHARS);
    let is_mark = |c: char| !c.is_alphanumeric();
    let mut speaks = false;
    let end = chars.find(|c| {
        speaks |= SPEAKS.contains(c);
        is_mark(*c)
    });
    speaks && !matches!(end, Some('：' | ':'))
}
