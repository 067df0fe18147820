//! What devices have set aside: of this one each event, of the others how many.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{message::Waiting, standing::Devices};

use vestibule_app::{
    delivery_facts::{self, Names},
    file, handing_over, live,
    outbox::Outbox,
};

use crate::{dashboard::kept::Answer, wording::attention as said};

/// Nothing, where nothing is set aside.
pub fn parked(devices: Answer<Devices>) -> AnyView {
    let outbox = expect_context::<Outbox>();
    let backlog = delivery_facts::backlog_of(outbox);
    let here = move || {
        let parked: Vec<Waiting> =
            backlog.with(|waiting| waiting.iter().filter(|event| event.parked.is_some()).cloned().collect());
        (!parked.is_empty()).then(|| of_this_device(outbox, &parked))
    };
    let elsewhere = move || {
        let this = outbox.status.with(|status| Some(status.as_ref()?.source?.device));
        let lines: Vec<String> = devices.last.with(|last| {
            let devices = last.iter().flat_map(|kept| &kept.value.devices);
            let others = devices.filter(|device| device.parked > 0 && Some(device.id) != this);
            others.map(|device| said::set_aside_on(device.name.as_str(), device.parked)).collect()
        });
        (!lines.is_empty()).then(|| {
            view! {
                <section class="doubt">
                    <h2>{said::SET_ASIDE_ELSEWHERE}</h2>
                    <ul>{lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ul>
                </section>
            }
        })
    };
    view! {
        {live::part(here)}
        {live::part(elsewhere)}
    }
    .into_any()
}

fn of_this_device(outbox: Outbox, parked: &[Waiting]) -> AnyView {
    let lines = delivery_facts::undelivered(outbox, parked, Names::Shown);
    let save = move || {
        spawn_local(async move {
            if let Some(backlog) = handing_over::backlog(outbox).await {
                // Where the browser can't, the button is still there.
                let _ = file::save(handing_over::FILE_NAME, &backlog.file);
            }
        });
    };
    view! {
        <section class="doubt" id="set-aside-here">
            <h2>{said::SET_ASIDE_HERE}</h2>
            <p>{said::SET_ASIDE_HINT}</p>
            {delivery_facts::list("undelivered", lines)}
            <div class="doubt-acts">
                <button id="send-again" type="button" on:click=live::click(move || outbox.send_again())>
                    {said::SEND_AGAIN}
                </button>
                <button id="save-backlog" type="button" class="quiet" on:click=live::click(save)>
                    {said::SAVE_AS_FILE}
                </button>
            </div>
        </section>
    }
    .into_any()
}
