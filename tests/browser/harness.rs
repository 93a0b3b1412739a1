//! What the tests themselves stand on.

use std::time::Duration;

use pith_tests::Setup;

/// Goes to the same page anew while the script has not ended yet; true in the second document.
const GOES_AWAY_ONCE: &str = "(() => {
    if (sessionStorage.wentAway) return true;
    sessionStorage.wentAway = 'yes';
    location.reload();
    return new Promise(() => {});
})()";

#[test]
fn what_is_waited_for_may_come_with_the_next_document() {
    let setup = Setup::start().unwrap();
    let page = setup.open("article.html").unwrap();
    page.wait_until("the second document", GOES_AWAY_ONCE, Duration::from_secs(20))
        .unwrap();
}
