//! The cell key method (SCB's since reference year 2025): each count gets noise that is decided by those who are
//! counted, so that the same persons get the same noise wherever they are counted, and nothing is withheld.
//!
//! Each record has a key (`pipeline/record_key.rs`); a cell's key is the sum of those of its distinct persons,
//! modulo 2³²: evenly spread, and another one as soon as one person is. With the count it chooses the noise from a
//! table of probabilities that is public (`data-contracts/README.md`); the keys are not.
//!
//! Deltaganden are persons and what each has beyond a first; both are perturbed, so there are never more persons than
//! deltaganden, and none of one where there are some of the other.

/// Cell keys are whole numbers below this.
pub const KEYS: i64 = 1 << 32;

/// What becomes of a count, by the count and an even draw.
#[derive(Clone, Debug)]
pub(super) struct NoiseTable {
    /// By count; the last is that of every larger one.
    by_count: Vec<Odds>,
}

/// The noise of one count.
#[derive(Clone, Debug)]
struct Odds {
    /// What may be added, ascending.
    noise: Vec<i64>,
    /// Of the 2³² draws, how many give this noise or one before it.
    until: Vec<i64>,
}

impl NoiseTable {
    /// Noise of at most `most`, which is at least the threshold, with mean 0 for every count, and with the variance
    /// where no bound cuts it short. Shown are 0 and counts from the threshold on.
    ///
    /// The odds of noise `e` are `exp(λe − e²/2σ²)`, over what may be shown: σ by the variance, λ so that the mean is
    /// 0. That is the distribution of most entropy with these moments, so that the noise says least of the count.
    pub fn new(most: i64, variance: f64, threshold: i64) -> NoiseTable {
        let all: Vec<i64> = (-most..=most).collect();
        let spread = |sigma: f64| moments(&all, &odds(&all, sigma, 0.0)).1;
        let sigma = bisect(0.01, 100.0 * most as f64, |sigma| spread(sigma) - variance);
        // From there on nothing near is forbidden.
        let free = threshold + most;
        let by_count = (0..=free).map(|count| {
            if count == 0 {
                return Odds { noise: vec![0], until: vec![KEYS] };
            }
            let may = |noise: &i64| count + noise == 0 || count + noise >= threshold;
            let noise: Vec<i64> = all.iter().copied().filter(may).collect();
            let tilt = bisect(-STEEP, STEEP, |tilt| moments(&noise, &odds(&noise, sigma, tilt)).0);
            let until = cumulated(&odds(&noise, sigma, tilt));
            Odds { noise, until }
        });
        NoiseTable { by_count: by_count.collect() }
    }

    fn odds(&self, count: i64) -> &Odds {
        let last = self.by_count.len() - 1;
        &self.by_count[usize::try_from(count).map_or(0, |count| count.min(last))]
    }

    /// The noise of a count for a draw below [`KEYS`].
    fn noise(&self, count: i64, draw: i64) -> i64 {
        let odds = self.odds(count);
        let at = odds.until.partition_point(|&until| until <= draw);
        odds.noise[at.min(odds.noise.len() - 1)]
    }

    /// Deltaganden and persons as they are shown.
    pub fn perturb(&self, deltaganden: i64, personer: i64, cell_key: i64) -> (i64, i64) {
        let shown = personer + self.noise(personer, draw(cell_key, Part::Persons));
        if shown == 0 {
            return (0, 0);
        }
        let beyond = deltaganden - personer;
        (shown + beyond + self.noise(beyond, draw(cell_key, Part::Beyond)), shown)
    }

    /// Noise and probability of a count.
    #[cfg(test)]
    pub fn probabilities(&self, count: i64) -> Vec<(i64, f64)> {
        let odds = self.odds(count);
        let before = std::iter::once(0).chain(odds.until.iter().copied());
        let parts = before.zip(&odds.until).map(|(before, until)| (until - before) as f64 / KEYS as f64);
        odds.noise.iter().copied().zip(parts).collect()
    }
}

/// Which of the two draws of a cell.
#[derive(Clone, Copy)]
enum Part {
    Persons = 1,
    Beyond = 2,
}

/// An even draw below [`KEYS`] of a cell key, one for each part (the finaliser of SplitMix64): the key is secret, so
/// the function need not be.
fn draw(cell_key: i64, part: Part) -> i64 {
    let mut mixed = (cell_key as u64 | (part as u64) << 32).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    i64::from((mixed >> 32) as u32)
}

/// To the nearest multiple of the base, halves up: deltaganden and persons, none of either where persons become none.
pub(super) fn round(deltaganden: i64, personer: i64, base: i64) -> (i64, i64) {
    let nearest = |count: i64| (2 * count + base) / (2 * base) * base;
    if nearest(personer) == 0 { (0, 0) } else { (nearest(deltaganden), nearest(personer)) }
}

/// Steeper than any table needs.
const STEEP: f64 = 100.0;

/// Probabilities of each noise.
fn odds(noise: &[i64], sigma: f64, tilt: f64) -> Vec<f64> {
    let exponent = |&e: &i64| tilt * e as f64 - (e * e) as f64 / (2.0 * sigma * sigma);
    let largest = noise.iter().map(exponent).fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = noise.iter().map(|e| (exponent(e) - largest).exp()).collect();
    let whole: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / whole).collect()
}

/// Mean and variance.
fn moments(noise: &[i64], odds: &[f64]) -> (f64, f64) {
    let of = |power: i32| noise.iter().zip(odds).map(|(&e, p)| (e as f64).powi(power) * p).sum::<f64>();
    (of(1), of(2) - of(1) * of(1))
}

/// Where a growing function is 0.
fn bisect(mut low: f64, mut high: f64, of: impl Fn(f64) -> f64) -> f64 {
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if of(middle) < 0.0 { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// Probabilities as numbers of draws, each with those before it; the last is all of them.
fn cumulated(odds: &[f64]) -> Vec<i64> {
    let mut sum = 0.0;
    let mut until: Vec<i64> = odds
        .iter()
        .map(|odds| {
            sum += odds;
            (sum * KEYS as f64).round() as i64
        })
        .collect();
    if let Some(last) = until.last_mut() {
        *last = KEYS;
    }
    until
}
