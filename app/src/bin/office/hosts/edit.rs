//! One host: name and department.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    changes::DirectoryHost,
    directory::{HostChange, NewHosts},
    event::Name,
    id::SiteId,
};

use vestibule_app::{
    api::{self, Method},
    field::{Field, Kind, Notice, Requirement},
    focus,
    form::Wrong,
    host_list, live,
    sheet::Sheet,
};

use super::Done;
use crate::{door::Door, wording::hosts as said};

/// A new one, or one that changes.
pub(super) fn edit(
    site: SiteId,
    before: Option<DirectoryHost>,
    on_done: Done,
    on_close: impl Fn() + Copy + 'static,
) -> AnyView {
    let door = expect_context::<Door>();
    let title = if before.is_some() { said::CHANGE } else { said::ADD };
    let text = |name: Option<&Name>| RwSignal::new(name.map(ToString::to_string).unwrap_or_default());
    let name = text(before.as_ref().map(|host| &host.name));
    let department = text(before.as_ref().and_then(|host| host.department.as_ref()));
    let error = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let id = before.map(|host| host.id);
    let save = move || {
        if is_busy.get_untracked() {
            return;
        }
        let host = host_list::host(&[name.get_untracked(), department.get_untracked()]);
        error.set(host.as_ref().err().copied());
        let Ok(host) = host else { return focus::soon("[aria-invalid=true]") };
        let (method, path, body) = match id {
            None => (Method::Post, format!("/api/v1/sites/{site}/hosts"), api::body(&NewHosts { hosts: vec![host] })),
            Some(id) => {
                let change = HostChange { name: Some(host.name), department: host.department, gone: None };
                (Method::Patch, format!("/api/v1/sites/{site}/hosts/{id}"), api::body(&change))
            }
        };
        is_busy.set(true);
        notice.set(None);
        spawn_local(async move {
            match api::tell(method, &path, body).await {
                Ok(()) => on_done.run(None),
                Err(failure) => {
                    notice.try_set(Some(door.told(&failure)));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <Sheet title on_close>
            <form class="form" novalidate on:submit=live::submit(save)>
                <Field id="host-name" label=said::NAME kind=Kind::Name value=name error=error />
                <Field
                    id="host-department"
                    label=said::DEPARTMENT
                    kind=Kind::Name
                    value=department
                    hint=said::DEPARTMENT_HINT
                    requirement=Requirement::Optional
                />
                <Notice text=notice />
                <div class="form-end">
                    <button id="save-host" type="submit" class="primary" disabled=live::flag(move || is_busy.get())>
                        {said::SAVE}
                    </button>
                </div>
            </form>
        </Sheet>
    }
    .into_any()
}
