//! The frame of a card: a page of the extension that any page can put into itself, too. So it is answered only once it has
//! said what the host gave to the content script that opened it, and then only about its own tab.

use std::cell::RefCell;

use wasm_bindgen_futures::spawn_local;

use super::{Peer, Session};
use crate::protocol::{Event, ProtocolError, Request, TextRef};

/// The page in the frame; under an address of its own each time, which only whoever opened it knows.
const PAGE: &str = "/pages/card.html";

/// A card at the other end of a port.
pub(super) struct Card {
    /// The tab that it is in.
    pub(super) tab: i32,
    trust: RefCell<Trust>,
}

enum Trust {
    /// It has said nothing yet.
    Unknown,
    /// What it said is being looked up; this was asked meanwhile.
    LookedUp(Vec<(u32, Request)>),
    /// It is a card of this tab.
    Given,
    /// It is none.
    Refused,
}

/// Is this the address of a card's page?
pub(super) fn is_card(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.ends_with(PAGE)
}

impl Card {
    pub(super) fn new(tab: i32) -> Self {
        Self {
            tab,
            trust: RefCell::new(Trust::Unknown),
        }
    }

    pub(super) fn is_trusted(&self) -> bool {
        matches!(*self.trust.borrow(), Trust::Given)
    }

    /// What it asked is answered no more.
    pub(super) fn refuse(&self) {
        self.trust.replace(Trust::Refused);
    }

    /// Whether it asks about its own tab only, and nothing that is for the extension's other pages.
    fn may_ask(&self, session: &Session, request: &Request) -> bool {
        let own = |tab: &Option<i32>| *tab == Some(self.tab);
        // One that is not known belongs to nobody yet.
        let own_job = |name: &str| session.0.host.jobs.tab_of(name).is_none_or(|tab| own(&tab));
        match request {
            Request::Work { job, text, .. } => {
                let is_own_text = match text {
                    TextRef::Tab { tab_id, .. } => *tab_id == self.tab,
                    TextRef::Known { tab_id, .. } => own(tab_id),
                    TextRef::Here { .. } => false,
                };
                is_own_text && own_job(job)
            }
            Request::Cancel { job } | Request::Teach { job, .. } => own_job(job),
            Request::Jobs { tab_id } => *tab_id == self.tab,
            Request::State { .. } | Request::OwnLabels | Request::AddLabel { .. } => true,
            _ => false,
        }
    }
}

impl Session {
    /// A card asks something.
    pub(super) fn of_card(&self, card: &Card, id: u32, request: Request) {
        if card.is_trusted() {
            return self.answer_card(card, id, request);
        }
        let is_known = card.trust.replace(Trust::Refused);
        match (is_known, request) {
            (Trust::Unknown, Request::Hello { nonce }) => {
                card.trust.replace(Trust::LookedUp(Vec::new()));
                self.look_up(card.tab, id, nonce);
            }
            (Trust::LookedUp(mut asked), request) => {
                asked.push((id, request));
                card.trust.replace(Trust::LookedUp(asked));
            }
            (Trust::Unknown | Trust::Given, _) => self.close("a card did not say who it is"),
            (Trust::Refused, _) => {}
        }
    }

    /// Looks up whether this nonce was given to a card of this tab; answers then what was asked meanwhile.
    fn look_up(&self, tab: i32, id: u32, nonce: String) {
        let session = self.clone();
        spawn_local(async move {
            let is_known = session.0.host.nonces.is_of(tab, &nonce).await;
            let Peer::Card(card) = &session.0.peer else { return };
            let becomes = if is_known { Trust::Given } else { Trust::Refused };
            let asked = match card.trust.replace(becomes) {
                Trust::LookedUp(asked) => asked,
                _ => return,
            };
            if !is_known {
                return session.close("a card is none that was opened in its tab");
            }
            session.0.host.load_soon();
            session.stream(id).end(Ok(Event::Ok));
            for (id, request) in asked {
                session.answer_card(card, id, request);
            }
        });
    }

    fn answer_card(&self, card: &Card, id: u32, request: Request) {
        let request = match request {
            // What failed on the tab's page is said once, by the popup.
            Request::State { .. } => Request::State { tab_id: None },
            request => request,
        };
        if card.may_ask(self, &request) {
            self.answer(id, request);
        } else {
            let cause = "a card may not ask for this".to_owned();
            self.refuse(Some(id), ProtocolError::Malformed { cause });
        }
    }
}
