//! A receipt's body, as an engine takes it that has a batch of one event under way: nothing is acknowledged but what was
//! sent, nothing is deleted, and the engine goes on.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_engine::{
    Action, Answer, Engine, Input, Loaded, Memory,
    outbox::{Change, Pending, Standing},
};
use vestibule_protocol::{
    batch::{Link, RECEIPT_MEDIA_TYPE},
    chain::event_hash,
    id::{EventId, StreamId},
    timestamp::Timestamp,
};

/// With this time and these bytes the batch has the id that the seeds name.
const NOW: Timestamp = Timestamp::from_unix_ms(1_774_019_045_000);
const ENTROPY: [u8; 32] = [7; 32];

fuzz_target!(|body: &str| {
    let stream = StreamId::new(NOW, [1; 10]);
    let event = EventId::new(NOW, [2; 10]);
    let standing = Standing {
        stream,
        head: Link::START.then(event_hash("{}")),
        memory: Memory::default(),
        pending: 1,
        parked: 0,
        oldest_pending_at: Some(NOW),
    };
    let mut engine = Engine::resume("0.0.0-fuzzed");
    let Action::Load(load) = engine.next(NOW, ENTROPY) else { panic!("an engine looks into the outbox first") };
    let _take = load.decide(&standing);
    let records = vec![Pending { seq: 1, event, text: "{}".into() }];
    engine.handle(Input::Loaded(Loaded { standing: standing.clone(), records, persisted: true }), NOW);
    let Action::Send(_) = engine.next(NOW, ENTROPY) else { panic!("what waits is sent") };
    engine.handle(
        Input::Answered(Answer::Response {
            status: 200,
            media_type: RECEIPT_MEDIA_TYPE.to_owned(),
            retry_after_ms: None,
            body: body.to_owned(),
        }),
        NOW,
    );
    let Action::Record(record) = engine.next(NOW, ENTROPY) else { panic!("an answer is recorded") };
    let empty: Vec<_> = record.slots_doubted().into_iter().map(|(_, seq)| seq).filter(|&seq| seq != 1).collect();
    let orders = record.decide(&standing, None, &empty);
    for change in &orders.changes {
        match change {
            Change::Acknowledge { slot, .. } => assert_eq!((slot.stream, slot.seq, slot.event), (stream, 1, event)),
            Change::Forget { .. } | Change::ForgetEarlierStreams { .. } | Change::Park { .. } => {
                panic!("a first receipt lets nothing go")
            }
            Change::SendAgain => panic!("only staff have what is parked sent again"),
            Change::HandOver { .. } => panic!("only staff say that they keep a file"),
            Change::Reopen { .. } | Change::BeginStream { .. } | Change::ReopenEarlierStreams => {}
        }
    }
    assert_eq!(Memory::from_json(&orders.memory.to_json()), orders.memory);
    engine.handle(Input::Recorded, NOW);
    let _next = engine.next(NOW, ENTROPY);
});
