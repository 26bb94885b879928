//! The method as a page: whole, the same every time, and safe against what stands in a suite.

use super::{assert_fails, code, copied_rules, err, finsam, out};
use crate::support::root::Root;
use crate::support::{catalogue, country::files};
use pipeline::derive::TABLES;
use pipeline::error::exit;
use pipeline::layer::Layer;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn spec() -> PathBuf {
    crate::support::spec::folder()
}

fn method(spec: &Path, page: &Path, rules: Option<&Path>) -> Output {
    let [spec, page] = [spec, page].map(|path| path.display().to_string());
    let rules = rules.map(|path| path.display().to_string());
    let rules: Vec<&str> = rules.iter().flat_map(|path| ["--rules", path]).collect();
    finsam(&[&["method", "--spec", &spec, "--out", &page], &rules[..]].concat())
}

/// The page of the suites in a folder.
#[track_caller]
fn page_of(root: &Root, spec: &Path, rules: Option<&Path>) -> String {
    let page = root.folder.path().join("sidor/metod.html");
    let written = method(spec, &page, rules);
    assert_eq!(code(&written), exit::DONE, "{}", err(&written));
    assert_eq!(out(&written), format!("{}\n", page.display()));
    fs::read_to_string(&page).expect("the page is UTF-8")
}

/// A copy of the suites, to be changed.
fn copied_spec(root: &Root) -> PathBuf {
    let copy = root.folder.path().join("fall");
    fs::create_dir_all(&copy).expect("writable");
    for (name, bytes) in files(&spec()) {
        fs::write(copy.join(name), bytes).expect("writable");
    }
    copy
}

fn edit(path: &Path, change: impl FnOnce(String) -> String) {
    let before = fs::read_to_string(path).expect("a file of ours");
    let after = change(before.clone());
    assert_ne!(before, after, "{} is as it was", path.display());
    fs::write(path, after).expect("writable");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// What a reader sees: without tags.
fn read_aloud(html: &str) -> String {
    let parts = html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text));
    parts.collect::<String>()
}

#[test]
fn the_page_tells_every_table_case_and_code() {
    let (root, catalogue) = (Root::new(), catalogue());
    let html = page_of(&root, &spec(), None);
    let heard = read_aloud(&html);
    let mut last = 0;
    for name in TABLES {
        let contract = catalogue.contract(Layer::Derived, name).expect("a contract");
        let at = html.find(&format!("<h2 id=\"derived-{name}\">")).expect("a section of every table");
        assert!(last < at, "{name} stands before what it reads");
        last = at;
        assert!(heard.contains(&escaped(&contract.description)), "{name}: {}", contract.description);
        for column in &contract.columns {
            assert!(html.contains(&format!("<code>{}</code></th><td>{}", column.name, escaped(&column.title))));
        }
        let sql = catalogue.sql(Layer::Derived, name).expect("an SQL file");
        let header = sql.lines().map_while(|line| line.strip_prefix("-- "));
        for line in header {
            let words = line.trim_start_matches(&format!("derived.{name}: ")).trim_start_matches("Definition: ");
            let words = escaped(&words.replace('`', "")).to_lowercase();
            assert!(heard.to_lowercase().contains(&words), "{name}: {words}");
        }
        let suite = fs::read_to_string(spec().join(format!("{name}.md"))).expect("a suite");
        for title in suite.lines().filter_map(|line| line.strip_prefix("## ")) {
            assert!(heard.contains(&escaped(&title.replace('`', ""))), "{name}: {title}");
        }
        let section = &html[at..html[at..].find("</section>").map_or(html.len(), |end| at + end)];
        for (mark, caption) in [("Given `", "<caption>Givet: "), ("Expect `", "<caption>Väntat: ")] {
            let written = suite.lines().filter(|line| line.starts_with(mark)).count();
            assert_eq!(section.matches(caption).count(), written, "{name}: {caption}");
        }
    }
    let lists = catalogue.code_lists().filter(|list| html.contains(&format!("<h2 id=\"codes-{}\">", list.name)));
    let lists: Vec<_> = lists.collect();
    for wanted in ["matpunkt", "komponent", "komponentkalla", "orsak", "hierarkisteg", "observationsstatus", "steg"] {
        assert!(lists.iter().any(|list| list.name == wanted), "the page has no list {wanted}");
    }
    for list in lists {
        for row in &list.rows {
            let code = format!("<th scope=\"row\"><code>{}</code></th><td>{}</td>", escaped(&row[0]), escaped(&row[1]));
            assert!(html.contains(&code), "{}: {}", list.name, row[0]);
        }
    }
}

#[test]
fn the_page_stands_by_itself_and_can_be_heard_and_printed() {
    let root = Root::new();
    let html = page_of(&root, &spec(), None);
    assert!(html.starts_with("<!doctype html>\n<html lang=\"sv\">\n") && html.contains("@media print"));
    let tags = ["table", "caption", "thead", "tbody", "tr", "td", "th", "dl", "dt", "dd", "main", "nav", "section"];
    for tag in tags.into_iter().chain(["code", "a", "p", "ol", "ul", "li", "strong", "pre", "h2", "h3", "h4", "div"]) {
        let opened = html.matches(&format!("<{tag}>")).count() + html.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, html.matches(&format!("</{tag}>")).count(), "{tag}");
    }
    for fetches in ["src=", "url(", "@import", "<script", "<link", "<img"] {
        assert!(!html.contains(fetches), "the page fetches something: {fetches}");
    }
    let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!((1..ids.len()).all(|at| !ids[..at].contains(&ids[at])), "an id is there twice");
    for target in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let is_there = target.strip_prefix('#').is_some_and(|id| ids.contains(&id));
        assert!(is_there || target.starts_with("https://"), "a link leads to {target}");
    }
    let levels: Vec<u32> = html
        .match_indices("<h")
        .filter_map(|(at, _)| html[at + 2..].chars().next().and_then(|level| level.to_digit(10)))
        .collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    for pair in levels.windows(2) {
        assert!(pair[1] <= pair[0] + 1, "a heading of level {} follows one of {}", pair[1], pair[0]);
    }
    for table in html.split("<table").skip(1) {
        let head = &table[..table.find("</thead>").expect("a head")];
        assert!(head.contains("<th scope=\"col\">") && !head.contains("<td"), "{head}");
    }
    assert_eq!(html.matches("<th").count(), html.matches("<th scope=\"").count() + html.matches("<thead>").count());
}

#[test]
fn the_same_method_is_the_same_bytes_and_another_is_another_digest() {
    let root = Root::new();
    let (rules, cases) = (copied_rules(&root), copied_spec(&root));
    let first = page_of(&root, &spec(), None);
    assert_eq!(page_of(&root, &cases, Some(&rules)), first, "the same files elsewhere");
    let digest = |html: &str| {
        let after = html.split_once("<dt>Fingeravtryck</dt><dd><code>").expect("a digest").1;
        after[..64].to_owned()
    };
    assert!(digest(&first).chars().all(|letter| letter.is_ascii_hexdigit()));
    let mut seen = vec![digest(&first)];
    edit(&cases.join("matpunkt.md"), |text| text.replacen("2020", "2021", 1));
    seen.push(digest(&page_of(&root, &cases, Some(&rules))));
    edit(&rules.join("data-contracts/codes/matpunkt.csv"), |text| text.replacen("Vid intag", "Vid intaget", 1));
    seen.push(digest(&page_of(&root, &cases, Some(&rules))));
    edit(&rules.join("sql/derived/matpunkt.sql"), |text| text + "-- slut\n");
    seen.push(digest(&page_of(&root, &cases, Some(&rules))));
    edit(&rules.join("data-contracts/derived/matpunkt.yaml"), |text| text.replacen("version: ", "version: 1", 1));
    seen.push(digest(&page_of(&root, &cases, Some(&rules))));
    assert!((1..seen.len()).all(|at| !seen[..at].contains(&seen[at])), "{seen:?}");
}

#[test]
fn what_stands_in_a_suite_contract_or_list_is_text() {
    let root = Root::new();
    let (rules, cases) = (copied_rules(&root), copied_spec(&root));
    let planted = "<script>alert(1)</script> & \"x\"";
    let suite = format!(
        "# {planted}\n\n{planted}\n\n- {planted}\n\n## {planted}\n\nGiven `{planted}`\n\n| {planted} |\n|---|\n\
         | {planted} |\n\nExpect `{planted}` where `{planted}`\n\n| a |\n|---|\n\n```\n{planted}\n```\n"
    );
    fs::write(cases.join("status.md"), suite).expect("writable");
    let quoted = planted.replace('"', "\"\"");
    edit(&rules.join("data-contracts/codes/orsak.csv"), |text| {
        format!("{text}\"{quoted}\",\"{quoted}\",\"{quoted}\",,,\"{quoted}\",nej,99\n")
    });
    edit(&rules.join("sql/derived/status.sql"), |text| text.replacen("derived.status: ", &format!("{planted} "), 1));
    edit(&rules.join("data-contracts/derived/status.yaml"), |text| {
        text.replacen("businessName: Deltagandets id", &format!("businessName: '{planted}'"), 1)
    });
    let html = page_of(&root, &cases, Some(&rules));
    assert!(!html.contains("<script") && !html.contains("& \"x\""));
    // Of the suite: title, prose, item, case, a caption, head, cell, a caption with its condition, fence; of the list:
    // code (with its meaning and with what the rules read), meaning, source; the SQL's header; the column's title.
    assert_eq!(html.matches(&escaped(planted)).count(), 10 + 4 + 1 + 1);
}

#[test]
fn a_table_without_cases_has_no_method() {
    let root = Root::new();
    let (cases, page) = (copied_spec(&root), root.folder.path().join("metod.html"));
    fs::write(cases.join("status.md"), "# Status\n\nInga fall.\n").expect("writable");
    assert_fails(&method(&cases, &page, None), exit::USAGE, "status.md has no case");
    fs::remove_file(cases.join("status.md")).expect("ours");
    assert_fails(&method(&cases, &page, None), exit::IO, "status.md");
    assert!(!page.exists(), "half a method is none");
}
