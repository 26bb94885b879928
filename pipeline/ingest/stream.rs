//! Work on several threads whose results come in the order of the work.

use crate::error::Result;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Mutex, PoisonError};

/// Results of one piece that may wait for those before it.
const AHEAD: usize = 4;

/// Takes pieces from a source, works on them on so many threads, and absorbs what comes out on this one: piece by
/// piece in the order of the source, whatever finished first. What is under way is bounded: so many pieces per
/// thread, so many results per piece. `work` hands out its results as long as they are wanted; `absorb` says whether
/// it wants more.
///
/// # Errors
/// What `absorb` returns.
pub(super) fn in_order<P: Send, R: Send>(
    threads: usize,
    source: impl FnMut() -> Option<P> + Send,
    work: impl Fn(P, &mut dyn FnMut(R) -> bool) + Sync,
    mut absorb: impl FnMut(R) -> Result<bool>,
) -> Result<()> {
    let source = Mutex::new(source);
    let (queue, pieces) = sync_channel::<Receiver<R>>(threads.max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            let queue = queue.clone();
            let (source, work) = (&source, &work);
            scope.spawn(move || {
                loop {
                    let (piece, results) = {
                        let mut source = source.lock().unwrap_or_else(PoisonError::into_inner);
                        let Some(piece) = source() else { return };
                        let (results, waiting) = sync_channel(AHEAD);
                        // In the order of the source, because the source is still held.
                        if queue.send(waiting).is_err() {
                            return;
                        }
                        (piece, results)
                    };
                    work(piece, &mut |result| results.send(result).is_ok());
                }
            });
        }
        drop(queue);
        for results in pieces {
            for result in results {
                if !absorb(result)? {
                    return Ok(());
                }
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_source() {
        for threads in 1..4 {
            let mut pieces = 0..50u64;
            let mut found = Vec::new();
            let work = |piece: u64, sink: &mut dyn FnMut(u64) -> bool| {
                // The first of every few pieces takes longest.
                std::thread::sleep(std::time::Duration::from_millis(3 - piece % 4 % 3));
                for part in 0..piece % 11 {
                    if !sink(piece * 100 + part) {
                        return;
                    }
                }
            };
            in_order(
                threads,
                || pieces.next(),
                work,
                |result| {
                    found.push(result);
                    Ok(result < 3000)
                },
            )
            .expect("nothing fails");
            let all = (0..50).flat_map(|piece| (0..piece % 11).map(move |part| piece * 100 + part));
            let expected: Vec<u64> = all.take_while(|result| *result <= 3000).collect();
            assert_eq!(found, expected, "{threads} threads");
        }
    }
}
