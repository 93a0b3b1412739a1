//! Whose turn it is: a queue of jobs for each of several places that have one job at a time, such as tabs.
//!
//! What a person asked for goes before what nobody did, and among equals who came first goes first. A job that somebody
//! asked for is never put off; one that nobody did gives way at once and is begun again later. Nothing here knows what a job
//! is or does it: whoever hosts the engine is told whom to begin and whom to stop.

use std::collections::BTreeMap;

/// Who wants a job done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Nobody asked for it.
    Automatic,
    /// A person did.
    Asked,
}

/// The jobs of each queue: the one that runs and those that wait. `Q` tells queues apart, `J` jobs, of all queues together.
#[derive(Debug)]
pub struct Schedule<Q, J> {
    queues: BTreeMap<Q, Queue<J>>,
}

#[derive(Debug)]
struct Queue<J> {
    running: Option<(Urgency, J)>,
    /// In the order of their turns.
    waiting: Vec<(Urgency, J)>,
}

/// What is to be done now. Both are of one queue; the one that gives way is stopped before the other begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn<J> {
    /// The job that stops, and waits for another turn.
    pub gives_way: Option<J>,
    /// The job that begins.
    pub begins: Option<J>,
}

impl<J> Turn<J> {
    const NOTHING: Self = Self {
        gives_way: None,
        begins: None,
    };
}

impl<Q, J> Default for Schedule<Q, J> {
    fn default() -> Self {
        Self {
            queues: BTreeMap::new(),
        }
    }
}

impl<Q: Ord, J: Clone + PartialEq> Schedule<Q, J> {
    /// Takes in a job that is in no queue yet.
    pub fn add(&mut self, queue: Q, job: J, urgency: Urgency) -> Turn<J> {
        let queue = self.queues.entry(queue).or_insert_with(|| Queue {
            running: None,
            waiting: Vec::new(),
        });
        queue.put(job, urgency, false);
        queue.next()
    }

    /// Somebody asks for a job that was automatic. Nothing, if it was asked for already or is in no queue.
    pub fn raise(&mut self, job: &J) -> Turn<J> {
        for queue in self.queues.values_mut() {
            match &mut queue.running {
                Some((urgency, running)) if running == job => *urgency = Urgency::Asked,
                _ => {
                    let is_it = |(urgency, known): &(Urgency, J)| known == job && *urgency == Urgency::Automatic;
                    let Some(at) = queue.waiting.iter().position(is_it) else {
                        continue;
                    };
                    let (_, job) = queue.waiting.remove(at);
                    queue.put(job, Urgency::Asked, false);
                    return queue.next();
                }
            }
        }
        Turn::NOTHING
    }

    /// A job is over, or nobody wants it any more, be it that it ran or that it waited. Nothing, if it is in no queue.
    pub fn end(&mut self, job: &J) -> Turn<J> {
        let mut turn = Turn::NOTHING;
        for queue in self.queues.values_mut() {
            queue.waiting.retain(|(_, known)| known != job);
            if queue.running.as_ref().is_some_and(|(_, running)| running == job) {
                queue.running = None;
                turn = queue.next();
            }
        }
        self.queues
            .retain(|_, queue| queue.running.is_some() || !queue.waiting.is_empty());
        turn
    }

    /// The job of this queue that runs.
    #[must_use]
    pub fn running(&self, queue: &Q) -> Option<&J> {
        let (_, job) = self.queues.get(queue)?.running.as_ref()?;
        Some(job)
    }

    /// Whether nothing runs and nothing waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.queues.is_empty()
    }
}

impl<J: Clone> Queue<J> {
    /// Puts a job behind those of its urgency, or before them.
    fn put(&mut self, job: J, urgency: Urgency, is_first: bool) {
        let goes_before = |known: &Urgency| *known > urgency || (!is_first && *known == urgency);
        let at = self.waiting.partition_point(|(known, _)| goes_before(known));
        self.waiting.insert(at, (urgency, job));
    }

    /// Begins the first that waits, if nothing runs or what runs has to give way to it.
    fn next(&mut self) -> Turn<J> {
        let Some((first, _)) = self.waiting.first() else {
            return Turn::NOTHING;
        };
        if self.running.as_ref().is_some_and(|(urgency, _)| urgency >= first) {
            return Turn::NOTHING;
        }
        let (urgency, begins) = self.waiting.remove(0);
        let gives_way = self.running.replace((urgency, begins.clone()));
        if let Some((urgency, job)) = gives_way.clone() {
            // It began before the others of its kind.
            self.put(job, urgency, true);
        }
        Turn {
            gives_way: gives_way.map(|(_, job)| job),
            begins: Some(begins),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Urgency::{Asked, Automatic};
    use super::*;
    use proptest::prelude::*;

    fn begins(job: u32) -> Turn<u32> {
        Turn {
            gives_way: None,
            begins: Some(job),
        }
    }

    #[test]
    fn two_jobs_of_a_queue_follow_each_other_and_those_of_two_do_not_wait() {
        let mut schedule = Schedule::default();
        assert_eq!(schedule.add("tab", 1, Asked), begins(1));
        assert_eq!(schedule.add("tab", 2, Asked), Turn::NOTHING);
        assert_eq!(schedule.add("tab", 3, Automatic), Turn::NOTHING);
        assert_eq!(schedule.add("tab", 4, Asked), Turn::NOTHING);
        assert_eq!(schedule.add("other", 5, Automatic), begins(5));
        assert_eq!(schedule.end(&1), begins(2));
        assert_eq!(schedule.end(&2), begins(4));
        assert_eq!(schedule.end(&4), begins(3));
        assert_eq!(schedule.end(&3), Turn::NOTHING);
        assert_eq!(schedule.running(&"other"), Some(&5));
        assert_eq!(schedule.end(&5), Turn::NOTHING);
        assert!(schedule.is_empty());
    }

    #[test]
    fn what_nobody_asked_for_gives_way_and_comes_again_before_its_like() {
        let mut schedule = Schedule::default();
        schedule.add((), 1, Automatic);
        schedule.add((), 2, Automatic);
        let turn = schedule.add((), 3, Asked);
        assert_eq!((turn.gives_way, turn.begins), (Some(1), Some(3)));
        assert_eq!(schedule.end(&3), begins(1));
        assert_eq!(schedule.end(&1), begins(2));
    }

    #[test]
    fn a_job_that_somebody_asks_for_after_all_is_put_off_no_more() {
        let mut schedule = Schedule::default();
        schedule.add((), 1, Automatic);
        assert_eq!(schedule.raise(&1), Turn::NOTHING);
        assert_eq!(schedule.add((), 2, Asked), Turn::NOTHING);
        schedule.add((), 3, Automatic);
        schedule.add((), 4, Automatic);
        assert_eq!(schedule.raise(&4), Turn::NOTHING);
        assert_eq!(schedule.end(&1), begins(2));
        assert_eq!(schedule.end(&2), begins(4));
        let mut schedule = Schedule::default();
        schedule.add((), 1, Automatic);
        schedule.add((), 2, Automatic);
        let turn = schedule.raise(&2);
        assert_eq!((turn.gives_way, turn.begins), (Some(1), Some(2)));
        assert_eq!(schedule.raise(&9), Turn::NOTHING);
    }

    #[test]
    fn what_is_cancelled_while_it_waits_never_begins() {
        let mut schedule = Schedule::default();
        schedule.add((), 1, Asked);
        schedule.add((), 2, Asked);
        schedule.add((), 3, Asked);
        assert_eq!(schedule.end(&2), Turn::NOTHING);
        assert_eq!(schedule.end(&1), begins(3));
    }

    proptest! {
        #[test]
        fn every_job_has_its_turn_one_at_a_time_and_none_that_was_asked_for_is_put_off(
            deeds in prop::collection::vec((0_u8..4, 0_u8..2, any::<bool>()), 0..80),
        ) {
            let mut schedule = Schedule::default();
            let mut running: BTreeMap<u8, (usize, bool)> = BTreeMap::new();
            let mut finished = Vec::new();
            let mut asked: Vec<(u8, bool)> = Vec::new();
            let act = |queue: u8, turn: Turn<usize>, asked: &[(u8, bool)], running: &mut BTreeMap<u8, (usize, bool)>| {
                if let Some(job) = turn.gives_way {
                    assert_eq!(running.remove(&queue), Some((job, false)));
                }
                if let Some(job) = turn.begins {
                    assert_eq!(asked[job].0, queue);
                    assert_eq!(running.insert(queue, (job, asked[job].1)), None);
                }
            };
            for (deed, queue, is_asked) in deeds {
                if deed < 2 {
                    let job = asked.len();
                    asked.push((queue, is_asked));
                    let turn = schedule.add(queue, job, if is_asked { Asked } else { Automatic });
                    act(queue, turn, &asked, &mut running);
                } else if let Some((job, _)) = running.remove(&queue) {
                    finished.push(job);
                    let turn = schedule.end(&job);
                    act(queue, turn, &asked, &mut running);
                }
            }
            while let Some((queue, (job, _))) = running.pop_first() {
                finished.push(job);
                let turn = schedule.end(&job);
                act(queue, turn, &asked, &mut running);
            }
            finished.sort_unstable();
            prop_assert_eq!(finished, (0..asked.len()).collect::<Vec<_>>());
            prop_assert!(schedule.is_empty());
        }
    }
}
