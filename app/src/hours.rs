//! Whether reception is there, as the site says.

use vestibule_protocol::settings::OpeningHours;

/// Minutes of a day.
const DAY_MIN: u32 = 24 * 60;

/// When reception opens next, in minutes from the beginning of today; `None` while it is open, or where the site does
/// not say. `day` is 1 on a Monday, `minute` that of the day.
pub fn opens_next(hours: &[OpeningHours], day: u8, minute: u16) -> Option<u32> {
    let on = |day: u8| hours.iter().filter(move |hours| hours.days.contains(&day));
    if on(day).any(|hours| (hours.opens_min..hours.closes_min).contains(&minute)) {
        return None;
    }
    (0..=7_u8)
        .flat_map(|ahead| {
            on((day + ahead - 1) % 7 + 1).map(move |hours| u32::from(ahead) * DAY_MIN + u32::from(hours.opens_min))
        })
        .filter(|opens| *opens > u32::from(minute))
        .min()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// Monday to Thursday from 8 to 12 and from 13 to 18, Friday from 8 to 12.
    fn hours() -> Vec<OpeningHours> {
        let hours = |days: &[u8], opens_min, closes_min| OpeningHours { days: days.to_vec(), opens_min, closes_min };
        vec![hours(&[1, 2, 3, 4, 5], 480, 720), hours(&[1, 2, 3, 4], 780, 1080)]
    }

    #[rstest]
    #[case::open(1, 480, None)]
    #[case::before_it_opens(1, 479, Some(480))]
    #[case::at_noon(1, 720, Some(780))]
    #[case::in_the_evening(1, 1080, Some(DAY_MIN + 480))]
    #[case::before_the_weekend(5, 720, Some(3 * DAY_MIN + 480))]
    #[case::on_sunday(7, 0, Some(DAY_MIN + 480))]
    fn it_opens_when_the_site_says(#[case] day: u8, #[case] minute: u16, #[case] opens: Option<u32>) {
        assert_eq!(opens_next(&hours(), day, minute), opens);
    }

    #[test]
    fn who_is_open_one_hour_a_week_opens_again_in_a_week() {
        let hours = [OpeningHours { days: vec![3], opens_min: 600, closes_min: 660 }];
        assert_eq!(opens_next(&hours, 3, 700), Some(7 * DAY_MIN + 600));
        assert_eq!(opens_next(&[], 3, 700), None);
    }
}
