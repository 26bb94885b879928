//! The Markdown that the suites of cases are written in: headings, prose, lists, tables and code; nothing else.
//!
//! What is not known is prose, and everything is escaped: no text of a suite becomes HTML of its own.

use crate::contract::escaped;

/// A piece of a suite.
#[derive(Debug, PartialEq, Eq)]
pub enum Block {
    /// How deep (from 1), and its text.
    Heading(usize, String),
    Paragraph(String),
    List(Vec<String>),
    Table(Table),
    /// Fenced code, as it stands.
    Code(String),
}

/// Rows of cells, and what they are in the case.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    pub role: Role,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// What a table is to its case.
#[derive(Debug, PartialEq, Eq)]
pub enum Role {
    /// A table of prose.
    None,
    /// `layer.table` that the rule is given.
    Given(String),
    /// `layer.table` that the rule must make, and the condition on the rows that are shown.
    Expected(String, Option<String>),
}

/// The pieces of a text, in order.
pub fn blocks(text: &str) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut blocks, mut at, mut role) = (Vec::new(), 0, Role::None);
    while at < lines.len() {
        let start = at;
        let line = lines[at];
        at += 1;
        let run = |at: &mut usize, goes_on: &dyn Fn(&str) -> bool| {
            while lines.get(*at).is_some_and(|line| goes_on(line)) {
                *at += 1;
            }
            lines[start..*at].to_vec()
        };
        if line.trim().is_empty() {
            continue;
        } else if let Some((depth, title)) = heading(line) {
            blocks.push(Block::Heading(depth, title.to_owned()));
        } else if line.starts_with("```") {
            while lines.get(at).is_some_and(|line| !line.starts_with("```")) {
                at += 1;
            }
            blocks.push(Block::Code(lines[start + 1..at].join("\n")));
            at += 1;
        } else if let Some(found) = role_of(line) {
            role = found;
        } else if line.starts_with('|') {
            let rows = run(&mut at, &|line| line.starts_with('|'));
            blocks.push(Block::Table(table(&rows, std::mem::replace(&mut role, Role::None))));
        } else if is_item(line) {
            let items = run(&mut at, &|line| is_item(line) || line.starts_with("  "));
            blocks.push(Block::List(list(&items)));
        } else {
            let prose = run(&mut at, &|line| {
                let ends = line.trim().is_empty() || line.starts_with('|') || line.starts_with("```");
                !ends && heading(line).is_none() && role_of(line).is_none() && !is_item(line)
            });
            blocks.push(Block::Paragraph(prose.join("\n")));
        }
    }
    blocks
}

fn heading(line: &str) -> Option<(usize, &str)> {
    let depth = line.chars().take_while(|c| *c == '#').count();
    let title = line.get(depth..)?.strip_prefix(' ')?;
    (1..=6).contains(&depth).then(|| (depth, title.trim()))
}

fn role_of(line: &str) -> Option<Role> {
    let mut quoted = line.split('`').skip(1).step_by(2).map(str::to_owned);
    if line.starts_with("Given `") {
        quoted.next().map(Role::Given)
    } else if line.starts_with("Expect `") {
        quoted.next().map(|name| Role::Expected(name, quoted.next()))
    } else {
        None
    }
}

fn is_item(line: &str) -> bool {
    line.starts_with("- ") || line.starts_with("* ")
}

/// Items with the lines that go on under them.
fn list(lines: &[&str]) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    for line in lines {
        match items.last_mut() {
            Some(item) if !is_item(line) => *item += &format!("\n{}", line.trim()),
            _ => items.push(line[2..].to_owned()),
        }
    }
    items
}

fn table(lines: &[&str], role: Role) -> Table {
    let cells = |line: &&str| {
        let inner = line.trim().trim_start_matches('|');
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        inner.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let head = lines.first().map(cells).unwrap_or_default();
    Table { role, head, rows: lines.iter().skip(2).map(cells).collect() }
}

/// Prose as HTML: `code`, **strong** and [links](https://…), all else as it stands. `target` gives the address of
/// what a piece of code names, where the page tells of it.
pub fn inline(text: &str, target: &dyn Fn(&str) -> Option<String>) -> String {
    let mut html = String::new();
    for (place, part) in text.split('`').enumerate() {
        let is_last = place == text.matches('`').count();
        match (place % 2 == 1, is_last) {
            // An opening mark that nothing closes is a letter like others.
            (true, true) => html += &format!("`{}", strong(part)),
            (true, false) => html += &code(part, target),
            (false, _) => html += &strong(part),
        }
    }
    html
}

/// A piece of code, as a link where the page tells of what it names.
pub fn code(text: &str, target: &dyn Fn(&str) -> Option<String>) -> String {
    let shown = format!("<code>{}</code>", escaped(text));
    target(text).map_or(shown.clone(), |address| format!("<a href=\"{}\">{shown}</a>", escaped(&address)))
}

fn strong(text: &str) -> String {
    let mut rest = text;
    let mut html = String::new();
    while let Some((before, after)) = rest.split_once("**") {
        let Some((inner, after)) = after.split_once("**") else { break };
        html += &format!("{}<strong>{}</strong>", links(before), links(inner));
        rest = after;
    }
    html + &links(rest)
}

fn links(text: &str) -> String {
    let mut rest = text;
    let mut html = String::new();
    while let Some((before, after)) = rest.split_once("](") {
        let (Some((lead, title)), Some((address, after))) = (before.rsplit_once('['), after.split_once(')')) else {
            break;
        };
        if !address.starts_with("https://") {
            break;
        }
        html += &format!("{}<a href=\"{}\">{}</a>", escaped(lead), escaped(address), escaped(title));
        rest = after;
    }
    html + &escaped(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        inline(text, &|name| (name == "derived.person").then(|| "#derived-person".to_owned()))
    }

    #[test]
    fn a_suite_falls_into_its_pieces() {
        let suite = "# Titel\n\nProsa på\ntvå rader.\n- ett\n  till\n- två\n\n## Fall\n\
                     Given `core.agi`\n\n| a | b |\n|---|---|\n\
                     | 1 |  |\n\nExpect `derived.x` where `a = '<1>'`\n\n| a |\n|---|\n\n```sql\nselect 1\n```\n";
        let table = |role, head: &[&str], rows: &[&[&str]]| {
            let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
            Block::Table(Table { role, head: owned(head), rows: rows.iter().map(|row| owned(row)).collect() })
        };
        let expected = [
            Block::Heading(1, "Titel".into()),
            Block::Paragraph("Prosa på\ntvå rader.".into()),
            Block::List(vec!["ett\ntill".into(), "två".into()]),
            Block::Heading(2, "Fall".into()),
            table(Role::Given("core.agi".into()), &["a", "b"], &[&["1", ""]]),
            table(Role::Expected("derived.x".into(), Some("a = '<1>'".into())), &["a"], &[]),
            Block::Code("select 1".into()),
        ];
        assert_eq!(blocks(suite), expected);
    }

    #[test]
    fn no_text_becomes_html_of_its_own() {
        assert_eq!(html("<b>&\"'</b>"), "&lt;b&gt;&amp;&quot;'&lt;/b&gt;");
        assert_eq!(html("`a < b` och **c > d**"), "<code>a &lt; b</code> och <strong>c &gt; d</strong>");
        assert_eq!(html("[x](https://a.se/?\"<y>)"), "<a href=\"https://a.se/?&quot;&lt;y&gt;\">x</a>");
        assert_eq!(html("[x](javascript:alert(1))"), "[x](javascript:alert(1))");
    }

    #[test]
    fn marks_that_are_not_closed_are_letters() {
        assert_eq!(html("2 * 3 ** 4 och `kod"), "2 * 3 ** 4 och `kod");
        assert_eq!(html("`derived.person` [se]"), "<a href=\"#derived-person\"><code>derived.person</code></a> [se]");
        assert_eq!(blocks("#inte en rubrik"), [Block::Paragraph("#inte en rubrik".into())]);
    }
}
