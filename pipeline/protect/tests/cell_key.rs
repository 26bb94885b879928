//! What holds of the noise of the cell key method: by the table of probabilities, and over many cells.

use super::country::Dice;
use crate::protect::cell_key::{KEYS, NoiseTable, round};
use proptest::prelude::*;

/// Largest noise, variance, threshold: those of our contracts first, then the corners of what is taken.
const TABLES: [(i64, f64, i64); 6] =
    [(5, 4.0, 5), (5, 9.9, 5), (5, 0.1, 5), (2, 1.0, 2), (10, 4.0, 3), (50, 100.0, 50)];

fn table((most, variance, threshold): (i64, f64, i64)) -> NoiseTable {
    NoiseTable::new(most, variance, threshold)
}

fn mean_and_variance(odds: &[(i64, f64)]) -> (f64, f64) {
    let mean: f64 = odds.iter().map(|&(noise, p)| noise as f64 * p).sum();
    (mean, odds.iter().map(|&(noise, p)| (noise as f64 - mean).powi(2) * p).sum())
}

#[test]
fn the_odds_of_every_count_keep_the_law() {
    for of in TABLES {
        let (most, variance, threshold) = of;
        let table = table(of);
        assert_eq!(table.probabilities(0), [(0, 1.0)], "zero stays zero");
        for count in 1..threshold + 3 * most {
            let odds = table.probabilities(count);
            let sum: f64 = odds.iter().map(|(_, p)| p).sum();
            assert!((sum - 1.0).abs() < 1e-9, "{of:?}: {count}");
            for &(noise, p) in odds.iter().filter(|(_, p)| *p > 0.0) {
                let shown = count + noise;
                assert!(noise.abs() <= most && (shown == 0 || shown >= threshold), "{of:?}: {count} as {shown}");
                assert!(p < 1.0, "{of:?}: {count} is always shown as {shown}");
            }
            let (mean, spread) = mean_and_variance(&odds);
            assert!(mean.abs() < 1e-6, "{of:?}: the noise of {count} has mean {mean}");
            let is_free = count >= threshold + most;
            assert!(!is_free || (spread - variance).abs() < 1e-6, "{of:?}: the noise of {count} has {spread}");
        }
    }
}

/// The figures that `data-contracts/README.md` gives for `brus: {hogst: 5, varians: 4}` and threshold 5.
#[test]
fn the_published_odds_are_those_of_the_table() {
    let readme = include_str!("../../../data-contracts/README.md");
    let table = table(TABLES[0]);
    for count in (1..=5).chain([7, 10]) {
        let odds = table.probabilities(count);
        let of =
            |noise: i64| odds.iter().find(|(held, _)| *held == noise).map_or(String::new(), |(_, p)| format!("{p:.3}"));
        let cells: Vec<String> = (-5..=5).map(of).collect();
        let (_, variance) = mean_and_variance(&odds);
        let row = format!(
            "| {count}{} | {} | {variance:.2} |",
            if count == 10 { " and more" } else { "" },
            cells.join(" | ")
        );
        assert!(readme.contains(&row), "data-contracts/README.md lacks\n{row}");
    }
}

proptest! {
    #[test]
    fn noise_is_whole_and_bounded_and_nobody_is_made_up(
        at in 0..TABLES.len(), personer in 0i64..400, beyond in 0i64..60, key in 0..KEYS,
    ) {
        let (most, _, threshold) = TABLES[at];
        let deltaganden = if personer == 0 { 0 } else { personer + beyond };
        let (shown, persons) = table(TABLES[at]).perturb(deltaganden, personer, key);
        prop_assert!((persons - personer).abs() <= most);
        prop_assert!(persons == 0 || persons >= threshold);
        prop_assert!(shown >= persons && (shown == 0) == (persons == 0));
        prop_assert!(personer > 0 || shown == 0);
        // Persons who become none take all their deltaganden with them.
        prop_assert!(persons == 0 || (shown - deltaganden).abs() <= 2 * most);
        prop_assert!(deltaganden != personer || shown == persons);
        prop_assert_eq!((shown, persons), table(TABLES[at]).perturb(deltaganden, personer, key));
    }

    #[test]
    fn rounded_counts_are_near_and_consistent(base in 2i64..40, personer in 0i64..400, beyond in 0i64..60) {
        let deltaganden = if personer == 0 { 0 } else { personer + beyond };
        let (shown, persons) = round(deltaganden, personer, base);
        prop_assert!(persons % base == 0 && shown % base == 0 && 2 * (persons - personer).abs() <= base);
        prop_assert!(shown >= persons && (shown == 0) == (persons == 0) && (personer > 0 || shown == 0));
        prop_assert!(persons == 0 || 2 * (shown - deltaganden).abs() <= base);
    }
}

#[test]
fn halves_are_rounded_up() {
    let shown = [0, 2, 3, 5, 7, 8, 12].map(|count| round(count, count, 5).1);
    assert_eq!(shown, [0, 0, 5, 5, 5, 10, 10]);
    assert_eq!([1, 3].map(|count| round(count, count, 2).1), [2, 4]);
    assert_eq!(round(40, 1, 5), (0, 0), "of nobody there is nothing");
}

/// Cells of persons whose keys are drawn: a cell key is the sum of theirs.
fn drawn_cells(count: usize, sizes: std::ops::Range<u64>) -> Vec<(i64, i64)> {
    let mut dice = Dice(20_261_122);
    let cell = |_| {
        let persons = sizes.start + dice.below(sizes.end - sizes.start);
        let key: i64 = (0..persons).map(|_| (dice.below(1 << 16) << 16 | dice.below(1 << 16)) as i64).sum();
        (persons as i64, key % KEYS)
    };
    (0..count).map(cell).collect()
}

/// Mean and variance of the noise of drawn cells, within five standard errors of 0 and V. The variance of a squared
/// noise is at most that of a normal one, 2V², so that the bounds are not narrower than they say.
#[test]
fn over_many_cells_the_noise_is_even() {
    let (most, variance, threshold) = TABLES[0];
    let table = table(TABLES[0]);
    for (sizes, is_free) in [(10..400, true), (1..10, false)] {
        let cells = drawn_cells(40_000, sizes);
        let noise: Vec<f64> =
            cells.iter().map(|&(persons, key)| (table.perturb(persons, persons, key).1 - persons) as f64).collect();
        let n = noise.len() as f64;
        let mean = noise.iter().sum::<f64>() / n;
        let spread = noise.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / n;
        assert!(noise.iter().all(|e| e.abs() <= most as f64));
        assert!(mean.abs() < 5.0 * (spread / n).sqrt(), "mean {mean}, variance {spread}");
        if is_free {
            let error = 5.0 * (2.0 * variance * variance / n).sqrt();
            assert!((spread - variance).abs() < error, "variance {spread}, not {variance} ± {error}");
        }
        println!("{n} cells, threshold {threshold}: mean {mean:.4}, variance {spread:.4}");
    }
}

/// Of both parts of one cell the draws say nothing of each other.
#[test]
fn persons_and_what_is_beyond_are_drawn_apart() {
    let table = table(TABLES[0]);
    let cells = drawn_cells(40_000, 20..400);
    let pairs = cells.iter().map(|&(persons, key)| {
        let (shown, held) = table.perturb(persons + 20, persons, key);
        ((held - persons) as f64, (shown - held - 20) as f64)
    });
    let n = cells.len() as f64;
    let covariance = pairs.map(|(a, b)| a * b).sum::<f64>() / n;
    assert!(covariance.abs() < 5.0 * TABLES[0].1 / n.sqrt(), "covariance {covariance}");
}
