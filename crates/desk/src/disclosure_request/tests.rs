use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::records::SqliteRecords;

fn regime() -> law::Regime {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../regimes/jp-ai-promotion-act-2025");
    let mut files = BTreeMap::new();
    let mut waiting = vec![folder.clone()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(&folder).unwrap().to_str().unwrap().to_owned();
            files.insert(name, std::fs::read(&path).unwrap());
        }
    }
    law::Regime::load(&files).unwrap()
}

/// Noon in Japan on a day.
fn noon(day: &str) -> Timestamp {
    format!("{day}T03:00:00.000Z").parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn request(arrived: &str) -> DisclosureRequest {
    DisclosureRequest {
        id: "1".into(),
        code: evidence::sha256(b"code"),
        authority: evidence::sha256(b"authority"),
        requester: Requester {
            name: "山田花子".into(), address: "東京都".into(), contact: String::new()
        },
        documents: "検査の記録".into(),
        arrived: noon(arrived),
        steps: Vec::new(),
    }
}

fn disclosed() -> Ruling {
    Ruling {
        parts: vec![Part {
            what: "検査の記録".into(),
            outcome: Outcome::Disclosed,
            grounds: Vec::new(),
            reasons: String::new(),
        }],
        access: "写しの交付".into(),
        disclosed_from: None,
        remedies: String::new(),
        partial: false,
    }
}

fn extended(until: Date) -> What {
    What::Extended { reasons: "件数が多いため。".into(), until }
}

#[test]
fn thirty_days_are_counted_from_the_day_after_and_corrections_stop_them() {
    let regime = regime();
    let counting = Counting { calendar: &regime.calendars()[AGENCY_CALENDAR], zone: regime.time_zone() };
    let mut request = request("2026-12-01");
    let due = |request: &DisclosureRequest, now: &str| request.clock(counting, noon(now)).unwrap();
    // The first day does not count; 31 December is a closed day, and does not move what binds the agency.
    assert_eq!(due(&request, "2026-12-02").due, civil::date(2026, 12, 31));
    let ask = What::CorrectionAsked {
        text: "文書を特定してください。".into(), until: day("2026-12-20")
    };
    request.step(Some("officer"), ask, counting, noon("2026-12-05")).unwrap();
    let clock = due(&request, "2026-12-09");
    assert!(clock.stopped && clock.awaited == 4 && clock.due == civil::date(2027, 1, 4));
    let decide = What::Decided(disclosed());
    assert!(matches!(
        request.step(Some("officer"), decide.clone(), counting, noon("2026-12-09")),
        Err(RequestError::Stage)
    ));
    request.step(None, What::Corrected { text: "はい。".into() }, counting, noon("2026-12-15")).unwrap();
    let clock = due(&request, "2027-03-01");
    assert!(!clock.stopped && clock.awaited == 10 && clock.due == civil::date(2027, 1, 10));
    request.step(Some("officer"), decide, counting, noon("2027-01-11")).unwrap();
    assert_eq!(request.state(), State::Decided);
    let mut numbers = Numbers::default();
    numbers.add(&request, counting, noon("2027-01-12"));
    assert_eq!((numbers.received, numbers.decided, numbers.in_time, numbers.open), (1, 1, 0, 0));
    assert_eq!(request.kept_until(counting), Some(civil::date(2032, 3, 31)));
}

#[test]
fn a_period_is_extended_once_and_in_time() {
    let regime = regime();
    let counting = Counting { calendar: &regime.calendars()[AGENCY_CALENDAR], zone: regime.time_zone() };
    let mut one = request("2026-12-01");
    let until = Date::new(one.extended_until(counting, noon("2026-12-20")).unwrap());
    assert_eq!(until, day("2027-01-30"));
    let mut late = one.clone();
    assert!(matches!(
        late.step(Some("officer"), extended(until), counting, noon("2027-01-01")),
        Err(RequestError::NoExtension)
    ));
    one.step(Some("officer"), extended(until), counting, noon("2026-12-31")).unwrap();
    assert_eq!(one.clock(counting, noon("2027-01-01")).unwrap().due, civil::date(2027, 1, 30));
    assert!(matches!(
        one.step(Some("officer"), extended(until), counting, noon("2026-12-31")),
        Err(RequestError::NoExtension)
    ));

    let mut many = request("2026-12-01");
    let first_part = Date::new(many.first_part_until(counting, noon("2026-12-20")).unwrap());
    let rule =
        What::ManyDocuments { reasons: "著しく大量".into(), first_part, until: day("2027-06-30") };
    many.step(Some("officer"), rule, counting, noon("2026-12-20")).unwrap();
    assert_eq!(many.clock(counting, noon("2027-01-05")).unwrap().due, civil::date(2027, 1, 30));
    let part = Ruling { partial: true, ..disclosed() };
    many.step(Some("officer"), What::Decided(part), counting, noon("2027-01-20")).unwrap();
    assert_eq!(many.state(), State::Open, "a first part leaves the rest");
    assert_eq!(many.clock(counting, noon("2027-01-21")).unwrap().due, civil::date(2027, 6, 30));
}

#[test]
fn a_third_party_is_heard_and_has_two_weeks_to_go_to_court() {
    let regime = regime();
    let counting = Counting { calendar: &regime.calendars()[AGENCY_CALENDAR], zone: regime.time_zone() };
    let mut request = request("2026-12-01");
    let party = evidence::sha256(b"developer");
    let ask =
        What::OpinionAsked { party, about: "学習の方法".into(), must: true, until: day("2026-12-18") };
    request.step(Some("officer"), ask.clone(), counting, noon("2026-12-04")).unwrap();
    assert!(matches!(
        request.step(Some("officer"), ask, counting, noon("2026-12-04")),
        Err(RequestError::Stage)
    ));
    assert_eq!(request.awaited_opinions().count(), 1);
    let remedies = "三月以内に審査請求をすることができます。".to_owned();
    let decide = |from: Option<&str>| {
        What::Decided(Ruling { remedies: remedies.clone(), disclosed_from: from.map(day), ..disclosed() })
    };
    assert!(matches!(
        request.step(Some("officer"), decide(None), counting, noon("2026-12-10")),
        Err(RequestError::Missing("opinion"))
    ));
    let stranger = evidence::sha256(b"stranger");
    let says = |party| What::OpinionGiven { party, opposes: true, text: "営業の秘密です。".into() };
    assert!(request.step(Some("member"), says(stranger), counting, noon("2026-12-11")).is_err());
    request.step(Some("member"), says(party), counting, noon("2026-12-11")).unwrap();
    assert!(request.step(Some("member"), says(party), counting, noon("2026-12-11")).is_err());
    // Decided on the 14th: fourteen whole days lie between, and the 29th is the first day.
    let at = noon("2026-12-14");
    assert!(matches!(
        request.step(Some("officer"), decide(Some("2026-12-28")), counting, at),
        Err(RequestError::TooEarly(first)) if first == civil::date(2026, 12, 29)
    ));
    request.step(Some("officer"), decide(Some("2026-12-29")), counting, at).unwrap();
    assert_eq!(request.state(), State::Decided);
}

#[test]
fn what_is_not_disclosed_has_a_ground_reasons_and_instructions_on_remedies() {
    let regime = regime();
    let counting = Counting { calendar: &regime.calendars()[AGENCY_CALENDAR], zone: regime.time_zone() };
    let mut request = request("2026-12-01");
    let now = noon("2026-12-10");
    let mut ruling = disclosed();
    ruling.parts[0].outcome = Outcome::Withheld;
    let mut refused = |ruling: &Ruling| {
        request.step(Some("officer"), What::Decided(ruling.clone()), counting, now).unwrap_err().to_string()
    };
    assert!(refused(&ruling).contains("reasons"));
    ruling.parts[0].reasons = "個人に関する情報です。".into();
    assert!(refused(&ruling).contains("ground"));
    ruling.parts[0].grounds = vec![Ground::Person];
    assert!(refused(&ruling).contains("remedies"));
    ruling.remedies = "三月以内に審査請求をすることができます。".into();
    request.step(Some("officer"), What::Decided(ruling), counting, now).unwrap();
}

#[test]
fn a_request_names_who_asks_and_only_its_code_leads_back() {
    let desk = Desk::new(Arc::new(SqliteRecords::in_memory().unwrap()));
    let authority = evidence::sha256(b"authority");
    let mut requester = request("2026-12-01").requester;
    let now = noon("2026-12-01");
    let code = desk.take_disclosure_request(authority, &requester, "検査の記録", now).unwrap();
    let found = desk.disclosure_request_of(&code.to_uppercase()).unwrap().unwrap();
    assert_eq!(found.documents, "検査の記録");
    assert!(!serde_json::to_string(&found.value).unwrap().contains(&code));
    requester.address.clear();
    assert!(matches!(
        desk.take_disclosure_request(authority, &requester, "検査の記録", now),
        Err(RequestError::Missing("address"))
    ));
    let regime = regime();
    let counting = Counting { calendar: &regime.calendars()[AGENCY_CALENDAR], zone: regime.time_zone() };
    let numbers = desk.disclosure_numbers(&authority, counting, noon("2027-02-01")).unwrap();
    assert_eq!((numbers.received, numbers.open, numbers.late), (1, 1, 1));
}
