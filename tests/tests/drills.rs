//! Every short drill once, each on one of the engines that can; `make drills` plays all of them on all engines, and often.

use vestibule_tests::drill::{Drill, Length};

#[tokio::test]
async fn whatever_was_confirmed_is_on_the_dashboard_once_after_every_drill() {
    let short = Drill::ALL.iter().filter(|drill| drill.length == Length::Short);
    for (number, drill) in short.enumerate() {
        if let Some(lacking) = drill.stage.lacks() {
            println!("not tried: {}: {lacking}", drill.name);
            continue;
        }
        let here: Vec<_> = drill.engines.iter().copied().filter(|engine| engine.is_here()).collect();
        let engine = here[number % here.len()];
        let outcome = drill.play(engine, 1).await;
        println!("{engine}, {:.1} s: {}", outcome.converged_in.as_secs_f64(), drill.name);
        assert!(outcome.verdict.is_clean(), "{engine}: {}: {:?}", drill.name, outcome.verdict);
    }
}
