//! Work that many ask for and that runs once at a time.

use std::{cell::Cell, cell::RefCell, rc::Rc};

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

/// One kind of work. Who asks while it runs shares one further run with everybody else who does, so that each has a run
/// that began after they asked.
#[derive(Default)]
pub(crate) struct Job {
    wanted: Cell<bool>,
    running: RefCell<Option<Promise>>,
}

impl Job {
    /// Has `work` run, and waits until it has. `job` finds the job in `owner`, which outlives the run.
    pub(crate) async fn run<Owner: 'static>(
        owner: &Rc<Owner>,
        job: fn(&Owner) -> &Self,
        work: impl AsyncFn(&Rc<Owner>) + 'static,
    ) {
        let this = job(owner);
        this.wanted.set(true);
        let running = this.running.borrow().clone();
        let running = running.unwrap_or_else(|| {
            let owner = Rc::clone(owner);
            let run = future_to_promise(async move {
                while job(&owner).wanted.take() {
                    work(&owner).await;
                }
                job(&owner).running.take();
                Ok(JsValue::UNDEFINED)
            });
            *this.running.borrow_mut() = Some(run.clone());
            run
        });
        // The run ends well, or the whole instance does.
        let _ = JsFuture::from(running).await;
    }
}
