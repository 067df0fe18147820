//! Visits that come again: on which days, by the clock on the wall.

use crate::form::LocalTime;

/// Most visits that are announced at once: every working day of a quarter, with room. Each is a visit of its own, which
/// can be changed or cancelled by itself.
pub const MOST: usize = 100;

/// How a visit comes again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rule {
    /// It does not.
    #[default]
    Once,
    /// From Monday to Friday.
    Weekdays,
    /// On the same day of each week.
    Weekly,
    /// Of each second week.
    Fortnightly,
    /// On the same day of each month; on its last one where it is shorter.
    Monthly,
}

/// When it comes, the first time among them, up to and including the day `until`; at most [`MOST`] and one more, which
/// shows that there are too many.
pub fn times(first: LocalTime, rule: Rule, until: (u32, u32, u32)) -> Vec<LocalTime> {
    let last = day_number(until.0, until.1, until.2);
    let start = day_number(first.year, first.month, first.day);
    let on = |day: i64| {
        let (year, month, day) = civil(day);
        LocalTime { year, month, day, ..first }
    };
    let every = |days: i64, is_meant: fn(i64) -> bool| {
        let days = (0_i64..).map(move |n| start + n * days).take_while(move |day| *day <= last);
        days.filter(|day| is_meant(*day)).map(on).take(MOST + 1).collect()
    };
    match rule {
        Rule::Once => vec![first],
        // 1 January 1970 was a Thursday.
        Rule::Weekdays => every(1, |day| (day + 3).rem_euclid(7) < 5),
        Rule::Weekly => every(7, |_| true),
        Rule::Fortnightly => every(14, |_| true),
        Rule::Monthly => {
            let months = (0_u32..).map(|n| {
                let month = first.month - 1 + n;
                let (year, month) = (first.year + month / 12, month % 12 + 1);
                LocalTime { year, month, day: first.day.min(days_in(year, month)), ..first }
            });
            months.take_while(|at| day_number(at.year, at.month, at.day) <= last).take(MOST + 1).collect()
        }
    }
}

/// How many days a month has.
pub const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1 January 1970, by Howard Hinnant's `days_from_civil`
/// (<https://howardhinnant.github.io/date_algorithms.html>).
fn day_number(year: u32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (i64::from(month) + if month > 2 { -3 } else { 9 }) + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The other way: year, month, day.
fn civil(day: i64) -> (u32, u32, u32) {
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let narrow = |number: i64| u32::try_from(number).unwrap_or(0);
    (narrow(year), narrow(month), narrow(of_year - (153 * shifted + 2) / 5 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: LocalTime = LocalTime { year: 2026, month: 3, day: 20, hour: 9, minute: 30 };

    fn days(rule: Rule, until: (u32, u32, u32)) -> Vec<(u32, u32)> {
        times(FIRST, rule, until).iter().map(|at| (at.month, at.day)).collect()
    }

    #[test]
    fn every_day_of_four_hundred_years_has_its_number_and_back() {
        for day in 0..146_097 {
            let (year, month, of_month) = civil(day);
            assert_eq!(day_number(year, month, of_month), day);
        }
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(day_number(2026, 3, 20), 20_532);
    }

    #[test]
    fn on_weekdays_it_skips_the_weekend() {
        // A Friday.
        assert_eq!(days(Rule::Weekdays, (2026, 3, 25)), [(3, 20), (3, 23), (3, 24), (3, 25)]);
    }

    #[test]
    fn weekly_and_fortnightly_keep_their_day() {
        assert_eq!(days(Rule::Weekly, (2026, 4, 3)), [(3, 20), (3, 27), (4, 3)]);
        assert_eq!(days(Rule::Fortnightly, (2026, 4, 16)), [(3, 20), (4, 3)]);
    }

    #[test]
    fn monthly_it_is_on_the_last_day_of_a_month_that_is_shorter() {
        let first = LocalTime { month: 1, day: 31, ..FIRST };
        let at: Vec<_> = times(first, Rule::Monthly, (2026, 4, 30)).iter().map(|at| (at.month, at.day)).collect();
        assert_eq!(at, [(1, 31), (2, 28), (3, 31), (4, 30)]);
        assert_eq!(times(FIRST, Rule::Monthly, (2027, 1, 31)).len(), 11);
    }

    #[test]
    fn an_end_before_the_beginning_leaves_none_and_a_far_one_not_too_many() {
        assert_eq!(days(Rule::Weekly, (2026, 3, 19)), []);
        assert_eq!(times(FIRST, Rule::Weekdays, (2099, 1, 1)).len(), MOST + 1);
        assert_eq!(times(FIRST, Rule::Once, (2000, 1, 1)), [FIRST]);
    }
}
