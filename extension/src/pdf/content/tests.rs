//! Documents whose forms show forms.

use super::MAX_FORMS;
use crate::pdf::read;
use crate::pdf::tests::{file_of, stream};

/// Shows the text where the origin is.
fn show(text: &str) -> String {
    format!("BT /F1 6 Tf ({text}) Tj ET\n")
}

/// What the document says whose page shows the first of these forms. Each may show every other by its number: `/X0`, `/X1`.
fn text_of(forms: &[String]) -> String {
    let names: String = (0..forms.len())
        .map(|form| format!("/X{form} {} 0 R ", form + 5))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /XObject << {names} >> \
             /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
        stream("", "1 0 0 1 50 700 cm /X0 Do"),
    ];
    // Without resources of its own a form has those of whoever shows it.
    objects.extend(
        forms
            .iter()
            .map(|content| stream("/Type /XObject /Subtype /Form /BBox [0 0 612 792]", content)),
    );
    read(file_of(&objects), |_, _| {}).unwrap().text
}

#[test]
fn a_form_that_shows_itself_is_shown_once() {
    let below = "1 0 0 1 0 -40 cm";
    let itself = [format!("{}{below} /X0 Do {below} /X0 Do", show("Once"))];
    assert_eq!(text_of(&itself), "Once");
    let each_other = [
        format!("{}{below} /X1 Do {below} /X1 Do", show("First")),
        format!("{}1 0 0 1 0 -10 cm /X0 Do", show("Second")),
    ];
    // Shown twice by the page's own form, each time without what it is shown by.
    assert_eq!(text_of(&each_other), "First\n\nSecond\n\nSecond");
}

#[test]
fn forms_that_show_one_another_twice_come_to_an_end() {
    // Each copy stands at a place of its own: 2 to the power of 20 of them in all.
    let levels = 20;
    let twice = |level: usize| {
        format!(
            "/X{next} Do 1 0 0 1 {} 0 cm /X{next} Do",
            9 << (levels - 1 - level),
            next = level + 1
        )
    };
    let mut forms: Vec<String> = (0..levels).map(twice).collect();
    forms.push(show("a"));
    let shown = text_of(&forms).matches('a').count();
    assert!(shown > MAX_FORMS / 4 && shown <= MAX_FORMS, "{shown}");
}
