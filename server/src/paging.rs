//! Lists that are given out by pages.

/// How many rows to give: as many as were asked for, and `most` where nothing was said.
pub(crate) fn rows(asked: Option<usize>, most: usize) -> usize {
    asked.unwrap_or(most).clamp(1, most)
}

/// Cuts `rows` to `limit`, of which one more was asked of the database to see whether there are more; gives by what the
/// next page is asked for, `None` on the last.
pub(crate) fn cut<T, K>(rows: &mut Vec<T>, limit: usize, key: impl FnOnce(&T) -> K) -> Option<K> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.last().map(key).filter(|_| more)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_goes_on_only_where_there_is_more() {
        for (held, limit, kept, next) in [(3, 2, 2, Some(1)), (2, 2, 2, None), (0, 2, 0, None)] {
            let mut rows: Vec<usize> = (0..held).collect();
            assert_eq!((cut(&mut rows, limit, |&row| row), rows.len()), (next, kept));
        }
    }

    #[test]
    fn nobody_is_given_more_than_most_or_nothing_at_all() {
        assert_eq!([None, Some(0), Some(7), Some(900)].map(|asked| rows(asked, 200)), [200, 1, 7, 200]);
    }
}
