//! HTML that stands by itself: one style, no script, nothing fetched.

use std::fmt::Write as _;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-width:75rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}\
h1{font-size:1.8rem;line-height:1.2;margin:.5rem 0}h2{font-size:1.3rem;margin:2rem 0 .5rem}\
a{color:#0b4f9e}a:focus-visible{outline:3px solid #d97706;outline-offset:2px}\
.bredd{overflow-x:auto}table{border-collapse:collapse;width:100%}\
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
th,td{border-bottom:1px solid #bbb;padding:.4rem .6rem;text-align:left;vertical-align:top}\
thead th{background:#eef2f6;border-bottom:2px solid #666}\
code{font-family:ui-monospace,monospace;font-size:.92em;overflow-wrap:break-word}\
dl{display:grid;grid-template-columns:minmax(9rem,max-content) 1fr;gap:.3rem 1rem}dt{font-weight:600}dd{margin:0}\
.hoppa{position:absolute;left:-99rem}.hoppa:focus{left:1rem;top:1rem;background:#fff;padding:.5rem}\
footer{margin-top:3rem;border-top:1px solid #bbb;color:#444}\
@media(max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}\
@media(prefers-color-scheme:dark){body{color:#eee;background:#16191d}a{color:#8ec5ff}thead th{background:#252b32}\
footer{color:#bbb}.hoppa:focus{background:#16191d}}\
@media print{body{max-width:none}.bredd{overflow:visible}tr{break-inside:avoid}}";

/// What may not stand in a text as it is.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A whole page around what stands in `main`, which is HTML.
pub fn page(title: &str, main: &str) -> String {
    let title = escaped(title);
    format!(
        "<!doctype html>\n<html lang=\"sv\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n</head>\n<body>\n<a class=\"hoppa\" href=\"#innehall\">Till innehållet</a>\n\
         <main id=\"innehall\">\n<h1>{title}</h1>\n{main}</main>\n\
         <footer><p><a href=\"index.html\">Alla leveranser och kodlistor</a></p></footer>\n</body>\n</html>\n"
    )
}

pub fn paragraph(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<p>{}</p>\n", escaped(text)) }
}

pub fn heading(text: &str) -> String {
    format!("<h2>{}</h2>\n", escaped(text))
}

pub fn link(file: &str, text: &str) -> String {
    format!("<a href=\"{}\">{}</a>", escaped(file), escaped(text))
}

pub fn code(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("<code>{}</code>", escaped(text)) }
}

/// Terms with their descriptions, which are HTML; empty ones are left out.
pub fn terms(pairs: &[(&str, String)]) -> String {
    let mut html = "<dl>\n".to_owned();
    for (term, description) in pairs.iter().filter(|(_, description)| !description.is_empty()) {
        let _ = writeln!(html, "<dt>{}</dt><dd>{description}</dd>", escaped(term));
    }
    html + "</dl>\n"
}

/// A table whose cells are HTML; the first cell of a row is its head.
pub fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let mut html = format!(
        "<div class=\"bredd\" role=\"region\" aria-label=\"{0}\" tabindex=\"0\">\n<table>\n<caption>{0}</caption>\n\
         <thead><tr>",
        escaped(caption)
    );
    for title in head {
        let _ = write!(html, "<th scope=\"col\">{}</th>", escaped(title));
    }
    html += "</tr></thead>\n<tbody>\n";
    for row in rows {
        html += "<tr>";
        for (place, cell) in row.iter().enumerate() {
            html += &if place == 0 { format!("<th scope=\"row\">{cell}</th>") } else { format!("<td>{cell}</td>") };
        }
        html += "</tr>\n";
    }
    html + "</tbody>\n</table>\n</div>\n"
}
