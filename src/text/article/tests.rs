//! Articles: a page with everything that stands beside one, pages that have none, and what must hold for any text at all.

use super::bounds::{Bounded, bounded};
use super::{Article, Block, BlockKind, article, article_in_steps};
use crate::steps::tests::{counted, timed};
use crate::steps::{Meter, STEP_UNITS, Steps};
use crate::text::{Document, align};
use proptest::prelude::*;
use std::fmt::Write;
use std::time::Duration;

const PAGE: &str = r##"<!doctype html><html lang="en-GB"><head><title>The mill turns again | River News</title>
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"The mill turns again",
"author":{"@type":"Person","name":"Jo Doe"},"datePublished":"2024-05-03T10:00:00Z"}</script><style>p { color: red }</style></head>
<body><nav><a href="/">Home</a> <a href="/news">News</a></nav>
<div class="cookie-banner"><p>We use cookies, and so do our 180 partners. Accept all of them, or choose which ones.</p></div>
<main><article><h1>The mill turns again</h1>
<p class="byline">By Jo Doe</p><time datetime="2024-05-03">3 May 2024</time>
<div class="share-bar"><a href="#">Share on everything</a></div>
<p>The old mill by the river turned on Friday for the first time since 1954, and half of the town came to watch it.</p>
<figure><img src="mill.jpg"><figcaption>The mill on Friday, seen from the bridge. Photo: Ann Other</figcaption></figure>
<h2>How it was mended</h2>
<p>Volunteers had worked on the wheel for three years, most of them on Saturdays, all of them without pay, rain or shine.</p>
<ul><li>The wheel is of oak, and weighs four tons.</li><li>The axle was cast in 1811, in a foundry that is no more.</li></ul>
<blockquote><p>We never thought that we would see it turn, said the oldest of them, who is ninety, and laughed.</p></blockquote>
<table><tr><th>Year</th><th>Turns a minute</th></tr><tr><td>1954</td><td>6</td></tr></table>
<pre>turns = 6
    minutes = 10</pre>
<aside class="related"><h3>Read more</h3><ul><li><a href="/a">Bridge closed</a></li><li><a href="/b">Bakery opens</a></li></ul></aside>
<h2>What comes next</h2>
<p>Flour will be ground in autumn, if the council agrees, and sold in the shop of the museum, which is open on Sundays.</p>
</article></main>
<section class="comments"><h3>Comments</h3><p>Lovely to see it, I was there as a child, and I shall be there again, said a reader.</p></section>
<footer><p>All rights reserved, River News, 12 Mill Lane.</p></footer></body></html>"##;

#[test]
fn what_belongs_to_the_article_is_kept_by_kind_and_what_stands_beside_it_is_not() {
    let found = article(PAGE);
    let lines: Vec<String> = found
        .blocks
        .iter()
        .map(|block| {
            format!(
                "{:?}: {}",
                block.kind,
                block.text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "Paragraph: The old mill",
            "Caption: The mill on",
            "Heading(2): How it was",
            "Paragraph: Volunteers had worked",
            "ListItem: The wheel is",
            "ListItem: The axle was",
            "Quote: We never thought",
            "TableRow: Year Turns a",
            "TableRow: 1954 6",
            "Code: turns = 6",
            "Heading(2): What comes next",
            "Paragraph: Flour will be",
        ]
    );
    assert!(
        found
            .blocks
            .iter()
            .any(|block| block.text == "turns = 6\n    minutes = 10")
    );
    assert!(!found.text().contains("seen from the bridge"));
    let fields = [found.title, found.byline, found.date, found.language].map(Option::unwrap_or_default);
    assert_eq!(
        fields,
        ["The mill turns again", "Jo Doe", "2024-05-03T10:00:00Z", "en-GB"]
    );
    assert!(found.is_article);
    assert_eq!((found.read_bytes, found.total_bytes), (PAGE.len(), PAGE.len()));
}

#[test]
fn a_page_without_an_article_says_so() {
    let results = (0..20).fold(String::new(), |mut page, index| {
        let _ = write!(
            page,
            "<div><a href='/{index}'>Result number {index} of a long list of results, with words</a></div>"
        );
        page
    });
    for html in [
        "",
        "no markup",
        "<title>App</title><div id=root></div><script>start()</script>",
        "<body><button>New</button><button>Open</button><div>3 items</div></body>",
        results.as_str(),
    ] {
        let found = article(html);
        assert!(!found.is_article && found.blocks.is_empty(), "{html:.80}: {found:?}");
    }
}

#[test]
fn a_large_page_is_read_in_part_and_says_how_far() {
    let paragraph = "<p>The keeper wrote down the height of the water, every morning, for all of that long year.</p>";
    let html = format!("<article>{}</article>", paragraph.repeat(100_000));
    let found = article(&html);
    assert!(found.is_article && found.total_bytes == html.len());
    assert!((3 << 20..=4 << 20).contains(&found.read_bytes), "{}", found.read_bytes);
    assert!(found.blocks.len() > 30_000);
    let scripts = format!("<script>{}</script>{PAGE}", "x".repeat(6 << 20));
    assert_eq!(article(&scripts).blocks, article(PAGE).blocks);
}

fn cut_down(html: &str) -> Bounded {
    Steps::new(async { bounded(html, &mut Meter::default()).await }).run()
}

#[test]
#[expect(clippy::disallowed_types, reason = "the test measures time")]
fn no_nesting_takes_long() {
    let attributes: String = (0..20_000).map(|index| format!("<b id={index}>x<p>")).collect();
    for pattern in [
        "<div>",
        "<div>a, b",
        "<span>a",
        "<table><tr><td>",
        "<a href=\"",
        "<!-- ",
        "<script>",
        "<",
        "<br>",
        "<p>a",
        &attributes,
    ] {
        let html = pattern.repeat(1_000_000 / pattern.len() + 1);
        let bounded = cut_down(&html);
        assert!(bounded.html.len() <= 4 << 20 && bounded.read_bytes <= html.len());
        assert!(bounded.html.matches("<div").count() <= 256);
        assert!(bounded.html.matches("<table").count() <= 24);
        let start = std::time::Instant::now();
        article(&html);
        let elapsed = start.elapsed();
        assert!(
            elapsed < Duration::from_secs(10),
            "{:?} took {elapsed:?}",
            &pattern[..pattern.len().min(20)]
        );
    }
}

/// The page as the content script delivers it: white space of its own, and more around the article.
fn visible(found: &Article) -> String {
    let body: Vec<String> = found
        .blocks
        .iter()
        .map(|block| block.text.replace(' ', "\n "))
        .collect();
    format!(
        "Home News\n\nBy Jo Doe\n\n{}\n\nComments\n\nLovely to see it",
        body.join("\n\n")
    )
}

#[test]
fn a_block_begins_where_it_begins_and_not_at_a_heading_with_its_first_words() {
    let words = "The lock at Harrow Bend has lifted boats past the weir since 1831, and it still works by hand.";
    let found = Article {
        blocks: vec![Block {
            kind: BlockKind::Paragraph,
            text: words.to_owned(),
        }],
        ..Article::default()
    };
    let text = format!("The lock at Harrow Bend\n\n{words}");
    let aligned = align(&found, &text);
    assert_eq!(aligned, [(BlockKind::Paragraph, text.len() - words.len()..text.len())]);
}

#[test]
fn blocks_are_found_in_the_text_that_is_shown() {
    let found = article(PAGE);
    let text = visible(&found);
    let aligned = align(&found, &text);
    assert_eq!(aligned.len(), found.blocks.len());
    for ((kind, span), block) in aligned.iter().zip(&found.blocks) {
        let dense = |text: &str| text.split_whitespace().collect::<String>();
        assert_eq!((*kind, dense(&text[span.clone()])), (block.kind, dense(&block.text)));
    }
}

#[test]
fn differences_inside_a_block_do_not_hide_it_and_hidden_blocks_are_left_out() {
    let found = article(PAGE);
    let text = visible(&found)
        .replace("Volunteers", "\u{ad}Volunteers[1] (see")
        .replace("oldest", "very old");
    let without = text.replace(&found.blocks[0].text.replace(' ', "\n "), "");
    assert_eq!(align(&found, &text).len(), found.blocks.len());
    assert_eq!(align(&found, &without).len(), found.blocks.len() - 1);
    assert!(align(&found, "something else altogether, of some length, that the page shows").is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_html_gives_sound_blocks_and_any_text_sound_spans(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "<div>", "</div>", "<p>", "</p>", "<table>", "<tr>", "<td>", "</table>", "<b>", "</b>", "<a href=x>", "</a>", "<ul><li>",
                "</ul>", "<br><br>", "<noscript>", "<h1>", "</h1>", "<h2 class=share>", "<form>", "<svg>", "<template>", "<select>",
                "<frameset>", "<body>", "</body>", "<title>", "</title>", "<script type=application/ld+json>", "</script>", "<!--",
                "-->", "<![CDATA[", "&amp;", "&#0;", "é😀", "\0", "<pre>\n ", "</pre>", "<blockquote>", "<figure><figcaption>", "<nav>",
                "<", "\"", "'", "<p class=\"byline author\">", "<textarea>", "<plaintext>", "<td colspan=99999999999999999999>",
                "text, with, commas, and, so, on. ", "\u{2028}", "The keeper wrote down the height of the water, every morning. ",
            ]),
            0..120,
        ),
        text in any::<String>(),
    ) {
        let html = parts.concat();
        let found = article(&html);
        prop_assert_eq!(found.is_article, !found.blocks.is_empty());
        prop_assert!(found.blocks.iter().all(|block| !block.text.trim().is_empty()));
        prop_assert!(found.read_bytes <= found.total_bytes && found.total_bytes == html.len());
        prop_assert!(article(&text).read_bytes <= text.len());
        for visible in [visible(&found), text, html] {
            let mut position = 0;
            for (_, span) in align(&found, &visible) {
                prop_assert!(span.start >= position && span.end > span.start);
                prop_assert!(visible.get(span.clone()).is_some_and(|slice| slice.trim() == slice));
                position = span.end;
            }
        }
    }
}

#[test]
fn rows_of_labels_and_the_handles_of_headings_are_not_read() {
    let prose = "The kiln was lit on Monday and burned for nine days, which is two days longer than the potters had planned for.";
    let page = format!(
        "<html><body><div><p>Page 1 of 3 · 14 posts · <a href='/w'>Watch this topic</a> · <a href='/p'>Print</a></p>
        <p>{prose}</p><h2>The glaze<a class='headerlink' href='#glaze'>¶</a></h2><p>{prose}</p>
        <h2>The clay <span class='mw-editsection'>[<a href='/edit'>edit</a>]</span></h2><p>{prose}</p>
        <p>It was <a href='/hot'>hot</a> | very hot | so they said, and so it stayed until the last of the wood was burned.</p>
        </div></body></html>"
    );
    let texts: Vec<String> = article(&page).blocks.into_iter().map(|block| block.text).collect();
    assert_eq!(texts[..5], [prose, "The glaze", prose, "The clay", prose]);
    assert!(texts[5].starts_with("It was hot"), "{texts:?}");
}

#[test]
fn an_article_is_found_and_aligned_in_short_steps() {
    let paragraph = |index: usize| {
        format!(
            "<p>On day {index} the <b>harbour</b> saw {} ships, and a keeper wrote it down, as he did.</p>",
            index % 97
        )
    };
    let html = format!("<main>{}</main>", (0..6000).map(paragraph).collect::<String>());
    let (steps, found) = counted(article_in_steps(&html));
    assert!(steps.iter().sum::<usize>() >= html.len());
    // The library's call is noted as one step's worth: it cannot be divided.
    let most = steps.iter().max().copied().unwrap_or_default();
    assert!(most <= 2 * STEP_UNITS, "a step of {most} units");

    let text = visible(&found);
    let aligned = || Document::of_page_in_steps(text.clone(), &found);
    let (steps, document) = counted(aligned());
    assert_eq!(document.blocks.len(), found.blocks.len());
    assert!(
        steps.len() > 20 && steps.iter().all(|units| *units <= 2 * STEP_UNITS),
        "{steps:?}"
    );
    let (longest, all) = timed(aligned);
    println!("aligned in {} steps, the longest {longest:?} of {all:?}", steps.len());
    assert!(longest * 8 < all, "a step of {longest:?}, of {all:?} in all");
}

/// The blocks' texts, one a line.
fn read(html: &str) -> String {
    let found = article(html);
    assert!(found.is_article, "{html:.120}");
    found
        .blocks
        .iter()
        .map(|block| block.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

const PROSE: &str =
    "The kiln was lit on Monday and burned for nine days, which is two days longer than the potters had planned for.";

#[test]
fn of_several_articles_below_each_other_the_one_is_read_that_the_page_is_about() {
    let long = PROSE.replace("kiln", "ferry").repeat(6);
    for (open, close) in [("<article>", "</article>"), ("<div class=story>", "</div>")] {
        let page = format!(
            "<title>The kiln is lit | The Potter</title><main>{open}<h1>The kiln is lit</h1><p>{PROSE}</p><p>{PROSE}</p>{close}
            {open}<h1>A ferry sinks</h1><p>{long}</p><p>{long}</p>{close}</main>"
        );
        let text = read(&page);
        assert!(text.contains("kiln") && !text.contains("ferry"), "{open}: {text}");
    }
}

#[test]
fn comments_are_not_the_text_however_long_they_are() {
    let comment = format!(
        "<div class=reply><p>{}</p></div>",
        PROSE.replace("kiln", "goat").repeat(2)
    )
    .repeat(6);
    for comments in [
        format!("<div class=discussion>{comment}</div>"),
        format!("<section id=comment-list>{comment}</section>"),
        format!("<div><h3>6 replies</h3>{comment}</div>"),
    ] {
        let page = format!(
            "<title>The kiln</title><div><h1>The kiln</h1><div><p>{PROSE}</p><p>{PROSE}</p></div>{comments}</div>"
        );
        let text = read(&page);
        assert!(
            text.contains("kiln") && !text.contains("goat"),
            "{comments:.40}: {text}"
        );
    }
    let thread = format!("<title>Goats</title><div class=comments>{comment}</div>");
    assert!(
        read(&thread).contains("goat"),
        "where all is comments, they are the text"
    );
}

#[test]
fn what_warns_in_a_box_and_what_is_all_link_is_read_and_what_begs_below_is_not() {
    let page = format!(
        "<title>The kiln</title><body><article><h1>The kiln</h1><p>{PROSE}</p>
        <div class='admonition warning'><p>Never open the door while the fire burns.</p></div>
        <aside class='callout tip'><p>If the fire sinks, the second door may be opened first.</p></aside><p>{PROSE}</p>
        <p><a href=/a>The potters ask everybody who saw the smoke over the hill on Friday to write to them.</a></p>
        <p><a href=/b>All the pots of the year</a></p>
        <h2 class=related-links>What comes next</h2><p>{PROSE}</p><aside class=promo><p>Buy two pots, get the third for nothing.</p></aside>
        </article><div class=below><span>Kindly rate this text.</span></div></body>"
    );
    let text = read(&page);
    for kept in [
        "while the fire burns",
        "second door",
        "over the hill on Friday",
        "What comes next",
    ] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    for left_out in ["All the pots", "Buy two pots", "Kindly rate"] {
        assert!(!text.contains(left_out), "{left_out}: {text}");
    }
}

#[test]
fn comments_of_the_page_end_as_in_a_browser_and_signs_are_no_way_past_the_limit() {
    for closed in ["<!-- x --!>", "<!-->", "<!--->", "<!-- a -- b --->"] {
        assert_eq!(cut_down(&format!("{closed}<p>read")).html, "<p>read", "{closed}");
    }
    let signs = "<".repeat(6 << 20);
    let kept = cut_down(&signs);
    assert_eq!((kept.html.len(), kept.read_bytes), (4 << 20, 4 << 20));
}

#[expect(clippy::disallowed_types, reason = "the test measures time")]
#[test]
fn a_heading_full_of_elements_takes_no_longer_than_its_text() {
    let heading = format!(
        "<h1>{}{}</h1><p>{PROSE}</p><p>{PROSE}</p>",
        "<div>".repeat(250),
        "word ".repeat(200_000)
    );
    let start = std::time::Instant::now();
    article(&heading);
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
}
