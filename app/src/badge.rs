//! A badge to print: for a label roll 62 mm wide, or A6. It is on paper only; on the screen there is the button.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use vestibule_protocol::{settings::Badge, timestamp::Timestamp, visit::Visit};
use wasm_bindgen::{JsCast, JsValue};

use crate::{lists, qr, times, words};

/// The badge of a visit: name, company, host, day, and the code that `code` says, which checks out. Printed by
/// [`print()`] together with nothing else that is on the page.
#[component]
pub fn BadgeSheet(visit: Visit, size: Badge, code: String, now: Timestamp) -> impl IntoView {
    let shared = words::shared();
    let at = visit.arrived_at().unwrap_or(now);
    let host = lists::host(&visit).map(|host| shared.visiting.with([host]));
    view! {
        <section class="badge-sheet" class:badge-a6=size == Badge::A6 aria-hidden="true">
            <p class="badge-kind">{shared.visitor}</p>
            <p class="badge-name">{lists::name(&visit).unwrap_or_default().to_owned()}</p>
            <p class="badge-company">{lists::company(&visit).unwrap_or_default().to_owned()}</p>
            <p class="badge-host">{host}</p>
            <div class="badge-foot">
                {qr::drawn(&code, "")}
                <p class="badge-day">{times::day(at)} <br /> {times::time(at)}</p>
            </div>
        </section>
    }
}

/// Opens the browser's dialog for printing, with paper of the badge's size. Where the browser does not know the size,
/// its own dialog asks for it.
pub fn print(size: Badge) {
    let page = match size {
        Badge::Roll62 => "@page { size: 62mm 100mm; margin: 0 }",
        Badge::A6 => "@page { size: 105mm 148mm; margin: 0 }",
    };
    // A rule in a sheet of ours, since the content security policy allows no other styles.
    let sheet = with_page_rule(page);
    let _ = window().print();
    if let Some(sheet) = sheet {
        let _ = call(&sheet, "deleteRule", &[0.into()]);
    }
}

/// Puts a rule before all others of the first sheet; gives the sheet.
fn with_page_rule(rule: &str) -> Option<JsValue> {
    let sheets = Reflect::get(&document(), &"styleSheets".into()).ok()?;
    let sheet = Reflect::get_u32(&sheets, 0).ok().filter(|sheet| sheet.is_object())?;
    call(&sheet, "insertRule", &[rule.into(), 0.into()])?;
    Some(sheet)
}

fn call(on: &JsValue, method: &str, arguments: &[JsValue]) -> Option<JsValue> {
    let method: Function = Reflect::get(on, &method.into()).ok()?.dyn_into().ok()?;
    Reflect::apply(&method, on, &arguments.iter().collect()).ok()
}
