//! The key: refused where it is not safe, with the command that mends it; looked at; in no file that we write.

use super::{assert_fails, code, err, finsam, on, out, small};
use crate::support::paths;
use crate::support::root::Root;
use pipeline::error::exit;
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
}

fn check(root: &Root, key: &Path) -> Output {
    on(root, key, &["key", "check"])
}

/// The key is refused with these words, by `key check` and by a run; what the hint says is done as it stands, and then
/// the key at `after` is safe.
#[track_caller]
fn mend(root: &Root, key: &Path, with: &str, after: &Path) {
    for command in [&["run"][..], &["plan"], &["key", "check"]] {
        assert_fails(&on(root, key, command), exit::KEY, with);
    }
    let said = err(&check(root, key));
    let hint = said.lines().find_map(|line| line.strip_prefix("hint: ")).expect("a hint");
    let programs = Path::new(env!("CARGO_BIN_EXE_finsam")).parent().expect("a folder").display().to_string();
    let path = format!("{programs}:{}", std::env::var("PATH").expect("programs"));
    let done = Command::new("sh").args(["-ec", hint]).env("PATH", path).output().expect("a shell");
    assert!(done.status.success(), "{hint}: {}", err(&done));
    let checked = check(root, after);
    assert_eq!(code(&checked), exit::DONE, "after {hint}: {}", err(&checked));
}

#[test]
fn each_unsafe_key_is_refused_with_the_command_that_mends_it() {
    let root = Root::new();
    let beside = |name: &str| root.folder.path().join(name);
    let key = |name: &str| {
        let path = beside(name);
        fs::copy(&root.key, &path).expect("writable");
        mode(&path, 0o600);
        path
    };
    let at = |path: PathBuf, with: &str| mend(&root, &path, with, &path);
    assert_fails(&finsam(&["run", "--root", &root.path.display().to_string()]), exit::KEY, "no key is named");
    at(beside("ingen"), "there is no such file");
    for wrong in [0o644, 0o640, 0o660, 0o700, 0o200, 0o000, 0o4600] {
        let path = key("rattigheter");
        mode(&path, wrong);
        at(path, "not 0600");
    }
    let path = key("det är 'min' nyckel; ls");
    mode(&path, 0o604);
    at(path, "not 0600");
    for length in [0, 31, 33, 64] {
        let path = key(&format!("langd-{length}"));
        fs::write(&path, vec![b'S'; length]).expect("writable");
        assert!(!err(&check(&root, &path)).contains("SSS"));
        at(path, "it does not hold exactly 32 bytes");
    }
    symlink(key("mal"), beside("lank")).expect("writable");
    at(beside("lank"), "it is a symbolic link");
    symlink(beside("borta"), beside("los-lank")).expect("writable");
    at(beside("los-lank"), "it is a symbolic link");
    let made = Command::new("mkfifo").arg(beside("ror")).status().expect("mkfifo");
    assert!(made.success());
    at(beside("ror"), "it is not a regular file");
    fs::create_dir(beside("mapp")).expect("writable");
    mend(&root, &beside("mapp"), "it is a folder", &beside("mapp/finsam.key"));
    fs::copy(&root.key, root.path.join("nyckel")).expect("writable");
    mend(&root, &root.path.join("nyckel"), "it lies inside the data root", &beside("nyckel"));
    // Through a folder that only leads into the data root it lies there all the same.
    symlink(&root.path, beside("rot")).expect("writable");
    fs::copy(&root.key, root.path.join("andra")).expect("writable");
    mend(&root, &beside("rot/andra"), "it lies inside the data root", &beside("andra"));
    mode(&root.key, 0o400);
    assert_eq!(code(&check(&root, &root.key)), exit::DONE, "a key of mode 0400 is safe");
}

#[test]
fn a_key_that_others_own_or_could_replace_is_refused() {
    let root = Root::new();
    let folder = root.folder.path().join("oppen");
    fs::create_dir(&folder).expect("writable");
    let key = folder.join("nyckel");
    fs::copy(&root.key, &key).expect("writable");
    mode(&folder, 0o777);
    mend(&root, &key, "others may write the folder", &key);
    mode(&folder, 0o1777);
    assert_eq!(code(&check(&root, &key)), exit::DONE, "in a sticky folder each may remove only what is theirs");
    if rustix::process::geteuid().is_root() {
        mode(&folder, 0o770);
        chown(&folder, None, Some(65534)).expect("root may");
        mend(&root, &key, "others may write the folder", &key);
        chown(&folder, Some(65534), None).expect("root may");
        mend(&root, &key, "belongs to another user", &key);
        chown(&key, Some(65534), None).expect("root may");
        mend(&root, &key, "it belongs to another user", &key);
    }
}

#[test]
fn the_service_manager_may_hand_the_key() {
    let root = Root::new();
    let folder = root.folder.path().join("finsam.service");
    fs::create_dir(&folder).expect("writable");
    mode(&folder, 0o700);
    let check = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_finsam"));
        command.env("CREDENTIALS_DIRECTORY", &folder).args(["key", "check", "--root"]).arg(&root.path);
        command.output().expect("the program starts")
    };
    assert_fails(&check(), exit::KEY, "there is no such file");
    assert!(err(&check()).contains("LoadCredential=finsam.key:"), "{}", err(&check()));
    let key = folder.join("finsam.key");
    fs::copy(&root.key, &key).expect("writable");
    for mode_of_it in [0o400, 0o600, 0o440] {
        mode(&key, mode_of_it);
        assert_eq!(code(&check()), exit::DONE, "{mode_of_it:o}: {}", err(&check()));
    }
    for open in [0o444, 0o660] {
        mode(&key, open);
        assert_fails(&check(), exit::KEY, "not 0600");
    }
    // What the service manager closed to others, nobody else keeps closed.
    mode(&key, 0o440);
    mode(&folder, 0o755);
    assert_fails(&check(), exit::KEY, "not 0600");
}

#[test]
fn a_look_at_the_key_says_what_was_made_with_it() {
    let root = small();
    let look = |key: &Path| -> Value {
        let output = on(&root, key, &["key", "check", "--json"]);
        assert_eq!(code(&output), exit::DONE, "{}", err(&output));
        serde_json::from_str(&out(&output)).expect("JSON")
    };
    assert_eq!(look(&root.key)["made_with_it"], 0);
    assert!(out(&check(&root, &root.key)).contains("is made yet"));
    assert_eq!(code(&on(&root, &root.key, &["run"])), exit::DONE);
    let found = look(&root.key);
    assert!(found["made_with_it"].as_u64().is_some_and(|files| files > 20), "{found}");
    assert_eq!((&found["mode"], &found["bytes"]), (&Value::from("0600"), &Value::from(32)));
    let other = root.folder.path().join("annan");
    assert_eq!(code(&finsam(&["key", "new", &other.display().to_string()])), exit::DONE);
    assert_fails(&check(&root, &other), exit::KEY, "made with another key");

    let secret = fs::read(&root.key).expect("the key");
    let (hex, told) = (pipeline::hex(&secret), out(&check(&root, &root.key)));
    assert!(!told.contains(&hex[..8]) && !found.to_string().contains(&hex[..8]));
    for path in paths(&root.path) {
        let bytes = fs::read(&path).expect("readable");
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        assert!(!holds(&secret) && !holds(&secret[..16]) && !holds(hex.as_bytes()), "{}", path.display());
    }
}

#[test]
fn a_key_is_never_written_over() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ny.key");
    let name = path.display().to_string();
    let made = finsam(&["key", "new", &name]);
    assert_eq!((code(&made), out(&made).trim().len()), (exit::DONE, 16));
    let meta = fs::metadata(&path).expect("the key");
    assert_eq!((meta.len(), meta.permissions().mode() & 0o777), (32, 0o600));
    let secret = fs::read(&path).expect("the key");
    assert!(!err(&made).contains(&pipeline::hex(&secret)) && !out(&made).contains(&pipeline::hex(&secret)[..8]));
    assert_fails(&finsam(&["key", "new", &name]), exit::KEY, "a key is never written over");
    assert_eq!(fs::read(&path).expect("the key"), secret);
    assert_fails(&finsam(&["key", "new", "/ingen/mapp/ny.key"]), exit::KEY, "it cannot be made");
}
