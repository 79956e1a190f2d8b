//! How often one address may submit.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many requests an address may make at once, and how many a second come back to it.
#[derive(Debug, Clone, Copy)]
struct Rate {
    burst: f64,
    refill: f64,
}

/// What changes something: submissions, forms of the desk.
const CHANGES: Rate = Rate { burst: 240.0, refill: 8.0 };
/// What anyone may send without an account: comments, requests, tips. Nobody writes these by the second.
const PUBLIC_FORMS: Rate = Rate { burst: 30.0, refill: 0.1 };
/// Addresses that are told apart; beyond that, all others share one bucket.
const MAX_ADDRESSES: usize = 8192;

/// A token bucket for each address, in memory, bounded.
#[derive(Debug)]
pub(crate) struct Limits {
    rate: Rate,
    buckets: Mutex<Buckets>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { rate: CHANGES, buckets: Mutex::default() }
    }
}

#[derive(Debug, Default)]
struct Buckets {
    by_address: HashMap<IpAddr, Bucket>,
    others: Option<Bucket>,
}

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Bucket {
    fn full(rate: Rate, at: Instant) -> Self {
        Self { left: rate.burst, at }
    }

    fn take(&mut self, rate: Rate, now: Instant) -> bool {
        self.refill(rate, now);
        let allowed = self.left >= 1.0;
        if allowed {
            self.left -= 1.0;
        }
        allowed
    }

    fn refill(&mut self, rate: Rate, now: Instant) {
        let passed = now.saturating_duration_since(self.at);
        self.left = (self.left + passed.as_secs_f64() * rate.refill).min(rate.burst);
        self.at = now;
    }
}

impl Limits {
    /// Makes the bounds of forms that need no account.
    pub(crate) fn of_public_forms() -> Self {
        Self { rate: PUBLIC_FORMS, buckets: Mutex::default() }
    }

    /// Counts a request of this address; tells whether it is within the limit.
    pub(crate) fn allow(&self, address: IpAddr, now: Instant) -> bool {
        // A count that a panic interrupted is still a count.
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let rate = self.rate;
        let Buckets { by_address, others } = &mut *buckets;
        let address = network_of(address);
        if !by_address.contains_key(&address) && by_address.len() >= MAX_ADDRESSES {
            let refilled = Duration::from_secs_f64(rate.burst / rate.refill);
            by_address.retain(|_, bucket| now.saturating_duration_since(bucket.at) < refilled);
            if by_address.len() >= MAX_ADDRESSES {
                return others.get_or_insert(Bucket::full(rate, now)).take(rate, now);
            }
        }
        by_address.entry(address).or_insert(Bucket::full(rate, now)).take(rate, now)
    }
}

/// One subscriber has a whole IPv6 network of 64 bits.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_runs_out_and_recovers_without_touching_others() {
        let (limits, start) = (Limits::default(), Instant::now());
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let allowed = (0..1000).filter(|_| limits.allow(one, start)).count();
        assert_eq!(allowed, 240);
        assert!(limits.allow(other, start));
        let later = start + Duration::from_secs(1);
        assert_eq!((0..1000).filter(|_| limits.allow(one, later)).count(), 8);
    }

    #[test]
    fn forms_without_an_account_are_bounded_more_narrowly() {
        let (limits, start) = (Limits::of_public_forms(), Instant::now());
        let one = IpAddr::from([192, 0, 2, 1]);
        assert_eq!((0..1000).filter(|_| limits.allow(one, start)).count(), 30);
        assert_eq!((0..1000).filter(|_| limits.allow(one, start + Duration::from_mins(1))).count(), 6);
    }

    #[test]
    fn addresses_of_one_ipv6_network_share_a_bucket() {
        let (limits, start) = (Limits::default(), Instant::now());
        let address = |last: u16| IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]);
        assert_eq!((0..1000).filter(|n| limits.allow(address(*n), start)).count(), 240);
    }

    #[test]
    fn more_addresses_than_are_kept_share_one_bucket_and_no_memory() {
        let (limits, start) = (Limits::default(), Instant::now());
        let address = |n: u32| IpAddr::from((0x0a00_0000_u32 + n).to_be_bytes());
        let most = u32::try_from(MAX_ADDRESSES).unwrap();
        assert!((0..most).all(|n| limits.allow(address(n), start)));
        assert_eq!((most..most + 1000).filter(|n| limits.allow(address(*n), start)).count(), 240);
        assert_eq!(limits.buckets.lock().unwrap().by_address.len(), MAX_ADDRESSES);
        assert!(limits.allow(address(most + 2000), start + Duration::from_mins(2)));
        assert_eq!(limits.buckets.lock().unwrap().by_address.len(), 1);
    }
}
