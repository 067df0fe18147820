//! The stores of a transaction, as tables of rows.
//!
//! A request goes out when it is made, not when its [`Reply`] is first polled, so that several can be under way at
//! once. Of several rows, one that this version can't read, because a newer one has written it, is left out: it must not
//! hold up its neighbours, and the counts still count it.
//!
//! Replies are boxed and writes are not waited for (the commit waits for them all): the code of each wait that is
//! compiled in place weighs a kilobyte, and every visitor's device downloads it.

use std::{ops::ControlFlow, pin::Pin};

use indexed_db_futures::{
    BuildPrimitive as _, KeyRange,
    cursor::CursorDirection,
    object_store::ObjectStore,
    primitive::{TryFromJs, TryToJs},
    query_source::QuerySource as _,
    transaction::Transaction,
};
use wasm_bindgen::JsValue;

use crate::error::StorageError;

/// A store within a transaction.
pub(crate) struct Table<'tx>(ObjectStore<'tx>);

/// The answer to a request that is under way.
pub(crate) type Reply<T> = Pin<Box<dyn Future<Output = Result<T, StorageError>>>>;

/// Keys of an index.
pub(crate) type Keys = KeyRange<JsValue>;

/// The store `name` within `tx`, which must have been opened on it.
///
/// # Errors
/// [`StorageError`] if the transaction is over.
pub(crate) fn table<'tx>(tx: &'tx Transaction<'_>, name: &str) -> Result<Table<'tx>, StorageError> {
    Ok(Table(tx.object_store(name)?))
}

impl Table<'_> {
    /// The row under `key`.
    pub(crate) fn get<Row: TryFromJs + 'static>(&self, key: &str) -> Reply<Option<Row>> {
        let request = self.0.get::<JsValue, JsValue, _>(KeyRange::Only(key.into())).primitive();
        one(Box::pin(async { Ok(request?.await?) }))
    }

    /// The first row in the order of `index` with a key of `keys`.
    pub(crate) fn first<Row: TryFromJs + 'static>(&self, index: &str, keys: Keys) -> Reply<Option<Row>> {
        let request = self.0.index(index).and_then(|index| index.get::<JsValue, JsValue, _>(keys).primitive());
        one(Box::pin(async { Ok(request?.await?) }))
    }

    /// All rows.
    pub(crate) fn all<Row: TryFromJs + 'static>(&self) -> Reply<Vec<Row>> {
        let request = self.0.get_all::<JsValue>().primitive();
        many(Box::pin(async { Ok(request?.await?.collect::<Result<_, _>>()?) }))
    }

    /// The first `limit` rows in the order of `index` with a key of `keys`.
    pub(crate) fn some<Row: TryFromJs + 'static>(&self, index: &str, keys: Keys, limit: u32) -> Reply<Vec<Row>> {
        let request = self
            .0
            .index(index)
            .and_then(|index| index.get_all::<JsValue>().with_query::<JsValue, _>(keys).with_limit(limit).primitive());
        many(Box::pin(async { Ok(request?.await?.collect::<Result<_, _>>()?) }))
    }

    /// How many rows have a key of `keys` in `index`.
    pub(crate) fn count(&self, index: &str, keys: Keys) -> Reply<u64> {
        let request = self.0.index(index).and_then(|index| index.count().with_query::<JsValue, _>(keys).primitive());
        Box::pin(async { Ok(request?.await?.into()) })
    }

    /// Goes through the rows with a key of `keys` in `index`, as far as `visit` wants to.
    pub(crate) async fn walk<Row: TryFromJs>(
        &self,
        index: &str,
        keys: Keys,
        direction: CursorDirection,
        mut visit: impl FnMut(Row) -> ControlFlow<()>,
    ) -> Result<(), StorageError> {
        let index = self.0.index(index)?;
        let cursor = index.open_cursor().with_query::<JsValue, _>(keys).with_direction(direction).await?;
        let Some(mut cursor) = cursor else { return Ok(()) };
        while let Some(stored) = cursor.next_record::<JsValue>().await? {
            if Row::from_js(stored).is_ok_and(|row| visit(row).is_break()) {
                break;
            }
        }
        Ok(())
    }

    /// Writes a row under the key that it contains.
    pub(crate) fn put(&self, row: &impl TryToJs) -> Result<(), StorageError> {
        drop(self.0.put(row.try_to_js()?).primitive()?);
        Ok(())
    }

    /// Writes a text under `key`.
    pub(crate) fn put_text(&self, key: &str, text: &str) -> Result<(), StorageError> {
        drop(self.0.put(JsValue::from(text)).with_key(JsValue::from(key)).without_key_type().primitive()?);
        Ok(())
    }

    /// Deletes the row under `key`.
    pub(crate) fn delete(&self, key: &str) -> Result<(), StorageError> {
        drop(self.0.delete::<JsValue, _>(KeyRange::Only(key.into())).primitive()?);
        Ok(())
    }

    /// Deletes all rows.
    pub(crate) fn clear(&self) -> Result<(), StorageError> {
        drop(self.0.clear()?);
        Ok(())
    }
}

fn one<Row: TryFromJs + 'static>(reply: Reply<Option<JsValue>>) -> Reply<Option<Row>> {
    Box::pin(async {
        let Some(stored) = reply.await? else { return Ok(None) };
        Row::from_js(stored).map(Some).map_err(|invalid| StorageError::Failed(Box::new(invalid.into())))
    })
}

fn many<Row: TryFromJs + 'static>(reply: Reply<Vec<JsValue>>) -> Reply<Vec<Row>> {
    Box::pin(async { Ok(reply.await?.into_iter().filter_map(|stored| Row::from_js(stored).ok()).collect()) })
}
