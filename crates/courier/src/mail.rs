//! One e-mail over SMTP.

use std::time::Duration;

use desk::notice::{Letter, Verdict};
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

use crate::settings::{MailSettings, Tls};

/// The longest wait for a step of the mail server, and for all of them.
const TIMEOUT: Duration = Duration::from_secs(30);
const WHOLE_TIMEOUT: Duration = Duration::from_mins(2);

/// What says that a program wrote the mail (RFC 3834 §5): absence notes stay away.
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// Sends e-mails through one server.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Address,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer {
    /// Makes ready to send; nothing is connected yet.
    pub fn new(settings: &MailSettings) -> Result<Self, String> {
        type Transport = AsyncSmtpTransport<Tokio1Executor>;
        let builder = match settings.tls {
            Tls::Implicit => Transport::relay(&settings.host),
            Tls::Starttls => Transport::starttls_relay(&settings.host),
            Tls::None => Ok(Transport::builder_dangerous(&settings.host)),
        };
        let mut builder =
            builder.map_err(|error| error.to_string())?.port(settings.port).timeout(Some(TIMEOUT));
        if let Some((name, password)) = &settings.login {
            builder = builder.credentials(Credentials::new(name.clone(), password.to_string()));
        }
        let from = settings.from.parse().map_err(|error| format!("{}: {error}", settings.from))?;
        Ok(Self { transport: builder.build(), from })
    }

    /// Sends a letter. `id` names the mail, in every attempt alike: whoever gets it twice can tell.
    pub async fn send(&self, id: &str, to: &str, name: &str, letter: &Letter) -> Verdict {
        let message = match self.message(id, to, name, letter) {
            Ok(message) => message,
            Err(problem) => return Verdict::Never(problem),
        };
        let sent = tokio::time::timeout(WHOLE_TIMEOUT, self.transport.send(message));
        let Ok(sent) = sent.await else {
            return Verdict::Later("the mail server took too long".to_owned());
        };
        match sent {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                Verdict::Taken(format!("{} {}", response.code(), words.join(" ")))
            }
            Err(error) => {
                // That the login fails (RFC 4954 §6) says nothing about this mail: it can be mended.
                let login = error
                    .status()
                    .is_some_and(|code| ["530", "534", "535", "538"].contains(&code.to_string().as_str()));
                let problem = chain(&error);
                if error.is_permanent() && !login { Verdict::Never(problem) } else { Verdict::Later(problem) }
            }
        }
    }

    fn message(&self, id: &str, to: &str, name: &str, letter: &Letter) -> Result<Message, String> {
        let to: Address = to.parse().map_err(|error| format!("the address cannot be used: {error}"))?;
        let mut message = Message::builder()
            .from(Mailbox::new(Some(plain(name)), self.from.clone()))
            .to(Mailbox::new(None, to))
            .message_id(Some(format!("<{id}@{}>", self.from.domain())))
            .subject(plain(&letter.subject))
            .multipart(MultiPart::alternative_plain_html(letter.plain.clone(), letter.html.clone()))
            .map_err(|error| error.to_string())?;
        message.headers_mut().insert_raw(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()));
        Ok(message)
    }
}

/// Leaves out what could end a line of the head: the library encodes a subject with it, and gives up
/// over a name with it.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut at = error.source();
    while let Some(source) = at {
        let more = source.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        at = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mailer() -> Mailer {
        Mailer::new(&MailSettings {
            host: "localhost".into(),
            port: 1,
            tls: Tls::None,
            login: None,
            from: "register@example.org".into(),
        })
        .unwrap()
    }

    fn letter(subject: &str) -> Letter {
        Letter { subject: subject.into(), plain: "鼎\n.\nend".into(), html: "<p>鼎</p>".into() }
    }

    #[tokio::test]
    async fn nothing_in_a_subject_name_or_address_becomes_a_header() {
        let hostile = letter("A\r\nBcc: everyone@example.org\r\n\r\nbody");
        let message = mailer().message("1", "a@example.org", "K\r\nBcc: b@example.org", &hostile).unwrap();
        let text = String::from_utf8(message.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.to_lowercase().contains("\r\nbcc"), "{head}");
        assert!(head.contains("Message-ID: <1@example.org>"), "{head}");
        assert!(head.contains("Auto-Submitted: auto-generated"), "{head}");
        assert!(mailer().message("1", "a@example.org\r\nBcc: b@example.org", "K", &hostile).is_err());
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_tried_again_later() {
        let verdict = mailer().send("1", "a@example.org", "K", &letter("A")).await;
        assert!(matches!(verdict, Verdict::Later(_)), "{verdict:?}");
    }
}
