//! Running other programs: every command is echoed as a person would type it.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// How long a process that was asked to end may take before it is killed.
const GRACE: Duration = Duration::from_secs(10);

/// Runs a command to its end and fails when it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let mut child = start(command)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("`{}` failed ({status})", program(command));
    }
    Ok(())
}

/// Runs a command that has to end within a time.
pub(crate) fn run_within(command: &mut Command, limit: Duration) -> Result<()> {
    let mut child = start(command)?;
    let Some(success) = wait_within(&mut child, limit)? else {
        end(&mut child)?;
        bail!("`{}` did not end within {} s", program(command), limit.as_secs());
    };
    if !success {
        bail!("`{}` failed", program(command));
    }
    Ok(())
}

/// Starts a command with nothing on its standard input.
pub(crate) fn start(command: &mut Command) -> Result<Child> {
    println!("$ {}", shown(command));
    command.stdin(Stdio::null()).spawn().with_context(|| format!("`{}` cannot be started", program(command)))
}

/// Returns what a command prints, without echoing it: for questions such as `--version`.
///
/// `None` when there is no such program or it fails.
pub(crate) fn answer(command: &mut Command) -> Result<Option<String>> {
    match command.stdin(Stdio::null()).output() {
        Ok(output) if output.status.success() => {
            Ok(Some(String::from_utf8_lossy(&output.stdout).into_owned()))
        }
        Ok(_) => Ok(None),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| program(command)),
    }
}

/// Ends a process: asks it, waits, and kills it if it does not listen.
pub(crate) fn end(child: &mut Child) -> Result<()> {
    if child.try_wait()?.is_some() {
        return Ok(());
    }
    let asked = answer(Command::new("kill").args(["-TERM", &child.id().to_string()]))?;
    if asked.is_none() || wait_within(child, GRACE)?.is_none() {
        child.kill()?;
        child.wait()?;
    }
    Ok(())
}

/// Waits for a process; `None` when it is still running after the time.
fn wait_within(child: &mut Child, limit: Duration) -> Result<Option<bool>> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if started.elapsed() > limit {
            return Ok(None);
        }
        sleep(Duration::from_millis(50));
    }
}

fn program(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().take(1).map(|a| a.to_string_lossy()));
    words.join(" ")
}

/// Writes a command with its folder and variables, ready to paste into a shell.
fn shown(command: &Command) -> String {
    let mut text = String::new();
    if let Some(folder) = command.get_current_dir() {
        let _ = write!(text, "cd {} && ", quoted(&folder.to_string_lossy()));
    }
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            let _ = write!(text, "{}={} ", name.to_string_lossy(), quoted(&value.to_string_lossy()));
        }
    }
    text.push_str(&quoted(&command.get_program().to_string_lossy()));
    for argument in command.get_args() {
        let _ = write!(text, " {}", quoted(&argument.to_string_lossy()));
    }
    text
}

fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_ready_to_paste() {
        let mut command = Command::new("cargo");
        command.current_dir("/some where").env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "-E",
            "binary(/^x_/)",
            "it's",
            "",
        ]);
        assert_eq!(
            shown(&command),
            r"cd '/some where' && RUSTDOCFLAGS='-D warnings' cargo doc -E 'binary(/^x_/)' 'it'\''s' ''"
        );
    }

    #[test]
    fn a_failing_command_is_an_error() {
        assert!(run(&mut Command::new("true")).is_ok());
        assert!(run(&mut Command::new("false")).is_err());
        assert!(run(&mut Command::new("no-such-program-of-kanae")).is_err());
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let error = run_within(Command::new("sleep").arg("600"), Duration::ZERO).unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
    }

    #[test]
    fn a_missing_program_gives_no_answer() {
        let answered = answer(&mut Command::new("no-such-program-of-kanae")).unwrap();
        assert_eq!(answered, None);
    }
}
