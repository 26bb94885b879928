//! An invented country in a temporary folder, as a data root with settings and key beside it.

use super::catalogue;
use pipeline::generate::{Plan, generate};
use pipeline::job::{Job, Progress};
use pipeline::pseudonymise::Key;
use pipeline::stage::{Night, STAGES, run_stages};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A data root; removed when dropped.
pub struct Root {
    folder: tempfile::TempDir,
}

impl Root {
    /// With no deliveries yet.
    pub fn empty() -> Root {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = Root { folder };
        std::fs::create_dir(root.path()).expect("the folder is new");
        Key::create(&root.key()).expect("the key is new");
        root
    }

    /// With the deliveries of an invented country.
    pub fn generated(scale: f64) -> Root {
        let root = Root::empty();
        let plan = Plan { scale, ..Plan::demo() };
        generate(&plan, &catalogue(), &root.path().join("deliveries"), &root.facit(), &mut |_, _, _| {})
            .expect("the country is made");
        root
    }

    pub fn path(&self) -> PathBuf {
        self.folder.path().join("rot")
    }

    pub fn facit(&self) -> PathBuf {
        self.folder.path().join("rot.facit")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("nyckel")
    }

    pub fn job(&self) -> Job {
        Job::open(&self.path(), Some(&self.key()), catalogue(), Progress::new(true)).expect("the root can be opened")
    }

    /// Runs the stages up to and with one.
    pub fn run_until(&self, last: &str) -> Night {
        let job = self.job();
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
        run_stages(&self.job()).unwrap_or_else(|error| panic!("the night: {error}"))
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
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(next) = waiting.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("the folder is readable").path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below the folder").display().to_string();
                found.push((name, std::fs::read(&path).expect("the file is readable")));
            }
        }
    }
    found.sort();
    found
}
