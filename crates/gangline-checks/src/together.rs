//! Several futures at once, on the one thread that a job has.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;

/// One of them.
pub(crate) type Part<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Runs all `parts`, at most `at_once` of them at a time, in their order; the results are in that
/// order, too. Dropping it drops what runs.
pub(crate) async fn together<T>(parts: Vec<Part<'_, T>>, at_once: usize) -> Vec<T> {
    let mut waiting = parts.into_iter().enumerate();
    let mut running: Vec<(usize, Part<'_, T>)> = waiting.by_ref().take(at_once.max(1)).collect();
    let mut done: Vec<(usize, T)> = vec![];
    poll_fn(|cx| {
        let mut at = 0;
        while at < running.len() {
            let Poll::Ready(value) = running[at].1.as_mut().poll(cx) else {
                at += 1;
                continue;
            };
            let (number, _) = running.remove(at);
            done.push((number, value));
            // At the end, and so it is polled in this same round.
            running.extend(waiting.next());
        }
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, value)| value).collect()
}

/// Awaits `main`, and `side` beside it; what `main` comes to may be enough, and then `side` is dropped.
pub(crate) async fn beside<T, U>(
    main: impl Future<Output = T>,
    side: impl Future<Output = U>,
    enough: impl Fn(&T) -> bool,
) -> (T, Option<U>) {
    let (mut main, mut side) = (pin!(main), pin!(side));
    let (mut done, mut found) = (None, None);
    poll_fn(|cx| {
        if found.is_none()
            && let Poll::Ready(value) = side.as_mut().poll(cx)
        {
            found = Some(value);
        }
        if done.is_none()
            && let Poll::Ready(value) = main.as_mut().poll(cx)
        {
            done = Some(value);
        }
        match &done {
            Some(value) if found.is_some() || enough(value) => Poll::Ready(()),
            Some(_) | None => Poll::Pending,
        }
    })
    .await;
    (done.expect("BUG: it ends with the main one"), found)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn as_many_run_as_may_and_all_of_them_in_the_end() {
        for at_once in 1..5 {
            let (now, most) = (Cell::new(0), Cell::new(0));
            let (now, most) = (&now, &most);
            let part = |n: usize| -> Part<'_, usize> {
                Box::pin(async move {
                    now.set(now.get() + 1);
                    most.set(most.get().max(now.get()));
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    now.set(now.get() - 1);
                    n
                })
            };
            let all = together((0..4).map(part).collect(), at_once).await;
            assert_eq!((all, most.get()), (vec![0, 1, 2, 3], at_once.min(4)));
        }
        let none: Vec<u8> = together(vec![], 3).await;
        assert!(none.is_empty());
    }
    #[tokio::test]
    async fn a_side_is_awaited_unless_the_main_one_is_enough() {
        let slow = || async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            'b'
        };
        let now = || std::future::ready('a');
        assert_eq!(beside(now(), slow(), |_| false).await, ('a', Some('b')));
        assert_eq!(beside(slow(), now(), |_| true).await, ('b', Some('a')));
        assert_eq!(beside(now(), std::future::pending::<u8>(), |_| true).await, ('a', None));
    }
}
