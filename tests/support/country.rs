//! An invented country as a data root, its truth beside it.

use super::root::Root;
use super::{catalogue, paths};
use pipeline::generate::{Plan, generate};
use pipeline::stage::{Night, STAGES, run_stages};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

impl Root {
    /// With the deliveries of the demo's country at a scale.
    pub fn generated(scale: f64) -> Root {
        Root::invented(&Plan { scale, ..Plan::demo() })
    }

    /// With the deliveries of an invented country.
    pub fn invented(plan: &Plan) -> Root {
        let root = Root::new();
        generate(plan, &catalogue(), &root.path.join("deliveries"), &root.facit(), &mut |_, _, _| {})
            .expect("the country is made");
        root
    }

    pub fn facit(&self) -> PathBuf {
        self.folder.path().join("root.facit")
    }

    /// Runs the stages up to and with one.
    pub fn run_until(&self, last: &str) -> Night {
        let job = self.job(&catalogue());
        job.empty_spill().expect("the root is writable");
        let mut night = Night::default();
        for stage in &STAGES {
            (stage.run)(&job, &mut night).unwrap_or_else(|error| panic!("{}: {error}", stage.name));
            if stage.name == last {
                return night;
            }
        }
        panic!("there is no stage {last}");
    }

    /// Runs a whole night.
    pub fn run(&self) -> Night {
        run_stages(&self.job(&catalogue())).unwrap_or_else(|error| panic!("the night: {error}"))
    }

    /// Reasons and counts as planted.
    pub fn planted(&self) -> BTreeMap<String, i64> {
        let text = std::fs::read_to_string(self.facit().join("planterat.csv")).expect("facit is there");
        let lines = text.lines().skip(1).filter_map(|line| line.split_once(','));
        lines.map(|(reason, count)| (reason.to_owned(), count.parse().expect("a count"))).filter(|p| p.1 > 0).collect()
    }
}

/// Every file below a folder, with its path from there, sorted.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let name = |path: &Path| path.strip_prefix(folder).expect("below the folder").display().to_string();
    let mut found: Vec<(String, Vec<u8>)> = paths(folder)
        .into_iter()
        .map(|path| (name(&path), std::fs::read(&path).expect("the file is readable")))
        .collect();
    found.sort();
    found
}
