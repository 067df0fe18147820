//! One transaction: its requests, their answers, and the commit.
//!
//! A request goes out when it is made. [`Transaction::answered`] waits for all that were made so far: IndexedDB answers
//! the requests of a transaction in their order, so that the answer to the last says that all have come. Then each
//! [`Request`] gives its own. A transaction so has as few waits as it has steps that depend on one another, which is
//! good for the person who waits, and for the size of what is downloaded: the code of a wait weighs a kilobyte.
//!
//! Of several rows, one that this version can't read, because a newer one has written it, is left out: it must not hold
//! up its neighbours, and the counts still count it.

use std::{
    cell::{Cell, RefCell},
    pin::Pin,
};

use js_sys::{Array, Object, Promise};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{IdbCursor, IdbCursorDirection, IdbDatabase, IdbIndex, IdbKeyRange, IdbRequest, IdbTransaction};

use super::{Access, row::Row};
use crate::error::StorageError;

/// What comes in time: the work of a transaction, or a wait.
pub(crate) type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + 'a>>;

/// A transaction under way. Dropped before [`Transaction::commit`], it has done nothing.
pub(crate) struct Transaction {
    raw: IdbTransaction,
    last: RefCell<Option<IdbRequest>>,
    has_written: Cell<bool>,
}

/// A request that is under way. It gives its answer after [`Transaction::answered`].
pub(crate) struct Request<T> {
    raw: IdbRequest,
    read: fn(JsValue) -> Result<T, StorageError>,
}

impl Transaction {
    /// Begins a transaction on `stores`.
    ///
    /// # Errors
    /// [`StorageError`] if the connection has been lost.
    pub(super) fn begin(database: &IdbDatabase, access: Access, stores: &[&str]) -> Result<Self, StorageError> {
        let (mode, durability) = match access {
            Access::Read => ("readonly", "default"),
            Access::Relaxed => ("readwrite", "relaxed"),
            Access::Strict => ("readwrite", "strict"),
        };
        let names: Array = stores.iter().copied().map(JsValue::from).collect();
        let options: TransactionOptions = Object::new().unchecked_into();
        options.set_durability(durability);
        let raw = database.unchecked_ref::<Connection>().transaction(&names, mode, &options)?;
        Ok(Self { raw, last: RefCell::default(), has_written: Cell::default() })
    }

    /// Waits until all requests made so far are answered.
    ///
    /// # Errors
    /// [`StorageError`] if one of them failed, which ends the transaction.
    pub(crate) fn answered(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let Some(last) = self.last.take() else { return Ok(()) };
            success(&last).await.map(drop).map_err(|failure| self.failure(failure))
        })
    }

    /// Commits, and waits until the browser says that it has.
    ///
    /// # Errors
    /// [`StorageError`] if it has not, or can't be known to have.
    pub(super) fn commit(&self) -> Pending<'_, ()> {
        Box::pin(async {
            let done = Promise::new(&mut |resolve, reject| {
                self.raw.set_oncomplete(Some(&resolve));
                self.raw.set_onabort(Some(&reject));
            });
            self.raw.unchecked_ref::<Committed>().commit().map_err(|thrown| self.failure(thrown))?;
            JsFuture::from(done).await.map(drop).map_err(|event| self.failure(event))
        })
    }

    /// Whether anything was to be written.
    pub(super) fn has_written(&self) -> bool {
        self.has_written.get()
    }

    /// Asks for the row under `key`.
    pub(crate) fn get<R: Row>(&self, store: &str, key: &str) -> Result<Request<Option<R>>, StorageError> {
        self.get_as(store, key, one)
    }

    /// Asks for what stands under `key`, whatever it is, for `read` to make sense of; undefined if there is nothing.
    pub(super) fn get_as<T>(
        &self,
        store: &str,
        key: &str,
        read: fn(JsValue) -> Result<T, StorageError>,
    ) -> Result<Request<T>, StorageError> {
        self.asked(self.raw.object_store(store)?.get(&key.into()), read)
    }

    /// Asks for the first row in the order of `index` with a key of `keys`.
    pub(crate) fn first<R: Row>(
        &self,
        store: &str,
        index: &str,
        keys: &IdbKeyRange,
    ) -> Result<Request<Option<R>>, StorageError> {
        self.asked(self.index(store, index)?.get(keys), one)
    }

    /// Asks for all rows.
    pub(crate) fn all<R: Row>(&self, store: &str) -> Result<Request<Vec<R>>, StorageError> {
        self.asked(self.raw.object_store(store)?.get_all(), many)
    }

    /// Asks for the first `limit` rows in the order of `index` with a key of `keys`.
    pub(crate) fn some<R: Row>(
        &self,
        store: &str,
        index: &str,
        keys: &IdbKeyRange,
        limit: u32,
    ) -> Result<Request<Vec<R>>, StorageError> {
        self.asked(self.index(store, index)?.get_all_with_key_and_limit(keys, limit), many)
    }

    /// Asks for the ids of the first `limit` rows in the order of `index` with a key of `keys`.
    pub(crate) fn ids(
        &self,
        store: &str,
        index: &str,
        keys: &IdbKeyRange,
        limit: u32,
    ) -> Result<Request<Vec<String>>, StorageError> {
        self.asked(self.index(store, index)?.get_all_keys_with_key_and_limit(keys, limit), texts)
    }

    /// Asks how many rows have a key of `keys` in `index`.
    pub(crate) fn count(&self, store: &str, index: &str, keys: &IdbKeyRange) -> Result<Request<u64>, StorageError> {
        self.asked(self.index(store, index)?.count_with_key(keys), count)
    }

    /// The key that stands `place`th from the end of `keys` in `index`, counted from 1; `None` if there are fewer.
    /// Takes two requests, however far it is.
    ///
    /// # Errors
    /// [`StorageError`] if one of them failed.
    pub(crate) fn key_from_end<'a>(
        &'a self,
        store: &'a str,
        index: &'a str,
        keys: &'a IdbKeyRange,
        place: u32,
    ) -> Pending<'a, Option<JsValue>> {
        Box::pin(async move {
            let index = self.index(store, index)?;
            let cursor = index.open_key_cursor_with_range_and_direction(keys, IdbCursorDirection::Prev);
            let request = self.asked(cursor, cursor_of)?;
            self.answered().await?;
            let mut cursor = request.answer()?;
            if let Some(last) = cursor.as_ref().filter(|_| place > 1) {
                last.advance(place - 1)?;
                self.last.replace(Some(request.raw.clone()));
                self.answered().await?;
                cursor = request.answer()?;
            }
            Ok(cursor.map(|cursor| cursor.key()).transpose()?)
        })
    }

    /// Writes a row under the id that it contains. The commit says whether it went well.
    pub(crate) fn put(&self, store: &str, row: &impl Row) -> Result<(), StorageError> {
        self.has_written.set(true);
        self.raw.object_store(store)?.put(&row.to_js())?;
        Ok(())
    }

    /// Writes a text under `key`.
    pub(crate) fn put_text(&self, store: &str, key: &str, text: &str) -> Result<(), StorageError> {
        self.has_written.set(true);
        self.raw.object_store(store)?.put_with_key(&text.into(), &key.into())?;
        Ok(())
    }

    /// Deletes the row under `key`.
    pub(crate) fn delete(&self, store: &str, key: &str) -> Result<(), StorageError> {
        self.raw.object_store(store)?.delete(&key.into())?;
        Ok(())
    }

    /// Deletes everything in a store.
    pub(crate) fn clear(&self, store: &str) -> Result<(), StorageError> {
        self.raw.object_store(store)?.clear()?;
        Ok(())
    }

    fn index(&self, store: &str, index: &str) -> Result<IdbIndex, StorageError> {
        Ok(self.raw.object_store(store)?.index(index)?)
    }

    fn asked<T>(
        &self,
        request: Result<IdbRequest, JsValue>,
        read: fn(JsValue) -> Result<T, StorageError>,
    ) -> Result<Request<T>, StorageError> {
        let raw = request?;
        self.last.replace(Some(raw.clone()));
        Ok(Request { raw, read })
    }

    /// Why the transaction failed. A full disk shows as an abort whose reason only the transaction tells.
    fn failure(&self, otherwise: JsValue) -> StorageError {
        self.raw.error().map_or(otherwise, JsValue::from).into()
    }
}

/// Takes back what has not been committed. What has is not touched: then the browser refuses.
impl Drop for Transaction {
    fn drop(&mut self) {
        let _ = self.raw.abort();
    }
}

impl<T> Request<T> {
    /// The answer.
    ///
    /// # Errors
    /// [`StorageError`] if it has not come, or can't be read.
    pub(crate) fn answer(&self) -> Result<T, StorageError> {
        (self.read)(self.raw.result()?)
    }
}

/// The result of a request, when it comes; if it fails, the event that says so.
pub(super) async fn success(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let answered = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    JsFuture::from(answered).await?;
    request.result()
}

fn one<R: Row>(stored: JsValue) -> Result<Option<R>, StorageError> {
    if stored.is_undefined() { Ok(None) } else { R::from_js(stored).map(Some).ok_or(StorageError::Unreadable) }
}

fn many<R: Row>(stored: JsValue) -> Result<Vec<R>, StorageError> {
    Ok(stored.unchecked_into::<Array>().iter().filter_map(R::from_js).collect())
}

fn texts(stored: JsValue) -> Result<Vec<String>, StorageError> {
    Ok(stored.unchecked_into::<Array>().iter().filter_map(|stored| stored.as_string()).collect())
}

fn count(stored: JsValue) -> Result<u64, StorageError> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count is a whole number from 0")]
    Ok(stored.as_f64().unwrap_or(0.0) as u64)
}

/// A cursor, or null at the end.
fn cursor_of(stored: JsValue) -> Result<Option<IdbCursor>, StorageError> {
    Ok((!stored.is_null()).then(|| stored.unchecked_into()))
}

#[wasm_bindgen]
extern "C" {
    /// A database, with the one method of it that web-sys does not have: a transaction with a durability.
    type Connection;

    #[wasm_bindgen(method, catch)]
    fn transaction(
        this: &Connection,
        stores: &Array,
        mode: &str,
        options: &TransactionOptions,
    ) -> Result<IdbTransaction, JsValue>;

    /// A transaction, with the one method of it that web-sys lists among the deprecated.
    type Committed;

    #[wasm_bindgen(method, catch)]
    fn commit(this: &Committed) -> Result<(), JsValue>;

    type TransactionOptions;

    #[wasm_bindgen(method, structural, setter)]
    fn set_durability(this: &TransactionOptions, value: &str);
}
