//! Whether characters can be a text of any language. A font may call its letters something else than what they look like:
//! copied from such a document, `This sentence` is `7KLV VHQWHQFH`.

/// Fewer letters tell nothing.
const MIN_LETTERS: usize = 60;
/// The most common letters. In every language in Latin script that was looked at (30 of them, from Vietnamese and Czech to
/// Finnish and Zulu) they are between 45 and 75 of 100 letters, the accents left off; of letters that stand for others
/// about 30.
const COMMON: &str = "aeionrst";
/// Of so many in 100 letters at least a text is made.
const MIN_COMMON_PERCENT: usize = 34;

/// Whether these can be the characters of a text.
pub(super) fn can_be(characters: impl Iterator<Item = char>) -> bool {
    let (mut letters, mut common) = (0, 0);
    for character in characters {
        if character.is_ascii_alphabetic() {
            letters += 1;
            common += usize::from(COMMON.contains(character.to_ascii_lowercase()));
        } else if matches!(u32::from(character), 0xc0..=0x24f | 0x1e00..=0x1eff) {
            // With an accent: most are vowels.
            letters += 1;
            common += 1;
        }
    }
    letters < MIN_LETTERS || 100 * common >= MIN_COMMON_PERCENT * letters
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_stand_for_others_are_no_text() {
        let text = "This sentence can be seen but it cannot be copied. The font has no table that leads back to letters. \
                    Of course every reader of the page would understand it very well.";
        let shifted = |by: u8| {
            text.chars().map(move |c| {
                if c.is_ascii() {
                    char::from((c as u8).wrapping_sub(by))
                } else {
                    c
                }
            })
        };
        assert!(can_be(text.chars()));
        assert!(!can_be(shifted(29)));
        assert!(!can_be(shifted(3)));
        assert!(can_be("XQ 12".chars()));
    }

    #[test]
    fn texts_of_many_languages_can_be() {
        let texts = [
            "Die Mühle steht am Fluss und hat sich seit dem Hochwasser nicht mehr gedreht. Niemand weiß, wem sie gehört, \
             und der Müller ist fort.",
            "Młyn stoi nad rzeką i nie kręci się od czasu powodzi. Nikt nie wie, do kogo należy, a młynarz dawno już wyjechał \
             z miasteczka.",
            "Cối xay đứng bên bờ sông và không quay nữa kể từ trận lụt năm ấy. Không ai biết nó thuộc về ai, người thợ xay đã \
             đi xa rồi.",
            "Mylly seisoo joen rannalla eikä ole pyörinyt tulvan jälkeen. Kukaan ei tiedä, kenelle se kuuluu, ja mylläri on \
             lähtenyt pois kylästä.",
            "Değirmen nehrin kıyısında duruyor ve selden beri dönmedi. Kime ait olduğunu kimse bilmiyor, değirmenci ise çoktan \
             gitti buradan.",
            "Mlýn stojí u řeky a od povodně se netočí. Nikdo neví, komu patří, a mlynář je už dávno pryč; zbyly po něm jen \
             pytle a kočka.",
        ];
        for text in texts {
            assert!(can_be(text.chars()), "{text}");
        }
        println!("{} languages", texts.len());
    }
}
