//! Notices in words: a line for a page, and e-mails with several of them. All words come from
//! `locales/*/notices.ftl`; what others wrote passes through `texts::visible`, so that nothing in it
//! can end a line of a mail's head.

use std::fmt::Write as _;

use evidence::{Digest, Language, Predicate, PredicateType};
use jiff::civil;
use register::{Library, Register};
use texts::{message, visible};

use super::occasion::{Event, Stage, TaskName};

/// The most lines of an e-mail.
const MAX_LINES: usize = 50;
/// The longest subject, in characters.
const MAX_SUBJECT: usize = 120;

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is, in one sentence.
    pub title: String,
    /// About whom or what.
    pub about: String,
    /// Where it leads, below the language.
    pub path: String,
}

/// An e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Its subject: one line.
    pub subject: String,
    /// Its text.
    pub plain: String,
    /// The same as HTML.
    pub html: String,
}

fn name(register: &Register, id: &Digest, language: Language) -> String {
    let names = register.recorded(id).and_then(|recorded| match recorded.statement.predicate() {
        Predicate::Organisation(organisation) => Some(&organisation.names),
        Predicate::Model(model) => Some(&model.names),
        _ => None,
    });
    match names {
        Some(names) => names.get(language).0.to_owned(),
        None => register.path_of(id).unwrap_or_else(|| id.short()),
    }
}

fn kind(predicate: &str, language: Language) -> String {
    match PredicateType::find(predicate) {
        Some(known) => known.label(language).to_owned(),
        None => predicate.to_owned(),
    }
}

fn day(day: civil::Date, language: Language) -> String {
    let format = match language {
        Language::Ja => "%Y年%-m月%-d日",
        Language::En => "%-d %B %Y",
    };
    day.strftime(format).to_string()
}

/// What a statement is, who said it, and about what.
fn statement(register: &Register, id: &Digest, language: Language) -> (String, String) {
    let Some(recorded) = register.recorded(id) else {
        return (message(language, "notice-restricted").to_string(), String::new());
    };
    let what = kind(recorded.statement.predicate().name(), language);
    let by = match recorded.issuer {
        Some(issuer) => name(register, &issuer, language),
        None => message(language, "the-node").to_string(),
    };
    let mut at = recorded.statement.subject();
    // Subjects are always older than what is about them, so this ends.
    while let Some(below) = register.recorded(&at) {
        match below.statement.predicate() {
            Predicate::Organisation(_) | Predicate::Model(_) => break,
            _ => at = below.statement.subject(),
        }
    }
    let about = if register.recorded(&at).is_some() { name(register, &at, language) } else { String::new() };
    (what, if about.is_empty() || about == by { by } else { format!("{by} · {about}") })
}

/// Puts an event into words.
pub fn describe(
    event: &Event,
    organisation: Option<&Digest>,
    register: &Register,
    library: &Library,
    language: Language,
) -> Line {
    let say = |key: &'static str| message(language, key);
    let place = |id: &Digest| match (register.recorded(id), organisation.and_then(|id| register.path_of(id)))
    {
        // What is restricted stands where the organisation reads, and mails say no more of it.
        (None, Some(slug)) => format!("desk/as/{slug}/statements/{id}"),
        _ => format!("statements/{id}"),
    };
    let told = |key: &'static str, id: &Digest| {
        let (what, about) = statement(register, id, language);
        let title = say(key).with("what", what).to_string();
        Line { title, about, path: place(id) }
    };
    let mut line = match event {
        Event::Due { task, day: until, stage, left } => {
            let (what, about, path) = match task {
                TaskName::Duty { model, regime, duty } => {
                    let law = register.regime(regime).and_then(|adopted| library.regime(&adopted.folder));
                    let text = |text: &law::Text| match language {
                        Language::Ja => text.ja.clone(),
                        Language::En => text.en.clone(),
                    };
                    let what = law.as_ref().and_then(|law| Some(text(&law.duty(duty)?.text)));
                    let title = law.as_ref().map_or_else(|| regime.clone(), |law| text(law.title()));
                    let path = register.path_of(model).unwrap_or_default();
                    (
                        what.unwrap_or_else(|| duty.clone()),
                        format!("{} · {title}", name(register, model, language)),
                        format!("models/{path}/duties/{regime}/{duty}"),
                    )
                }
                TaskName::Answer { statement: id } => {
                    let (what, about) = statement(register, id, language);
                    (what, about, place(id))
                }
            };
            let key = match stage {
                Stage::Today => "notice-due-today",
                Stage::Overdue(_) => "notice-due-past",
                _ => "notice-due-in",
            };
            let until = day(until.civil(), language);
            let title = say(key).with("what", what).with("day", until).count("days", *left).to_string();
            Line { title, about, path }
        }
        Event::Asked { statement } => told("notice-asked", statement),
        Event::Answered { statement } => told("notice-answered", statement),
        Event::Recorded { statement } => told("notice-recorded", statement),
        Event::Approval { draft, kind: name, .. } => Line {
            title: say("notice-approval").with("what", kind(name, language)).to_string(),
            about: String::new(),
            path: format!("desk/drafts/{draft}/sign"),
        },
        Event::Registration { .. } => Line {
            title: say("notice-registration").to_string(),
            about: String::new(),
            path: "desk".to_owned(),
        },
        Event::Stopped { host, .. } => Line {
            title: say("notice-stopped").with("host", host).to_string(),
            about: String::new(),
            path: match organisation.and_then(|id| register.path_of(id)) {
                Some(slug) => format!("desk/webhooks/{slug}"),
                None => "desk/webhooks".to_owned(),
            },
        },
        Event::Test => Line {
            title: say("notice-test").to_string(),
            about: String::new(),
            path: "desk/notices".to_owned(),
        },
    };
    if let (true, Some(id)) = (line.about.is_empty(), organisation) {
        line.about = name(register, id, language);
    }
    line
}

/// Makes one line of a text: no breaks, nothing hidden.
fn one_line(text: &str, longest: usize) -> String {
    let text = visible(text).replace('\n', " ");
    if text.chars().count() <= longest {
        return text;
    }
    text.chars().take(longest - 1).chain(['…']).collect()
}

/// Escapes a text for HTML.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns what the register calls itself: whom mails are from.
pub fn site_name(language: Language) -> String {
    message(language, "site-name").to_string()
}

/// Writes the e-mail that tells a person of these lines. `site` is the address by which people reach
/// the register.
pub fn letter(to: &str, lines: &[Line], site: &str, language: Language) -> Letter {
    let say = |key: &'static str| message(language, key);
    let tag = language.tag();
    let site = site.trim_end_matches('/');
    let name = site_name(language);
    let subject = match lines {
        [line] => line.title.clone(),
        _ => say("mail-subject").count("count", lines.len()).to_string(),
    };
    let subject = one_line(&format!("[{name}] {subject}"), MAX_SUBJECT);
    let hello = one_line(&say("mail-hello").with("name", to).to_string(), 200);
    let lead = say("mail-lead").count("count", lines.len()).to_string();
    let account = format!("{site}/{tag}/desk/account");
    let desk = format!("{site}/{tag}/desk/notices");
    let more = lines.len().saturating_sub(MAX_LINES);

    let mut plain = format!("{hello}\n\n{lead}\n\n");
    let mut list = String::new();
    for line in lines.iter().take(MAX_LINES) {
        let (title, about) = (one_line(&line.title, 500), one_line(&line.about, 300));
        let href = format!("{site}/{tag}/{}", line.path);
        let _ = writeln!(plain, "- {title}\n  {about}\n  {href}\n");
        let _ = writeln!(
            list,
            "<li><a href=\"{}\">{}</a><br>{}</li>",
            escape(&href),
            escape(&title),
            escape(&about)
        );
    }
    let more = if more > 0 { say("mail-more").count("count", more).to_string() } else { String::new() };
    if !more.is_empty() {
        let _ = writeln!(plain, "{more}\n");
    }
    let (all, why, change) =
        (say("mail-all").to_string(), say("mail-why").to_string(), say("mail-change").to_string());
    let _ = writeln!(plain, "{all}: {desk}\n\n-- \n{why}\n{change}: {account}");
    let html = format!(
        "<!doctype html>\n<html lang=\"{tag}\"><head><meta charset=\"utf-8\"><title>{}</title></head>\n<body>\n<p>{}</p>\n<p>{}</p>\n<ul>\n{list}</ul>\n{}<p><a href=\"{}\">{}</a></p>\n<hr>\n<p>{}<br><a href=\"{}\">{}</a></p>\n</body></html>\n",
        escape(&subject),
        escape(&hello),
        escape(&lead),
        if more.is_empty() { String::new() } else { format!("<p>{}</p>\n", escape(&more)) },
        escape(&desk),
        escape(&all),
        escape(&why),
        escape(&account),
        escape(&change),
    );
    Letter { subject, plain, html }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        vec![
            Line {
                title: "Answer the notification: 7 days left".into(),
                about: "Wakaba · Basic law".into(),
                path: "models/minato-lab/wakaba/duties/jp-basic-law-2024/system".into(),
            },
            Line {
                title: "Evil\r\nBcc: everyone@example.org <b>\u{202e}".into(),
                about: "<script>alert(1)</script>".into(),
                path: "desk".into(),
            },
        ]
    }

    #[test]
    fn letters_in_both_languages() {
        for language in [Language::Ja, Language::En] {
            let letter = letter("Hana", &lines(), "https://register.example/", language);
            insta::assert_snapshot!(
                format!("letter-{}", language.tag()),
                format!("Subject: {}\n\n{}\n====\n{}", letter.subject, letter.plain, letter.html)
            );
        }
    }

    #[test]
    fn nothing_that_others_wrote_ends_the_subject_or_becomes_markup() {
        let one = &lines()[1..];
        let letter = letter("A\r\nBcc: b@example.org", one, "https://register.example", Language::En);
        assert!(!letter.subject.contains(['\r', '\n', '\u{202e}']), "{}", letter.subject);
        assert!(!letter.plain.contains('\r') && !letter.plain.contains("\nBcc"), "{}", letter.plain);
        assert!(!letter.html.contains("<script") && !letter.html.contains("<b>"), "{}", letter.html);
        let long = [Line { title: "鼎".repeat(500), ..lines()[0].clone() }];
        assert_eq!(super::letter("A", &long, "", Language::Ja).subject.chars().count(), MAX_SUBJECT);
    }

    #[test]
    fn a_mail_has_a_bounded_number_of_lines() {
        let many = vec![lines()[0].clone(); 80];
        let letter = letter("A", &many, "https://register.example", Language::En);
        assert_eq!(letter.plain.matches("\n- ").count(), MAX_LINES);
        assert!(letter.plain.contains("30"), "{}", letter.plain);
    }
}
