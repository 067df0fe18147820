//! The golden JSON of every wire type: a failure here is a change of the protocol, which old devices will meet.
//! Where it is meant, `UPDATE_EXPECT=1 cargo test` writes the new texts.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use expect_test::{Expect, expect};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use vestibule_protocol::{
    account::{
        Credentials, Email, NewAccount, NewDevice, Pair, PairingCode, ProviderName, Role, Session, SetUp, SignIn,
        SignInWays,
    },
    admin::DeviceKind,
    attention::{Attention, Decided, Decision, Doubt, Gap, GapKind, Noted, Said, Verdict},
    batch::{Batch, EventResult, Health, Link, Outcome, QuarantineReason, Receipt, SlottedEvent},
    chain::{Digest, event_hash},
    changes::{Changes, DirectoryHost, Site},
    details::{Answer, AnswerValue, Details, Named},
    directory::{HostChange, HostPage, HostsAdded, NewHost, NewHosts, SiteName},
    event::{
        Cancelled, CheckedIn, CheckedOut, Event, EventData, Host, Name, Registered, Remark, Source, Updated, Visitor,
    },
    export::{Export, ExportedEvent},
    id::{BatchId, DeviceId, EventId, HistoryId, HostId, RollCallId, SiteId, StaffId, StreamId, VisitId},
    message::{
        Ask, Capture, LinkState, OwnEvent, OwnEvents, ParkedReason, PassedOn, Refusal, Status, Storage, TellOf, Waiting,
    },
    papers::{AgreementSigned, Drawing, Photo, Photographed, Signature, StrokePath},
    parcel::{Parcel, ParcelEvent, SealKey, Sealed},
    parcels::{Carried, CarriedEvent, Contents},
    problem::Problem,
    roll_call::{Mark, RollCallEnded, RollCallMarked, RollCallStarted},
    settings::{Key, LanguageTag, SiteSettings},
    standing::{self, DeviceReport, Devices, Fate, Proven, Questioned, Renumbered, StreamReport},
    statement::{DeviceStatement, Difference, Interruption, Numbers, Proof, Statement, Tally},
    text::Text,
    timestamp::Timestamp,
    visit::{Kind, Visit},
};

/// As a worker writes it.
type Tell = TellOf<PassedOn>;

/// Checks the JSON of `value` against the golden text, and that reading it gives the same JSON again.
fn golden<T: Serialize + DeserializeOwned>(value: &T, text: &Expect) {
    let json = serde_json::to_string(value).unwrap();
    text.assert_eq(&json);
    let again: T = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json, "reading and writing again is not the same");
    let as_devices_do: T = vestibule_protocol::json::read(&json).unwrap();
    assert_eq!(vestibule_protocol::json::write(&as_devices_do), json, "devices read or write something else");
}

#[test]
fn events_of_every_type() {
    golden_event(
        EventData::Registered(Registered {
            visitor: ada(),
            host: Some(charles()),
            expected_at: at(0),
            details: Details::default(),
        }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.registered.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"},"host":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"expected_at":"2026-03-20T15:04:05.123Z"}}"#
        ]],
    );
    golden_event(
        EventData::Updated(Updated { expected_at: Some(at(60_000)), ..Updated::default() }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.updated.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"expected_at":"2026-03-20T15:05:05.123Z"}}"#
        ]],
    );
    golden_event(
        EventData::Cancelled(Cancelled { reason: Some(Remark::new("ill").unwrap()) }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.cancelled.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"reason":"ill"}}"#
        ]],
    );
    golden_event(
        EventData::CheckedIn(CheckedIn { visitor: ada(), host: Some(charles()), details: Details::default() }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_in.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"},"host":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"}}}"#
        ]],
    );
    golden_event(
        EventData::CheckedIn(CheckedIn { visitor: ada(), host: None, details: details() }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_in.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"},"details":{"visitor_type":{"id":"contractor","label":"Contractor"},"answers":[{"field":{"id":"plate","label":"Number plate"},"value":{"text":"AE 1843"}},{"field":{"id":"area","label":"Where?"},"value":{"choice":{"id":"roof","label":"Roof"}}},{"field":{"id":"hot","label":"Hot work?"},"value":{"yes_no":false}}],"party":"0195b3a4-0000-7000-8000-00000000000b"}}}"#
        ]],
    );
    golden_event(
        EventData::AgreementSigned(AgreementSigned { signature: Some(Signature::Drawn(drawing())), ..signed() }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.agreement.signed.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"agreement":"nda","version":3,"title":"Secrets","language":"nl","signature":{"drawn":{"width":600,"height":200,"path":"M10 20l5-3"}}}}"#
        ]],
    );
    golden_event(
        EventData::AgreementSigned(AgreementSigned {
            signature: Some(Signature::Typed(name("Ada Lovelace"))),
            ..signed()
        }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.agreement.signed.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"agreement":"nda","version":3,"title":"Secrets","language":"nl","signature":{"typed":"Ada Lovelace"}}}"#
        ]],
    );
    golden_event(
        EventData::AgreementSigned(AgreementSigned { signature: Some(Signature::Ticked), ..signed() }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.agreement.signed.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"agreement":"nda","version":3,"title":"Secrets","language":"nl","signature":"ticked"}}"#
        ]],
    );
    golden_event(
        EventData::AgreementSigned(signed()),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.agreement.signed.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"agreement":"nda","version":3,"title":"Secrets","language":"nl"}}"#
        ]],
    );
    golden_event(
        EventData::Photographed(Photographed { photo: Some(Photo::new("/9j/4AAQSkZJRgAB").unwrap()) }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.photographed.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"photo":"/9j/4AAQSkZJRgAB"}}"#
        ]],
    );
    golden_event(
        EventData::RollCallStarted(RollCallStarted {}),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.rollcall.started.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}"#
        ]],
    );
    golden_event(
        EventData::RollCallMarked(RollCallMarked { roll_call: RollCallId(uuid(12)), mark: Mark::Safe }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.rollcall.marked.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"roll_call":"0195b3a4-0000-7000-8000-00000000000c","mark":"safe"}}"#
        ]],
    );
    golden_event(
        EventData::RollCallMarked(RollCallMarked { roll_call: RollCallId(uuid(12)), mark: Mark::NotFound }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.rollcall.marked.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"roll_call":"0195b3a4-0000-7000-8000-00000000000c","mark":"not_found"}}"#
        ]],
    );
    golden_event(
        EventData::RollCallMarked(RollCallMarked { roll_call: RollCallId(uuid(12)), mark: Mark::Open }),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.rollcall.marked.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{"roll_call":"0195b3a4-0000-7000-8000-00000000000c","mark":"open"}}"#
        ]],
    );
    golden_event(
        EventData::RollCallEnded(RollCallEnded {}),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.rollcall.ended.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}"#
        ]],
    );
    golden_event(
        EventData::CheckedOut(CheckedOut {}),
        &expect![[
            r#"{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_out.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}"#
        ]],
    );
}

fn golden_event(data: EventData, text: &Expect) {
    let event = event(data);
    text.assert_eq(&event.to_text());
    assert_eq!(Event::parse(&event.to_text()).unwrap(), event);
}

#[test]
fn batch() {
    let text = event(EventData::CheckedOut(CheckedOut {})).to_text();
    let batch = Batch {
        protocol: 1,
        stream: StreamId(uuid(3)),
        batch: BatchId(uuid(4)),
        head: Link { seq: 57, chain: Digest::ZERO.then(event_hash(&text)) },
        sent_at: at(0),
        history: None,
        health: Health {
            pending: 17,
            parked: 0,
            oldest_pending_at: Some(at(-1_000)),
            persisted: true,
            app_version: "0.1.0".to_owned(),
        },
        events: vec![SlottedEvent { seq: 41, event: RawValue::from_string(text.into()).unwrap() }],
    };
    golden(
        &batch,
        &expect![[
            r#"{"protocol":1,"stream":"0195b3a4-0000-7000-8000-000000000003","batch":"0195b3a4-0000-7000-8000-000000000004","head":{"seq":57,"chain":"06a20fd061d650bdc9b28347c4e088f19c590cec0d32431bcb3b3a9e65f0e864"},"sent_at":"2026-03-20T15:04:05.123Z","history":null,"health":{"pending":17,"parked":0,"oldest_pending_at":"2026-03-20T15:04:04.123Z","persisted":true,"app_version":"0.1.0"},"events":[{"seq":41,"event":{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_out.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}}]}"#
        ]],
    );
}

#[test]
fn receipt() {
    let receipt = Receipt {
        protocol: 1,
        batch: BatchId(uuid(4)),
        received_at: at(0),
        history: HistoryId(uuid(5)),
        results: vec![
            EventResult { seq: 41, outcome: Outcome::Accepted },
            EventResult { seq: 42, outcome: Outcome::Duplicate },
            EventResult { seq: 43, outcome: Outcome::Conflict },
            EventResult { seq: 44, outcome: Outcome::Quarantined { reason: QuarantineReason::UnknownType } },
            EventResult { seq: 45, outcome: Outcome::Retry },
        ],
        watermark: Link { seq: 11, chain: Digest::ZERO },
        missing: vec![(12, 14)],
        keep_from: 1,
        resume_after_ms: 0,
        revoked: false,
    };
    golden(
        &receipt,
        &expect![[
            r#"{"protocol":1,"batch":"0195b3a4-0000-7000-8000-000000000004","received_at":"2026-03-20T15:04:05.123Z","history":"0195b3a4-0000-7000-8000-000000000005","results":[{"seq":41,"outcome":"accepted"},{"seq":42,"outcome":"duplicate"},{"seq":43,"outcome":"conflict"},{"seq":44,"outcome":"quarantined","reason":"unknown_type"},{"seq":45,"outcome":"retry"}],"watermark":{"seq":11,"chain":"0000000000000000000000000000000000000000000000000000000000000000"},"missing":[[12,14]],"keep_from":1,"resume_after_ms":0}"#
        ]],
    );
}

#[test]
fn a_receipt_for_a_device_whose_access_was_withdrawn() {
    let receipt = Receipt {
        protocol: 1,
        batch: BatchId(uuid(4)),
        received_at: at(0),
        history: HistoryId(uuid(5)),
        results: Vec::new(),
        watermark: Link { seq: 11, chain: Digest::ZERO },
        missing: Vec::new(),
        keep_from: 9,
        resume_after_ms: 0,
        revoked: true,
    };
    golden(
        &receipt,
        &expect![[
            r#"{"protocol":1,"batch":"0195b3a4-0000-7000-8000-000000000004","received_at":"2026-03-20T15:04:05.123Z","history":"0195b3a4-0000-7000-8000-000000000005","results":[],"watermark":{"seq":11,"chain":"0000000000000000000000000000000000000000000000000000000000000000"},"missing":[],"keep_from":9,"resume_after_ms":0,"revoked":true}"#
        ]],
    );
}

#[test]
fn a_quarantine_reason_of_a_newer_server_is_understood_as_unknown() {
    let result: EventResult = serde_json::from_str(r#"{"seq":1,"outcome":"quarantined","reason":"too_fast"}"#).unwrap();
    assert_eq!(result.outcome, Outcome::Quarantined { reason: QuarantineReason::Unknown });
}

#[test]
fn changes() {
    golden(
        &Changes {
            history: HistoryId(uuid(5)),
            cursor: "opaque".to_owned(),
            snapshot: true,
            more: false,
            site: Some(Site { id: SiteId(uuid(1)), name: name("Head office") }),
            settings: Some(serde_json::from_str(r#"{"party_max":4}"#).unwrap()),
            hosts: vec![
                DirectoryHost {
                    id: HostId(uuid(7)),
                    name: name("Charles Babbage"),
                    department: Some(name("Engines")),
                    gone: false,
                },
                DirectoryHost { id: HostId(uuid(8)), name: name("Mary Somerville"), department: None, gone: true },
            ],
            visits: vec![visit(), visit_with_papers()],
        },
        &expect![[
            r#"{"history":"0195b3a4-0000-7000-8000-000000000005","cursor":"opaque","snapshot":true,"more":false,"site":{"id":"0195b3a4-0000-7000-8000-000000000001","name":"Head office"},"settings":{"party_max":4},"hosts":[{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage","department":"Engines"},{"id":"0195b3a4-0000-7000-8000-000000000008","name":"Mary Somerville","gone":true}],"visits":[{"id":"0195b3a4-0000-7000-8000-00000000000b","site":"0195b3a4-0000-7000-8000-000000000001","visitor":{"value":{"name":"Ada Lovelace","company":"Analytical Engines"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"host":{"value":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"timeline":[{"event":"0195b3a4-0000-7000-8000-00000000000a","kind":"checked_in","occurred_at":"2026-03-20T15:04:03.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"}]},{"id":"0195b3a4-0000-7000-8000-00000000000b","site":"0195b3a4-0000-7000-8000-000000000001","visitor":{"value":{"name":"Ada Lovelace","company":"Analytical Engines"},"at":"2026-03-20T15:04:04.873Z","by":"0195b3a4-0000-7000-8000-000000000014"},"host":{"value":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"details":{"value":{"visitor_type":{"id":"contractor","label":"Contractor"},"answers":[{"field":{"id":"plate","label":"Number plate"},"value":{"text":"AE 1843"}},{"field":{"id":"area","label":"Where?"},"value":{"choice":{"id":"roof","label":"Roof"}}},{"field":{"id":"hot","label":"Hot work?"},"value":{"yes_no":false}}],"party":"0195b3a4-0000-7000-8000-00000000000b"},"at":"2026-03-20T15:04:04.873Z","by":"0195b3a4-0000-7000-8000-000000000014"},"signed":[{"agreement":"nda","version":3,"title":"Secrets","at":"2026-03-20T15:04:04.873Z","by":"0195b3a4-0000-7000-8000-000000000015"}],"photo":{"at":"2026-03-20T15:04:04.873Z","by":"0195b3a4-0000-7000-8000-000000000016"},"timeline":[{"event":"0195b3a4-0000-7000-8000-00000000000a","kind":"checked_in","occurred_at":"2026-03-20T15:04:03.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"},{"event":"0195b3a4-0000-7000-8000-000000000014","kind":"checked_in","occurred_at":"2026-03-20T15:04:04.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"},{"event":"0195b3a4-0000-7000-8000-000000000015","kind":"agreement_signed","occurred_at":"2026-03-20T15:04:04.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"},{"event":"0195b3a4-0000-7000-8000-000000000016","kind":"photographed","occurred_at":"2026-03-20T15:04:04.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"}]}]}"#
        ]],
    );
}

#[test]
fn site_settings() {
    golden(&SiteSettings::default(), &expect!["{}"]);
    let everything = r##"{"welcome":{"en":"Please check in."},"accent":"#123456","logo":"data:image/png;base64,AAAA","languages":["nl","en"],
        "visitor_types":[{"id":"guest","label":{"en":"Guest","nl":"Bezoeker"}},{"id":"contractor","label":{"en":"Contractor"},
            "company":"required","email":"optional","phone":"required","host":"off","photo":"optional","fields":[
                {"id":"plate","label":{"en":"Number plate"},"hint":{"en":"If you came by car."},"kind":"text"},
                {"id":"area","label":{"en":"Where?"},"kind":{"choice":[{"id":"roof","label":{"en":"Roof"}}]},"required":true},
                {"id":"hot","label":{"en":"Hot work?"},"kind":"yes_no"}]}],
        "agreements":[{"id":"house","version":2,"title":{"en":"House rules"},"text":{"en":"Be kind."},"by":"tick"},
            {"id":"nda","version":1,"title":{"en":"Secrets"},"text":{"en":"Keep them."},"for_types":["contractor"]}],
        "look_up":"code_or_email","party_max":6,"badge":"roll62",
        "staff_pin":{"salt":"0000000000000000000000000000000000000000000000000000000000000000","rounds":10000,
            "hash":"0000000000000000000000000000000000000000000000000000000000000000"},
        "auto_check_out_hour":22,"opening_hours":[{"days":[1,2,3,4,5],"opens_min":480,"closes_min":1080}]}"##;
    let everything: SiteSettings = serde_json::from_str(everything).unwrap();
    assert_eq!(everything.check(), Ok(()));
    golden(
        &everything,
        &expect![[
            r##"{"welcome":{"en":"Please check in."},"accent":"#123456","logo":"data:image/png;base64,AAAA","languages":["nl","en"],"visitor_types":[{"id":"guest","label":{"en":"Guest","nl":"Bezoeker"}},{"id":"contractor","label":{"en":"Contractor"},"company":"required","email":"optional","phone":"required","host":"off","photo":"optional","fields":[{"id":"plate","label":{"en":"Number plate"},"hint":{"en":"If you came by car."},"kind":"text"},{"id":"area","label":{"en":"Where?"},"kind":{"choice":[{"id":"roof","label":{"en":"Roof"}}]},"required":true},{"id":"hot","label":{"en":"Hot work?"},"kind":"yes_no"}]}],"agreements":[{"id":"house","version":2,"title":{"en":"House rules"},"text":{"en":"Be kind."},"by":"tick"},{"id":"nda","version":1,"title":{"en":"Secrets"},"text":{"en":"Keep them."},"for_types":["contractor"],"by":"signature"}],"look_up":"code_or_email","party_max":6,"badge":"roll62","staff_pin":{"salt":"0000000000000000000000000000000000000000000000000000000000000000","rounds":10000,"hash":"0000000000000000000000000000000000000000000000000000000000000000"},"auto_check_out_hour":22,"opening_hours":[{"days":[1,2,3,4,5],"opens_min":480,"closes_min":1080}]}"##
        ]],
    );
    golden(&everything.agreements[0].text(), &expect![[r#"{"title":{"en":"House rules"},"text":{"en":"Be kind."}}"#]]);
}

#[test]
fn devices_of_a_site() {
    golden(
        &Devices {
            as_of: at(0),
            devices: vec![DeviceReport {
                id: DeviceId(uuid(2)),
                name: name("Lobby 2"),
                kind: DeviceKind::Kiosk,
                enrolled_at: at(-1_000),
                revoked_at: None,
                last_word: Some(standing::LastWord {
                    at: at(-500),
                    clock_offset_ms: -1_250,
                    persisted: true,
                    app_version: "0.1.0".to_owned(),
                }),
                waiting: 2,
                waiting_since: Some(at(-900)),
                parked: 1,
                quarantined: 0,
                conflicting: 0,
                lost: 1,
                renumbered: vec![renumbered()],
                streams: vec![StreamReport {
                    id: StreamId(uuid(3)),
                    head: 14,
                    watermark: 11,
                    proven: Some(Proven { seq: 11, at: at(-600) }),
                    missing: vec![(12, 14)],
                    fate: Fate::InUse,
                    first_heard_at: at(-900),
                    last_heard_at: at(-500),
                }],
            }],
            next: None,
        },
        &expect![[
            r#"{"as_of":"2026-03-20T15:04:05.123Z","devices":[{"id":"0195b3a4-0000-7000-8000-000000000002","name":"Lobby 2","kind":"kiosk","enrolled_at":"2026-03-20T15:04:04.123Z","last_word":{"at":"2026-03-20T15:04:04.623Z","clock_offset_ms":-1250,"persisted":true,"app_version":"0.1.0"},"waiting":2,"waiting_since":"2026-03-20T15:04:04.223Z","parked":1,"quarantined":0,"conflicting":0,"lost":1,"renumbered":[{"number":1,"stream":"0195b3a4-0000-7000-8000-000000000006","first":5,"last":7,"told_at":"2026-03-20T15:04:00.123Z","broken_at":"2026-03-20T15:04:01.123Z"}],"streams":[{"id":"0195b3a4-0000-7000-8000-000000000003","head":14,"watermark":11,"proven":{"seq":11,"at":"2026-03-20T15:04:04.523Z"},"missing":[[12,14]],"fate":"in_use","first_heard_at":"2026-03-20T15:04:04.223Z","last_heard_at":"2026-03-20T15:04:04.623Z"}]}]}"#
        ]],
    );
}

fn renumbered() -> Renumbered {
    Renumbered { number: 1, stream: StreamId(uuid(6)), first: 5, last: 7, told_at: at(-5_000), broken_at: at(-4_000) }
}

#[test]
fn directory() {
    golden(&SiteName { name: name("Harbour") }, &expect![[r#"{"name":"Harbour"}"#]]);
    let new = NewHost { name: name("Charles Babbage"), department: Some(name("Engines")) };
    golden(
        &NewHosts { hosts: vec![new] },
        &expect![[r#"{"hosts":[{"name":"Charles Babbage","department":"Engines"}]}"#]],
    );
    let host = DirectoryHost {
        id: HostId(uuid(7)),
        name: name("Charles Babbage"),
        department: Some(name("Engines")),
        gone: false,
    };
    golden(
        &HostPage { next: Some(host.id), hosts: vec![host] },
        &expect![[
            r#"{"hosts":[{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage","department":"Engines"}],"next":"0195b3a4-0000-7000-8000-000000000007"}"#
        ]],
    );
    golden(&HostsAdded { added: 2, known: 1 }, &expect![[r#"{"added":2,"known":1}"#]]);
    golden(&HostChange { gone: Some(true), ..HostChange::default() }, &expect![[r#"{"gone":true}"#]]);
}

#[test]
fn attention() {
    let said = Said {
        visit: Some(VisitId(uuid(11))),
        kind: Some(Kind::CheckedIn),
        occurred_at: Some(at(0)),
        name: Some("Ada Lovelace".to_owned()),
        host: Some(charles()),
        text: "{}".to_owned(),
        ..Said::default()
    };
    let doubt = Doubt {
        number: 7,
        device: DeviceId(uuid(2)),
        device_name: name("Lobby 2"),
        stream: StreamId(uuid(3)),
        seq: 41,
        received_at: at(0),
        reason: Some(QuarantineReason::IdConflict),
        against: Some(Said { text: "{}".to_owned(), ..Said::default() }),
        said,
        acceptable: true,
        decided: Some(Decided {
            how: Verdict::Dismissed,
            at: at(60_000),
            by: Some(name("Grace Hopper")),
            note: Some(Remark::new("a test").unwrap()),
        }),
    };
    let gap = Gap {
        number: 4,
        device: DeviceId(uuid(2)),
        device_name: name("Lobby 2"),
        stream: StreamId(uuid(3)),
        first: 42,
        last: 57,
        told_at: at(0),
        how: GapKind::Wiped,
    };
    golden(
        &Attention { as_of: at(0), open: 1, doubts: vec![doubt], gaps: vec![gap], next: Some(7) },
        &expect![[
            r#"{"as_of":"2026-03-20T15:04:05.123Z","open":1,"doubts":[{"number":7,"device":"0195b3a4-0000-7000-8000-000000000002","device_name":"Lobby 2","stream":"0195b3a4-0000-7000-8000-000000000003","seq":41,"received_at":"2026-03-20T15:04:05.123Z","reason":"id_conflict","said":{"visit":"0195b3a4-0000-7000-8000-00000000000b","kind":"checked_in","occurred_at":"2026-03-20T15:04:05.123Z","name":"Ada Lovelace","host":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"text":"{}"},"against":{"text":"{}"},"acceptable":true,"decided":{"how":"dismissed","at":"2026-03-20T15:05:05.123Z","by":"Grace Hopper","note":"a test"}}],"gaps":[{"number":4,"device":"0195b3a4-0000-7000-8000-000000000002","device_name":"Lobby 2","stream":"0195b3a4-0000-7000-8000-000000000003","first":42,"last":57,"told_at":"2026-03-20T15:04:05.123Z","how":"wiped"}],"next":7}"#
        ]],
    );
    golden(&Decision::Accept { note: None }, &expect![[r#"{"accept":{}}"#]]);
    golden(&Decision::Dismiss { note: Remark::new("a test").unwrap() }, &expect![[r#"{"dismiss":{"note":"a test"}}"#]]);
    golden(
        &Decision::Replace {
            occurred_at: at(0),
            visit: Some(VisitId(uuid(11))),
            what: Box::new(EventData::CheckedOut(CheckedOut {})),
            note: None,
        },
        &expect![[
            r#"{"replace":{"occurred_at":"2026-03-20T15:04:05.123Z","visit":"0195b3a4-0000-7000-8000-00000000000b","what":{"type":"vestibule.visit.checked_out.v1","data":{}}}}"#
        ]],
    );
    golden(
        &Noted { note: Remark::new("from the paper list").unwrap() },
        &expect![[r#"{"note":"from the paper list"}"#]],
    );
}

#[test]
fn statement() {
    let tally = Tally { delivered: 11, waiting: 2, parked: 1, ..Tally::default() }.summed();
    let missing =
        Numbers { stream: StreamId(uuid(3)), first: 12, last: 14, not_before: Some(at(-900)), not_after: at(-500) };
    let questioned = Questioned {
        stream: StreamId(uuid(3)),
        seq: 9,
        received_at: at(-700),
        reason: Some(QuarantineReason::UnknownType),
    };
    golden(
        &Statement {
            site: Site { id: SiteId(uuid(1)), name: name("Head office") },
            history: HistoryId(uuid(5)),
            from: Some(at(-10_000)),
            to: at(0),
            as_of: at(0),
            total: tally,
            devices: vec![DeviceStatement {
                device: DeviceId(uuid(2)),
                name: name("Lobby 2"),
                kind: DeviceKind::Kiosk,
                heard_at: at(-500),
                tally,
                proof: Some(Proof { stream: StreamId(uuid(3)), seq: 11, chain: Digest::ZERO, at: at(-600) }),
                differences: vec![
                    Difference::Missing(missing),
                    Difference::Lost(Numbers { not_before: None, ..missing }),
                    Difference::Renumbered(renumbered()),
                    Difference::Quarantined(questioned),
                    Difference::Conflicting(Questioned { reason: None, ..questioned }),
                ],
            }],
            interruptions: vec![Interruption { from: at(-900), to: at(-600), late: 7 }],
        },
        &expect![[
            r#"{"site":{"id":"0195b3a4-0000-7000-8000-000000000001","name":"Head office"},"history":"0195b3a4-0000-7000-8000-000000000005","from":"2026-03-20T15:03:55.123Z","to":"2026-03-20T15:04:05.123Z","as_of":"2026-03-20T15:04:05.123Z","total":{"captured":14,"delivered":11,"waiting":2,"parked":1,"quarantined":0,"conflicting":0,"lost":0},"devices":[{"device":"0195b3a4-0000-7000-8000-000000000002","name":"Lobby 2","kind":"kiosk","heard_at":"2026-03-20T15:04:04.623Z","tally":{"captured":14,"delivered":11,"waiting":2,"parked":1,"quarantined":0,"conflicting":0,"lost":0},"proof":{"stream":"0195b3a4-0000-7000-8000-000000000003","seq":11,"chain":"0000000000000000000000000000000000000000000000000000000000000000","at":"2026-03-20T15:04:04.523Z"},"differences":[{"missing":{"stream":"0195b3a4-0000-7000-8000-000000000003","first":12,"last":14,"not_before":"2026-03-20T15:04:04.223Z","not_after":"2026-03-20T15:04:04.623Z"}},{"lost":{"stream":"0195b3a4-0000-7000-8000-000000000003","first":12,"last":14,"not_after":"2026-03-20T15:04:04.623Z"}},{"renumbered":{"number":1,"stream":"0195b3a4-0000-7000-8000-000000000006","first":5,"last":7,"told_at":"2026-03-20T15:04:00.123Z","broken_at":"2026-03-20T15:04:01.123Z"}},{"quarantined":{"stream":"0195b3a4-0000-7000-8000-000000000003","seq":9,"received_at":"2026-03-20T15:04:04.423Z","reason":"unknown_type"}},{"conflicting":{"stream":"0195b3a4-0000-7000-8000-000000000003","seq":9,"received_at":"2026-03-20T15:04:04.423Z"}}]}],"interruptions":[{"from":"2026-03-20T15:04:04.223Z","to":"2026-03-20T15:04:04.523Z","late":7}]}"#
        ]],
    );
}

#[test]
fn account() {
    golden(
        &Credentials { device: DeviceId(uuid(2)), site: SiteId(uuid(1)), token: "vd_secret".to_owned() },
        &expect![[
            r#"{"device":"0195b3a4-0000-7000-8000-000000000002","site":"0195b3a4-0000-7000-8000-000000000001","token":"vd_secret"}"#
        ]],
    );
    golden(&Pair { code: "ABCD-EFGH".to_owned() }, &expect![[r#"{"code":"ABCD-EFGH"}"#]]);
    golden(
        &NewDevice { site: SiteId(uuid(1)), name: name("Lobby 2") },
        &expect![[r#"{"site":"0195b3a4-0000-7000-8000-000000000001","name":"Lobby 2"}"#]],
    );
    golden(
        &PairingCode { code: "ABCD-EFGH".to_owned(), expires_in_s: 600 },
        &expect![[r#"{"code":"ABCD-EFGH","expires_in_s":600}"#]],
    );
    golden(
        &SetUp {
            token: "once".to_owned(),
            account: NewAccount {
                name: name("Grace Hopper"),
                email: Email::new("grace@example.com").unwrap(),
                password: "correct horse".to_owned(),
            },
        },
        &expect![[
            r#"{"token":"once","account":{"name":"Grace Hopper","email":"grace@example.com","password":"correct horse"}}"#
        ]],
    );
    golden(
        &SignIn { email: Email::new("grace@example.com").unwrap(), password: "correct horse".to_owned(), code: None },
        &expect![[r#"{"email":"grace@example.com","password":"correct horse"}"#]],
    );
    golden(&SignInWays { provider: None }, &expect![["{}"]]);
    golden(
        &SignInWays { provider: Some(ProviderName::new("Example").unwrap()) },
        &expect![[r#"{"provider":"Example"}"#]],
    );
    golden(
        &Session {
            staff: StaffId(uuid(9)),
            name: name("Grace Hopper"),
            role: Role::Admin,
            sites: vec![Site { id: SiteId(uuid(1)), name: name("Head office") }],
            second_factor: false,
        },
        &expect![[
            r#"{"staff":"0195b3a4-0000-7000-8000-000000000009","name":"Grace Hopper","role":"admin","sites":[{"id":"0195b3a4-0000-7000-8000-000000000001","name":"Head office"}],"second_factor":false}"#
        ]],
    );
}

#[test]
fn a_visit_that_a_marshal_has_marked() {
    let mut visit = visit();
    let mark = RollCallMarked { roll_call: RollCallId(uuid(12)), mark: Mark::Safe };
    let marked = Event { id: EventId(uuid(13)), ..event(EventData::RollCallMarked(mark)) };
    visit.apply(&marked, Some(at(3_000)));
    golden(
        &visit,
        &expect![[
            r#"{"id":"0195b3a4-0000-7000-8000-00000000000b","site":"0195b3a4-0000-7000-8000-000000000001","visitor":{"value":{"name":"Ada Lovelace","company":"Analytical Engines"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"host":{"value":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"marks":[{"roll_call":"0195b3a4-0000-7000-8000-00000000000c","mark":{"value":"safe","at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000d"},"device":"0195b3a4-0000-7000-8000-000000000002"}],"timeline":[{"event":"0195b3a4-0000-7000-8000-00000000000a","kind":"checked_in","occurred_at":"2026-03-20T15:04:03.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"},{"event":"0195b3a4-0000-7000-8000-00000000000d","kind":"roll_call_marked","occurred_at":"2026-03-20T15:04:03.873Z","received_at":"2026-03-20T15:04:08.123Z","device":"0195b3a4-0000-7000-8000-000000000002"}]}"#
        ]],
    );
}

#[test]
fn problem() {
    golden(
        &Problem {
            status: 503,
            code: "not_writable".into(),
            title: "The server can't store anything at the moment".into(),
            detail: Some("Keep the events and send them again.".into()),
        },
        &expect![[
            r#"{"status":503,"code":"not_writable","title":"The server can't store anything at the moment","detail":"Keep the events and send them again."}"#
        ]],
    );
}

#[test]
fn what_a_page_asks() {
    golden(&Ask::Watch, &expect![[r#""watch""#]]);
    golden(
        &Ask::Enrol(Credentials { device: DeviceId(uuid(2)), site: SiteId(uuid(1)), token: "vd_secret".to_owned() }),
        &expect![[
            r#"{"enrol":{"device":"0195b3a4-0000-7000-8000-000000000002","site":"0195b3a4-0000-7000-8000-000000000001","token":"vd_secret"}}"#
        ]],
    );
    golden(
        &Ask::Capture(Capture {
            event: EventId(uuid(10)),
            visit: VisitId(uuid(11)),
            time: at(0),
            what: EventData::CheckedIn(CheckedIn { visitor: ada(), host: None, details: Details::default() }),
        }),
        &expect![[
            r#"{"capture":{"event":"0195b3a4-0000-7000-8000-00000000000a","visit":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","what":{"type":"vestibule.visit.checked_in.v1","data":{"visitor":{"name":"Ada Lovelace","company":"Analytical Engines"}}}}}"#
        ]],
    );
    golden(
        &vec![Ask::Tick, Ask::SyncNow, Ask::Refresh, Ask::Backlog, Ask::SendAgain, Ask::Export],
        &expect![[r#"["tick","sync_now","refresh","backlog","send_again","export"]"#]],
    );
}

#[test]
fn what_a_worker_tells() {
    golden(
        &Tell::Captured { event: EventId(uuid(10)) },
        &expect![[r#"{"captured":{"event":"0195b3a4-0000-7000-8000-00000000000a"}}"#]],
    );
    golden(
        &vec![
            Refusal::NotEnrolled,
            Refusal::TooLarge,
            Refusal::StorageFull,
            Refusal::StorageFailed,
            Refusal::NotUnderstood,
        ]
        .into_iter()
        .map(Tell::Refused)
        .collect::<Vec<_>>(),
        &expect![[
            r#"[{"refused":"not_enrolled"},{"refused":"too_large"},{"refused":"storage_full"},{"refused":"storage_failed"},{"refused":"not_understood"}]"#
        ]],
    );
    golden(
        &Tell::Status(Status {
            boot: 7,
            version: "0.1.0".to_owned(),
            source: Some(Source { site: SiteId(uuid(1)), device: DeviceId(uuid(2)) }),
            link: LinkState::Unreachable,
            storage: Storage::Persistent,
            stream: Some(StreamId(uuid(3))),
            captured: 57,
            proven: 40,
            pending: 17,
            parked: 0,
            oldest_pending_at: Some(at(-1_000)),
            last_receipt_at: Some(at(-5_000)),
            clock_offset_ms: Some(-1_250),
            revoked_at: None,
        }),
        &expect![[
            r#"{"status":{"boot":7,"version":"0.1.0","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","link":"unreachable","storage":"persistent","stream":"0195b3a4-0000-7000-8000-000000000003","captured":57,"proven":40,"pending":17,"parked":0,"oldest_pending_at":"2026-03-20T15:04:04.123Z","last_receipt_at":"2026-03-20T15:04:00.123Z","clock_offset_ms":-1250}}"#
        ]],
    );
    golden(
        &Tell::Delivered { events: vec![EventId(uuid(10))] },
        &expect![[r#"{"delivered":{"events":["0195b3a4-0000-7000-8000-00000000000a"]}}"#]],
    );
    golden(
        &Tell::View(PassedOn {
            whole: false,
            as_of: Some(at(0)),
            site: None,
            settings: Some(RawValue::from_string(r#"{"party_max":4}"#.to_owned()).unwrap()),
            hosts: vec![],
            visits: vec![RawValue::from_string(serde_json::to_string(&visit()).unwrap()).unwrap()],
            own: Some(OwnEvents {
                site: SiteId(uuid(1)),
                events: vec![OwnEvent {
                    event: RawValue::from_string(event(EventData::CheckedOut(CheckedOut {})).to_text().into()).unwrap(),
                    received_at: Some(at(2_000)),
                }],
            }),
        }),
        &expect![[
            r#"{"view":{"whole":false,"as_of":"2026-03-20T15:04:05.123Z","settings":{"party_max":4},"visits":[{"id":"0195b3a4-0000-7000-8000-00000000000b","site":"0195b3a4-0000-7000-8000-000000000001","visitor":{"value":{"name":"Ada Lovelace","company":"Analytical Engines"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"host":{"value":{"id":"0195b3a4-0000-7000-8000-000000000007","name":"Charles Babbage"},"at":"2026-03-20T15:04:03.873Z","by":"0195b3a4-0000-7000-8000-00000000000a"},"timeline":[{"event":"0195b3a4-0000-7000-8000-00000000000a","kind":"checked_in","occurred_at":"2026-03-20T15:04:03.873Z","received_at":"2026-03-20T15:04:07.123Z","device":"0195b3a4-0000-7000-8000-000000000002"}]}],"own":{"site":"0195b3a4-0000-7000-8000-000000000001","events":[{"event":{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_out.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}},"received_at":"2026-03-20T15:04:07.123Z"}]}}}"#
        ]],
    );
    let waiting = |parked| Waiting { event: EventId(uuid(10)), visit: VisitId(uuid(11)), time: at(0), parked };
    golden(
        &Tell::Backlog(vec![
            waiting(None),
            waiting(Some(ParkedReason::RefusedByServer { status: 422 })),
            waiting(Some(ParkedReason::Unreadable)),
        ]),
        &expect![[
            r#"{"backlog":[{"event":"0195b3a4-0000-7000-8000-00000000000a","visit":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z"},{"event":"0195b3a4-0000-7000-8000-00000000000a","visit":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","parked":{"refused_by_server":{"status":422}}},{"event":"0195b3a4-0000-7000-8000-00000000000a","visit":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","parked":"unreadable"}]}"#
        ]],
    );
}

#[test]
fn export() {
    let text = event(EventData::CheckedOut(CheckedOut {})).to_text();
    let chain = Digest::ZERO.then(event_hash(&text));
    let raw = RawValue::from_string(text.into()).unwrap();
    let export = Export {
        protocol: 1,
        source: Some(Source { site: SiteId(uuid(1)), device: DeviceId(uuid(2)) }),
        key: Some(SealKey::of_token("vd_secret")),
        exported_at: at(0),
        stream: Some(StreamId(uuid(3))),
        head: Link { seq: 2, chain },
        left_out: 0,
        events: vec![
            ExportedEvent { id: EventId(uuid(10)), seq: 1, chain, parked: None, event: raw.clone() },
            ExportedEvent {
                id: EventId(uuid(12)),
                seq: 2,
                chain,
                parked: Some(ParkedReason::RefusedByServer { status: 422 }),
                event: raw,
            },
        ],
    };
    golden(
        &export,
        &expect![[
            r#"{"protocol":1,"source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","key":"1ce5ee080b8b1bbf382e13184a3a4c03cb0defaf618ad00055e8b8fb77e2890c","exported_at":"2026-03-20T15:04:05.123Z","stream":"0195b3a4-0000-7000-8000-000000000003","head":{"seq":2,"chain":"06a20fd061d650bdc9b28347c4e088f19c590cec0d32431bcb3b3a9e65f0e864"},"left_out":0,"events":[{"id":"0195b3a4-0000-7000-8000-00000000000a","seq":1,"chain":"06a20fd061d650bdc9b28347c4e088f19c590cec0d32431bcb3b3a9e65f0e864","event":{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_out.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}},{"id":"0195b3a4-0000-7000-8000-00000000000c","seq":2,"chain":"06a20fd061d650bdc9b28347c4e088f19c590cec0d32431bcb3b3a9e65f0e864","parked":{"refused_by_server":{"status":422}},"event":{"specversion":"1.0","id":"0195b3a4-0000-7000-8000-00000000000a","source":"/sites/0195b3a4-0000-7000-8000-000000000001/devices/0195b3a4-0000-7000-8000-000000000002","type":"vestibule.visit.checked_out.v1","subject":"0195b3a4-0000-7000-8000-00000000000b","time":"2026-03-20T15:04:05.123Z","datacontenttype":"application/json","clockoffset":-1250,"data":{}}}]}"#
        ]],
    );
    golden(&Tell::Exported("{}".to_owned()), &expect![[r#"{"exported":"{}"}"#]]);
}

#[test]
fn what_people_carry() {
    golden(&Carried { parcel: "VBP0".to_owned() }, &expect![[r#"{"parcel":"VBP0"}"#]]);
    golden(
        &Contents {
            device: DeviceId(uuid(2)),
            device_name: Name::new("Lobby 2").unwrap(),
            site: SiteId(uuid(1)),
            revoked_at: None,
            events: vec![CarriedEvent {
                visit: Some(VisitId(uuid(11))),
                kind: Some(Kind::CheckedIn),
                visitor: Some(ada().name),
                host: Some(charles().name),
                occurred_at: Some(at(0)),
                result: EventResult { seq: 41, outcome: Outcome::Accepted },
            }],
        },
        &expect![[
            r#"{"device":"0195b3a4-0000-7000-8000-000000000002","device_name":"Lobby 2","site":"0195b3a4-0000-7000-8000-000000000001","events":[{"visit":"0195b3a4-0000-7000-8000-00000000000b","kind":"checked_in","visitor":"Ada Lovelace","host":"Charles Babbage","occurred_at":"2026-03-20T15:04:05.123Z","result":{"seq":41,"outcome":"accepted"}}]}"#
        ]],
    );
}

/// A parcel's layout is wire as well: what a kiosk saved today is brought in to tomorrow's server.
#[test]
fn a_parcel() {
    let event = event(EventData::CheckedOut(CheckedOut {}));
    let key = SealKey::of_token("vd_secret");
    let events = vec![ParcelEvent { seq: 300, text: event.to_text() }];
    let told = Link { seq: 301, chain: Digest::ZERO.then(event_hash("")) };
    let backlog = Parcel { source: event.source, stream: StreamId(uuid(3)), head: told, events };
    let text = backlog.seal(&key).unwrap().text();
    expect!["VBP06AV790001R01000000000000AGS363ENQ1ARZM3KW14MV8N1JKB9WQHHSS6QXEMCSRN8VP4Y0FEERD3NBMJ3NDB6XQR90X3AXSJ3DJSC519VZC9N5QHYY8XX3XZSHCXGSNJVA294XF9AYXE5ZB788MVP2N5SQEZK6RPEC8SEE87YEJH2GG83KK2XYMZ78ZWS8GEC89HAD8705S3MHCX0D2ME21H8QAW41WDEA540WS8V8JKFX26R1294XS1XFDWJXZMBXJWTG842YFFCPN2VK7WMVA9W4R3PVCHVABMVA5KMG8P4YE5S4N6ABVCRWCNW0J5SR6MQZA7E5GKRQMXKVYHFN73T795RBKVJ1VZD9ZJS8D0CHBQFV6ZGG3WFBJWHTFTCZ030CATSBV0RHJA50057N1EZD3D943YCG8HE5ZMF2T7VHRC0P0PK198TJTQZBQY8XC7TBVZVF4DTC00S7BYF9480FT42045C0B1JYB1DQ4E82H1ZBKZWX0XB7EQ664QCXPAVXDTZKQDN36KPJJP08BQNZPMSSH6SXF75XME3BP6TQJZPC8CV9PHXN09A9TCVR4RR31P2W6PP5S48QE9864AEQWD89G8XBYGT5RPJVX805GDWTS1RQPTB0VXTZJZE2EAWG3VT00XTW1JZ71TN7RDQXQ8VECFJV2N8JPBD97EBAPPP5EN6B6BFVTDS9TY7GE25NKZ0HQ8ZN8T8QKWV8MA9PZ464YC5ZT72B6B328"].assert_eq(&text);
    assert_eq!(Sealed::read(&text).unwrap().open(&key), Ok(backlog));
}

fn visit() -> Visit {
    let checked_in =
        event(EventData::CheckedIn(CheckedIn { visitor: ada(), host: Some(charles()), details: Details::default() }));
    let mut visit = Visit::new(checked_in.visit, checked_in.source.site);
    visit.apply(&checked_in, Some(at(2_000)));
    visit
}

/// The visit with all that there can be.
fn visit_with_papers() -> Visit {
    let mut visit = visit();
    let mut and_then = |number: u8, data| {
        let event = Event { id: EventId(uuid(number)), time: at(1_000), ..event(data) };
        visit.apply(&event, Some(at(2_000)));
    };
    and_then(20, EventData::CheckedIn(CheckedIn { visitor: ada(), host: None, details: details() }));
    and_then(21, EventData::AgreementSigned(signed()));
    and_then(22, EventData::Photographed(Photographed { photo: None }));
    visit
}

fn details() -> Details {
    Details {
        visitor_type: Some(named("contractor", "Contractor")),
        answers: vec![
            Answer { field: named("plate", "Number plate"), value: AnswerValue::Text(Text::new("AE 1843").unwrap()) },
            Answer { field: named("area", "Where?"), value: AnswerValue::Choice(named("roof", "Roof")) },
            Answer { field: named("hot", "Hot work?"), value: AnswerValue::YesNo(false) },
        ],
        party: Some(VisitId(uuid(11))),
    }
}

fn signed() -> AgreementSigned {
    let Named { id: agreement, label: title } = named("nda", "Secrets");
    AgreementSigned { agreement, version: 3, title, language: LanguageTag::new("nl").unwrap(), signature: None }
}

fn drawing() -> Drawing {
    Drawing { width: 600, height: 200, path: StrokePath::new("M10 20l5-3").unwrap() }
}

fn named(id: &str, label: &str) -> Named {
    Named { id: Key::new(id).unwrap(), label: Text::new(label).unwrap() }
}

fn event(data: EventData) -> Event {
    Event {
        id: EventId(uuid(10)),
        source: Source { site: SiteId(uuid(1)), device: DeviceId(uuid(2)) },
        visit: VisitId(uuid(11)),
        time: at(0),
        clock_offset_ms: Some(-1_250),
        data,
    }
}

fn ada() -> Visitor {
    Visitor { name: name("Ada Lovelace"), company: Some(name("Analytical Engines")), email: None, phone: None }
}

fn charles() -> Host {
    Host { id: HostId(uuid(7)), name: name("Charles Babbage") }
}

fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

/// 2026-03-20T15:04:05.123Z and some ms.
fn at(plus_ms: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_774_019_045_123).plus_ms(plus_ms)
}

fn uuid(last: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0195_b3a4_0000_7000_8000_0000_0000_0000 | u128::from(last))
}
