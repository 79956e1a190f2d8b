//! The inputs of a question, drawn from what its field holds. A label stands above each input, a
//! hint and what is wrong between them, tied together for screen readers.

use std::fmt::Write as _;

use desk::form::{Field, Fields, Problem, Shape, Source, Words, Wrong};
use evidence::Language;

use crate::desk::Choice;
use crate::pages::parts::{Html, escape};
use crate::pages::text::Say;

/// More choices than this are a list to pull down.
const FEW: usize = 8;
/// The most levels that are drawn.
const MAX_DEPTH: usize = 8;

/// Where answers to choose from come from.
pub(super) type Offer<'o> = dyn Fn(&Source) -> Vec<Choice> + 'o;

/// Draws inputs.
pub(super) struct Inputs<'i> {
    pub(super) say: Say,
    pub(super) words: &'i Words,
    pub(super) fields: &'i Fields,
    pub(super) wrong: &'i [Wrong],
    pub(super) offer: &'i Offer<'i>,
    /// The list to which an empty item was asked to be added.
    pub(super) more: Option<&'i str>,
}

/// Says what is wrong with a field, the same words at the field and in the summary.
pub(super) fn told(say: Say, problem: Problem) -> String {
    let message = say.text(match problem {
        Problem::Missing => "wrong-missing",
        Problem::TooLong(_) => "wrong-too-long",
        Problem::Control => "wrong-control",
        Problem::Date => "wrong-date",
        Problem::Moment => "wrong-moment",
        Problem::Integer => "wrong-integer",
        Problem::Slug => "wrong-slug",
        Problem::Digest => "wrong-digest",
        Problem::Choice => "wrong-choice",
        Problem::TooFew(_) => "wrong-too-few",
        Problem::TooMany(_) => "wrong-too-many",
        Problem::Twice => "wrong-twice",
    });
    match problem.bound() {
        Some(bound) => message.count("bound", u64::try_from(bound).unwrap_or(u64::MAX)).to_string(),
        None => message.to_string(),
    }
}

/// Returns the name of a field for people: its question, the name of the field, else its own name.
pub(super) fn title_of(say: Say, words: &Words, way: &str) -> String {
    if let Some(title) = words.of(way).and_then(|question| question.title.as_ref()) {
        return title.get(say.0).to_owned();
    }
    let name = way.rsplit('.').next().unwrap_or(way);
    say.word("field", name)
}

/// Returns the id of an input: its name, as HTML and style sheets can take it.
pub(super) fn id_of(at: &str) -> String {
    format!("f-{}", at.replace('.', "-"))
}

impl Inputs<'_> {
    /// Draws a question; its title is the heading of the page.
    pub(super) fn question(&self, field: &Field) -> Html {
        let mut out = String::new();
        let legend = format!("<h1>{}</h1>", escape(&title_of(self.say, self.words, &field.name)));
        self.field(&mut out, field, &field.name, &field.name, Some(&legend), 0);
        Html(out)
    }

    fn value(&self, at: &str) -> &str {
        self.fields.get(at).map_or("", String::as_str)
    }

    fn problem(&self, at: &str) -> Option<String> {
        self.wrong.iter().find(|wrong| wrong.at == at).map(|wrong| told(self.say, wrong.problem))
    }

    fn hint(&self, way: &str, field: &Field, chosen: bool) -> String {
        let hint = self.words.of(way).and_then(|question| question.hint.as_ref());
        let mut text = match hint {
            Some(hint) => hint.get(self.say.0).to_owned(),
            // The format's own words are English.
            None if self.say.0 == Language::En => field.description.clone(),
            None => String::new(),
        };
        let kind = match field.shape {
            // Who chooses does not type.
            Shape::Slug if !chosen => Some("hint-slug"),
            Shape::Moment => Some("hint-moment"),
            Shape::Texts => Some("hint-texts"),
            _ => None,
        };
        if let Some(key) = kind {
            if !text.is_empty() && !self.say.is_ja() {
                text.push(' ');
            }
            text.push_str(&self.say.text(key).to_string());
        }
        text
    }

    /// Draws a field: `at` is its name in the form, `way` its name without the numbers of items.
    fn field(
        &self,
        out: &mut String,
        field: &Field,
        at: &str,
        way: &str,
        legend: Option<&str>,
        depth: usize,
    ) {
        let mut title = escape(&title_of(self.say, self.words, way));
        if !field.required {
            let _ = write!(
                title,
                " <span class=\"quiet\">{}</span>",
                escape(&self.say.text("optional").to_string())
            );
        }
        let from = self.words.of(way).and_then(|question| question.from.as_ref());
        let choices = from.map(|from| (self.offer)(from));
        // One's own passkeys are not all the keys that there are.
        let open = from == Some(&Source::Keys);
        let optional = !field.required;
        let hint = self.hint(way, field, choices.as_ref().is_some_and(|choices| !choices.is_empty()));
        self.shape(
            out,
            &field.shape,
            &Frame { at, way, title: &title, legend, hint: &hint, choices, open, optional, depth },
        );
    }

    fn shape(&self, out: &mut String, shape: &Shape, frame: &Frame<'_>) {
        if frame.depth > MAX_DEPTH {
            return;
        }
        match (shape, &frame.choices) {
            (Shape::Slug | Shape::Digest | Shape::Text { .. }, Some(choices)) if !choices.is_empty() => {
                self.choice(out, choices, frame);
            }
            (Shape::List { item, .. }, Some(choices)) if is_word(item) && !choices.is_empty() => {
                self.boxes(out, choices, frame);
            }
            (Shape::Choice(words), _) => {
                let choices: Vec<Choice> = words
                    .iter()
                    .map(|word| Choice { value: word.clone(), label: self.say.word("value", word) })
                    .collect();
                self.choice(out, &choices, frame);
            }
            (Shape::Flag, _) => {
                let choices = ["true", "false"]
                    .map(|word| Choice { value: word.to_owned(), label: self.say.word("value", word) });
                self.choice(out, &choices, frame);
            }
            (Shape::Texts, _) => self.texts(out, frame),
            (Shape::List { item, max, .. }, _) => self.list(out, item, *max, frame),
            (Shape::Named { item }, _) => self.named(out, item, frame),
            (Shape::Group(fields), _) => self.fieldset(out, frame, |inner| {
                for field in fields {
                    let (at, way) =
                        (format!("{}.{}", frame.at, field.name), format!("{}.{}", frame.way, field.name));
                    self.field(inner, field, &at, &way, None, frame.depth + 1);
                }
            }),
            (Shape::Either(cases), _) => self.either(out, cases, frame),
            (Shape::Date, _) => self.line(out, "date", "", frame),
            (Shape::Moment, _) => self.line(out, "datetime-local", " step=\"1\"", frame),
            (Shape::Integer, _) => self.line(out, "text", " inputmode=\"numeric\"", frame),
            (Shape::Slug | Shape::Digest, _) => {
                self.line(out, "text", " spellcheck=\"false\" autocapitalize=\"none\"", frame);
            }
            (Shape::Text { max }, _) => self.line(out, "text", &format!(" maxlength=\"{max}\""), frame),
        }
    }

    /// Opens a field, writes its label, hint and problem, and returns what ties them to the input.
    fn open(&self, out: &mut String, frame: &Frame<'_>, at: &str, label: &str) -> String {
        let id = id_of(at);
        let problem = self.problem(at);
        let class = if problem.is_some() { "field wrong" } else { "field" };
        let label = match frame.legend {
            Some(legend) => {
                legend.replace("<h1>", &format!("<h1><label for=\"{id}\">")).replace("</h1>", "</label></h1>")
            }
            None => format!("<label for=\"{id}\">{label}</label>"),
        };
        let _ = write!(out, "<div class=\"{class}\">{label}");
        let mut described = Vec::new();
        if !frame.hint.is_empty() {
            let _ = write!(out, "<p class=\"hint\" id=\"{id}-hint\">{}</p>", escape(frame.hint));
            described.push(format!("{id}-hint"));
        }
        if let Some(problem) = problem {
            let _ = write!(
                out,
                "<p class=\"error\" id=\"{id}-error\"><span class=\"only-read\">{}</span>{}</p>",
                escape(&self.say.text("error-prefix").to_string()),
                escape(&problem)
            );
            described.push(format!("{id}-error"));
            return format!(" aria-invalid=\"true\" aria-describedby=\"{}\"", described.join(" "));
        }
        if described.is_empty() {
            String::new()
        } else {
            format!(" aria-describedby=\"{}\"", described.join(" "))
        }
    }

    fn line(&self, out: &mut String, kind: &str, more: &str, frame: &Frame<'_>) {
        let tied = self.open(out, frame, frame.at, frame.title);
        let value = match kind {
            "datetime-local" => local(self.value(frame.at)),
            _ => self.value(frame.at).to_owned(),
        };
        let _ = write!(
            out,
            "<input type=\"{kind}\" id=\"{}\" name=\"{}\" value=\"{}\" autocomplete=\"off\"{more}{tied}></div>",
            id_of(frame.at),
            escape(frame.at),
            escape(&value)
        );
    }

    fn texts(&self, out: &mut String, frame: &Frame<'_>) {
        self.fieldset(out, frame, |inner| {
            for language in ["ja", "en"] {
                let at = format!("{}.{language}", frame.at);
                let bare = Frame { legend: None, hint: "", choices: None, ..*frame };
                let tied = self.open(inner, &bare, &at, &escape(&self.say.text(&format!("language-{language}")).to_string()));
                let _ = write!(
                    inner,
                    "<textarea id=\"{}\" name=\"{}\" rows=\"4\" lang=\"{language}\"{tied}>{}</textarea></div>",
                    id_of(&at),
                    escape(&at),
                    escape(self.value(&at))
                );
            }
        });
    }

    fn fieldset(&self, out: &mut String, frame: &Frame<'_>, inner: impl FnOnce(&mut String)) {
        let id = id_of(frame.at);
        let problem = self.problem(frame.at);
        let class = if problem.is_some() { "field wrong" } else { "field" };
        let legend = frame.legend.unwrap_or(frame.title);
        let _ = write!(out, "<fieldset class=\"{class}\" id=\"{id}\"><legend>{legend}</legend>");
        if !frame.hint.is_empty() {
            let _ = write!(out, "<p class=\"hint\">{}</p>", escape(frame.hint));
        }
        if let Some(problem) = problem {
            let _ = write!(
                out,
                "<p class=\"error\"><span class=\"only-read\">{}</span>{}</p>",
                escape(&self.say.text("error-prefix").to_string()),
                escape(&problem)
            );
        }
        inner(out);
        out.push_str("</fieldset>");
    }

    fn choice(&self, out: &mut String, choices: &[Choice], frame: &Frame<'_>) {
        let chosen = self.value(frame.at);
        if choices.len() > FEW && !frame.open {
            let tied = self.open(out, frame, frame.at, frame.title);
            let _ = write!(
                out,
                "<select id=\"{}\" name=\"{}\"{tied}><option value=\"\">{}</option>",
                id_of(frame.at),
                escape(frame.at),
                escape(&self.say.text("choose").to_string())
            );
            for choice in choices {
                let selected = if choice.value == chosen { " selected" } else { "" };
                let _ = write!(
                    out,
                    "<option value=\"{}\"{selected}>{}</option>",
                    escape(&choice.value),
                    escape(&choice.label)
                );
            }
            Self::kept(out, choices, chosen, |value, out| {
                let _ = write!(out, "<option value=\"{0}\" selected>{0}</option>", escape(value));
            });
            out.push_str("</select></div>");
            return;
        }
        self.fieldset(out, frame, |inner| {
            for (index, choice) in choices.iter().enumerate() {
                // The first has the id that an error summary leads to.
                let id = if index == 0 { format!("{}-0", id_of(frame.at)) } else { format!("{}-{index}", id_of(frame.at)) };
                let checked = if choice.value == chosen { " checked" } else { "" };
                let _ = write!(
                    inner,
                    "<div class=\"pick\"><input type=\"radio\" id=\"{id}\" name=\"{}\" value=\"{}\"{checked}><label for=\"{id}\">{}</label></div>",
                    escape(frame.at),
                    escape(&choice.value),
                    escape(&choice.label)
                );
            }
            if frame.optional {
                // Without it, who has chosen once could never take it back.
                let id = format!("{}-none", id_of(frame.at));
                let checked = if chosen.is_empty() { " checked" } else { "" };
                let _ = write!(
                    inner,
                    "<div class=\"pick\"><input type=\"radio\" id=\"{id}\" name=\"{}\" value=\"\"{checked}><label for=\"{id}\">{}</label></div>",
                    escape(frame.at),
                    escape(&self.say.text("no-answer").to_string())
                );
            }
            if frame.open {
                // Of the two inputs with this name, what is typed counts.
                let id = format!("{}-other", id_of(frame.at));
                let other = if choices.iter().any(|choice| choice.value == chosen) { "" } else { chosen };
                let _ = write!(
                    inner,
                    "<div class=\"field\"><label for=\"{id}\">{}</label><input type=\"text\" id=\"{id}\" name=\"{}\" value=\"{}\" autocomplete=\"off\" spellcheck=\"false\"></div>",
                    escape(&self.say.text("other-answer").to_string()),
                    escape(frame.at),
                    escape(other)
                );
            }
        });
    }

    /// Keeps a value that is no longer among those offered.
    fn kept(out: &mut String, choices: &[Choice], chosen: &str, show: impl Fn(&str, &mut String)) {
        if !chosen.is_empty() && !choices.iter().any(|choice| choice.value == chosen) {
            show(chosen, out);
        }
    }

    fn boxes(&self, out: &mut String, choices: &[Choice], frame: &Frame<'_>) {
        let prefix = format!("{}.", frame.at);
        let chosen: Vec<&String> = self
            .fields
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix))
            .map(|(_, value)| value)
            .collect();
        self.fieldset(out, frame, |inner| {
            for (index, choice) in choices.iter().enumerate() {
                let id = format!("{}-{index}", id_of(frame.at));
                let checked = if chosen.contains(&&choice.value) { " checked" } else { "" };
                let _ = write!(
                    inner,
                    "<div class=\"pick\"><input type=\"checkbox\" id=\"{id}\" name=\"{}{index}\" value=\"{}\"{checked}><label for=\"{id}\">{}</label></div>",
                    escape(&prefix),
                    escape(&choice.value),
                    escape(&choice.label)
                );
            }
            // What was chosen before and is no longer offered stays until it is taken away.
            let others = chosen.iter().filter(|value| !choices.iter().any(|choice| choice.value == ***value));
            for (index, value) in (choices.len()..).zip(others) {
                let id = format!("{}-{index}", id_of(frame.at));
                let _ = write!(
                    inner,
                    "<div class=\"pick\"><input type=\"checkbox\" id=\"{id}\" name=\"{0}{index}\" value=\"{1}\" checked><label for=\"{id}\">{1}</label></div>",
                    escape(&prefix),
                    escape(value)
                );
            }
        });
    }

    /// Returns the numbers of the items that were typed, and one more where that was asked for.
    fn items(&self, at: &str, max: usize) -> Vec<usize> {
        let prefix = format!("{at}.");
        let mut items: Vec<usize> = self
            .fields
            .keys()
            .filter_map(|name| name.strip_prefix(&prefix)?.split('.').next()?.parse().ok())
            .filter(|index| *index < 256)
            .collect();
        items.sort_unstable();
        items.dedup();
        let next = items.last().map_or(0, |last| last + 1);
        if items.is_empty() || (self.more == Some(at) && items.len() < max) {
            items.push(next);
        }
        items
    }

    fn list(&self, out: &mut String, item: &Shape, max: usize, frame: &Frame<'_>) {
        let items = self.items(frame.at, max);
        self.fieldset(out, frame, |inner| {
            for (place, index) in items.iter().enumerate() {
                let at = format!("{}.{index}", frame.at);
                let title =
                    self.say.text("item").count("number", u64::try_from(place + 1).unwrap_or(1)).to_string();
                let title = escape(&title);
                let item_frame = Frame {
                    at: &at,
                    way: frame.way,
                    title: &title,
                    legend: None,
                    hint: "",
                    choices: None,
                    open: false,
                    optional: false,
                    depth: frame.depth + 1,
                };
                self.shape(inner, item, &item_frame);
            }
            self.add(inner, frame.at, items.len() < max);
        });
    }

    fn add(&self, out: &mut String, at: &str, possible: bool) {
        if possible {
            let _ = write!(
                out,
                "<p><button class=\"second\" name=\"more\" value=\"{}\">{}</button></p>",
                escape(at),
                escape(&self.say.text("add-item").to_string())
            );
        }
    }

    fn named(&self, out: &mut String, item: &Shape, frame: &Frame<'_>) {
        let items = self.items(frame.at, 64);
        self.fieldset(out, frame, |inner| {
            for (place, index) in items.iter().enumerate() {
                let number =
                    self.say.text("item").count("number", u64::try_from(place + 1).unwrap_or(1)).to_string();
                let _ = write!(inner, "<fieldset class=\"field\"><legend>{}</legend>", escape(&number));
                let at = format!("{}.{index}.name", frame.at);
                let title = escape(&self.say.text("item-name").to_string());
                let name = Frame {
                    at: &at,
                    title: &title,
                    legend: None,
                    hint: "",
                    choices: frame.choices.clone(),
                    ..*frame
                };
                self.shape(inner, &Shape::Text { max: 100 }, &name);
                let at = format!("{}.{index}.of", frame.at);
                // What belongs to the name stands beside it, without a frame of its own.
                match item {
                    Shape::Group(fields) => {
                        for field in fields {
                            let (at, way) =
                                (format!("{at}.{}", field.name), format!("{}.{}", frame.way, field.name));
                            self.field(inner, field, &at, &way, None, frame.depth + 2);
                        }
                    }
                    other => {
                        let title = escape(&self.say.text("item-value").to_string());
                        let inner_frame = Frame {
                            at: &at,
                            title: &title,
                            legend: None,
                            hint: "",
                            choices: None,
                            depth: frame.depth + 2,
                            ..*frame
                        };
                        self.shape(inner, other, &inner_frame);
                    }
                }
                inner.push_str("</fieldset>");
            }
            self.add(inner, frame.at, items.len() < 64);
        });
    }

    fn either(&self, out: &mut String, cases: &[(String, Option<Shape>)], frame: &Frame<'_>) {
        self.fieldset(out, frame, |inner| {
            let at = format!("{}.which", frame.at);
            let chosen = self.value(&at);
            for (index, (word, shape)) in cases.iter().enumerate() {
                let id = if index == 0 { id_of(&at) } else { format!("{}-{index}", id_of(&at)) };
                let checked = if word == chosen { " checked" } else { "" };
                let label = self.say.word("which", word);
                let _ = write!(
                    inner,
                    "<div class=\"pick\"><input type=\"radio\" id=\"{id}\" name=\"{}\" value=\"{}\"{checked}><label for=\"{id}\">{}</label></div>",
                    escape(&at),
                    escape(word),
                    escape(&label)
                );
                if let Some(shape) = shape {
                    let at = format!("{}.{word}", frame.at);
                    let title = escape(&label);
                    let bare = Frame { at: &at, title: &title, legend: None, hint: "", choices: None, depth: frame.depth + 1, ..*frame };
                    inner.push_str("<div class=\"inset\">");
                    match shape {
                        Shape::Group(fields) => {
                            inner.push_str("<div class=\"pair-of-fields\">");
                            for field in fields {
                                let way = format!("{}.{word}.{}", frame.way, field.name);
                                self.field(inner, field, &format!("{at}.{}", field.name), &way, None, frame.depth + 2);
                            }
                            inner.push_str("</div>");
                        }
                        other => self.shape(inner, other, &bare),
                    }
                    inner.push_str("</div>");
                }
            }
        });
    }
}

/// What stands around an input.
struct Frame<'f> {
    at: &'f str,
    way: &'f str,
    /// Escaped.
    title: &'f str,
    /// A heading that takes the place of the title.
    legend: Option<&'f str>,
    hint: &'f str,
    choices: Option<Vec<Choice>>,
    /// Whether another answer may be typed beside those offered.
    open: bool,
    /// Whether it may be left without an answer.
    optional: bool,
    depth: usize,
}

fn is_word(shape: &Shape) -> bool {
    matches!(shape, Shape::Slug | Shape::Digest | Shape::Text { .. })
}

/// Writes an instant as the input for one takes it, in Japanese time.
fn local(text: &str) -> String {
    match text.parse::<evidence::Timestamp>() {
        Ok(time) => {
            let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(9));
            zone.to_datetime(time.instant()).strftime("%Y-%m-%dT%H:%M:%S").to_string()
        }
        Err(_) => text.to_owned(),
    }
}
