//! Small PDFs, written here: each with what one test is about.

/// A text on a page: where it stands, in points from the lower left corner, and its size.
pub(crate) struct Text<'a>(pub(crate) u32, pub(crate) u32, pub(crate) u32, pub(crate) &'a str);

/// A document with a page for each list of texts.
pub(crate) fn document(title: &str, pages: &[Vec<Text<'_>>]) -> Vec<u8> {
    let contents = pages.iter().map(|texts| {
        let show = |Text(x, y, size, text): &Text<'_>| {
            let text = text.replace('(', "\\(").replace(')', "\\)");
            format!("BT /F1 {size} Tf {x} {y} Td ({text}) Tj ET\n")
        };
        texts.iter().map(show).collect::<String>()
    });
    written(title, &contents.collect::<Vec<_>>(), "")
}

/// A document that takes a password to open: nobody knows the one that fits this entry.
pub(crate) fn locked() -> Vec<u8> {
    let entry = "41".repeat(32);
    let lock = format!(
        "/Encrypt << /Filter /Standard /V 2 /R 3 /Length 128 /P -44 /O <{entry}> /U <{entry}> >> /ID [<{id}> <{id}>]",
        id = "42".repeat(16)
    );
    written(
        "Locked",
        &["BT /F1 12 Tf 50 700 Td (Nobody reads this.) Tj ET".to_owned()],
        &lock,
    )
}

/// A document whose only page is a picture, as a scanner makes them.
pub(crate) fn picture() -> Vec<u8> {
    written("", &["q 500 0 0 700 50 50 cm /Im1 Do Q".to_owned()], "")
}

/// What calls itself a PDF and is none.
pub(crate) fn damaged() -> Vec<u8> {
    [b"%PDF-1.7\n".as_slice(), &[0x5a; 4000]].concat()
}

/// The file of these pages' contents, with more in its trailer.
fn written(title: &str, contents: &[String], trailer: &str) -> Vec<u8> {
    let page_id = |page: usize| 5 + 2 * page;
    let kids: String = (0..contents.len())
        .map(|page| format!("{} 0 R ", page_id(page)))
        .collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", contents.len()),
        "<< /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> /XObject << /Im1 4 0 R >> >>".to_owned(),
        "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 /Length 1 >>\n\
         stream\n0\nendstream"
            .to_owned(),
    ];
    for (page, content) in contents.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources 3 0 R /Contents {} 0 R >>",
            page_id(page) + 1
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    objects.push(format!("<< /Title ({title}) >>"));
    let mut file = "%PDF-1.7\n".to_owned();
    let mut table = "0000000000 65535 f \n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", index + 1));
    }
    let (size, start) = (objects.len() + 1, file.len());
    file.push_str(&format!(
        "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R /Info {} 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n",
        objects.len()
    ));
    file.into_bytes()
}
