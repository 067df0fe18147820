//! The bounded share of the simulation that every `make test` plays; `make soak` plays on for as long as it is told.

use vestibule_tests::simulation::{
    coverage::Coverage,
    fault::{Fault, Faults},
    mutation::Mutation,
    plan::{Failure, Plan},
    small_world::{Budget, end_after_every_effect, explore},
};

/// Seeds 1 to this are played.
const SEEDS: u64 = 100;
/// Of the pairs of a fault and a state that are possible, the part that these seeds meet, in percent. The rest are rare:
/// messages that are so late that their sender is at something else.
const PAIRS_PERCENT: usize = 80;

#[test]
fn no_history_breaks_a_promise() {
    let mut coverage = Coverage::default();
    for seed in 1..=SEEDS {
        if let Err(failure) = Plan::of(seed).run(&mut coverage) {
            panic!("{}", failure.shrunk());
        }
    }
    println!("seeds 1 to {SEEDS}:\n{coverage}");
    let silent: Vec<&Fault> = Fault::ALL.iter().filter(|&&fault| coverage.of(fault) == 0).collect();
    assert!(silent.is_empty(), "these never struck: {silent:?}");
    let (met, possible) = coverage.pairs();
    assert!(met * 100 >= possible * PAIRS_PERCENT, "{met} of {possible} pairs of fault and state");
    let unforeseen: Vec<_> = coverage.unforeseen().collect();
    assert!(unforeseen.is_empty(), "a fault struck where none was thought possible: {unforeseen:?}");
}

#[test]
fn histories_in_which_a_soak_found_a_promise_broken_keep_it_now() {
    // What the soak then took for broken is said where the rule stands: `gaps.rs`, `check.rs`, `world/contexts.rs`,
    // `Record::slots_doubted`. In the first of them a server was never slow, and nobody handed anything over.
    let with_fewer_faults = [169, 1_738, 103_712, 1_010_733, 1_015_639, 1_050_742].map(|seed| {
        let plan = Plan::of(seed);
        Plan { faults: plan.faults.without(Fault::Slow).without(Fault::HandedOver), ..plan }
    });
    for plan in
        with_fewer_faults.into_iter().chain([3_012_009, 4_035_464, 6_061_489, 7_006_902, 7_013_421].map(Plan::of))
    {
        if let Err(failure) = plan.run(&mut Coverage::default()) {
            panic!("{}", failure.shrunk());
        }
    }
}

#[test]
fn histories_of_devices_that_were_revoked_in_which_a_soak_found_a_promise_broken_keep_it_now() {
    // What was mended is said in docs/simulation.md, as of these seeds.
    for (seed, steps, faults) in [
        (3_001_084, 239, "abort,connection-lost,quota,blocked,power-cut,suspended,502,revoked,same-id"),
        (
            5_010_229,
            306,
            "connection-lost,blocked,clock-jump,duplicated,reordered,401,crash-after-commit,restored-old,revoked,\
             postponed",
        ),
    ] {
        let faults = faults.parse().expect("names of faults");
        if let Err(failure) = (Plan { steps, faults, ..Plan::of(seed) }).run(&mut Coverage::default()) {
            panic!("{}", failure.shrunk());
        }
    }
}

#[test]
fn a_fleet_to_which_nothing_happens_delivers_within_two_ticks() {
    for seed in 1..=20 {
        let mut coverage = Coverage::default();
        let plan = Plan { faults: Faults::NONE, ..Plan::of(seed) };
        plan.run(&mut coverage).unwrap_or_else(|failure| panic!("{failure}"));
        assert!(coverage.ticks_to_drain <= 2, "seed {seed}: {}", coverage.ticks_to_drain);
    }
}

#[test]
fn one_seed_is_one_history() {
    let tables = [(); 2].map(|()| {
        let mut coverage = Coverage::default();
        Plan::of(7).run(&mut coverage).unwrap_or_else(|failure| panic!("{failure}"));
        coverage.to_string()
    });
    assert_eq!(tables[0], tables[1]);
}

#[test]
fn every_known_bug_is_caught() {
    for &mutation in Mutation::ALL {
        let Failure { plan, violation, .. } = caught(mutation);
        println!("| {} | {} | {} |", mutation.name(), violation.name(), plan.seed);
    }
}

#[test]
fn a_failure_shrinks_to_a_history_that_still_fails() {
    let failure = caught(Mutation::WallClockRetention);
    let shrunk = failure.clone().shrunk();
    assert!(shrunk.plan.steps <= failure.plan.steps);
    let makes_old = [Fault::ClockJump, Fault::Away].iter().any(|&fault| shrunk.plan.faults.has(fault));
    assert!(makes_old, "nothing else makes an event old: {shrunk}");
    assert!(shrunk.plan.faults.iter().count() < failure.plan.faults.iter().count());
    let again = shrunk.plan.run(&mut Coverage::default()).unwrap_err();
    assert_eq!((again.violation, again.step), (shrunk.violation, shrunk.step));
}

#[test]
fn every_order_of_a_capture_a_crash_a_lost_answer_and_a_restore_delivers() {
    let budget = Budget { devices: 1, captures: [1, 0], ticks: 1, crashes: 1, losses: 1, restores: 1 };
    println!("{:?}", explore(budget));
}

#[test]
fn a_context_that_is_ended_after_any_effect_of_any_short_history_loses_nothing() {
    println!("{} runs", end_after_every_effect(2));
}

/// A failure with the bug put in: of the seed that is known to meet it, or of the next one that does.
fn caught(mutation: Mutation) -> Failure {
    const SEEDS_MAX: usize = 1_000;
    (mutation.known_seed()..)
        .take(SEEDS_MAX)
        .find_map(|seed| Plan::of(seed).with(mutation).run(&mut Coverage::default()).err())
        .unwrap_or_else(|| panic!("nothing notices: {}", mutation.name()))
}
