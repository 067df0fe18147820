//! The pages of the steps, as text.

use vestibule_app::{
    form::Wrong,
    html::Html,
    icon::Icon,
    signature::Strokes,
    walk_in::{self, Hand, NO, Step, YES},
    words,
};
use vestibule_protocol::{
    id::VisitId,
    settings::{Agreement, Ask, Consent, Field, FieldKind},
};

use super::{
    flow::{Flow, Form},
    photo::Sight,
};

/// The head of the step, and all of it where nothing of it follows what is typed.
pub(super) fn page(form: &Form, name: &str) -> String {
    let (step, at, of) = form.here();
    let page = progress(at, of);
    let words = words::kiosk();
    match step {
        Step::Type => kinds(form, page),
        Step::Details => page.raw("<h1>").text(words.check_in_heading).raw("</h1>"),
        Step::Host => page,
        Step::Agreement { number, by } => match form.agreement(number) {
            Some(agreement) => {
                let hand = form.hand(step).cloned().unwrap_or_default();
                let signs = by.filter(|_| !form.companions.is_empty());
                let signs = signs.map(|visit| words.signs.with([&name_of(form, visit, name)]));
                agreed(form, page, agreement, &hand, signs)
            }
            None => page,
        },
        Step::Photo { of } => photo(form, page, of, name),
    }
    .into_string()
}

/// The site's questions, and the others of a party.
pub(super) fn questions(form: &Form) -> String {
    let mut page = Html::default();
    let words = words::kiosk();
    for (n, companion) in form.companions.iter().enumerate() {
        let number = (n + 2).to_string();
        let remove = words.remove_companion.with([&number]);
        page = field(page, "companion", companion.wrong)
            .raw("<label for=\"companion-")
            .text(&number)
            .raw("\">")
            .text(&words.companion.with([&number]))
            .raw("</label><div class=\"with-button\">");
        page = input(page, &format!("companion-{number}"), &companion.name, companion.wrong)
            .raw("<button type=\"button\" class=\"quiet icon-button\" data-act=\"remove\" data-value=\"")
            .text(&n.to_string())
            .raw("\" aria-label=\"")
            .text(&remove)
            .raw("\" title=\"")
            .text(&remove)
            .raw("\">");
        page = icon(page, Icon::Close).raw("</button></div>");
        page = error(page, &format!("companion-{number}"), companion.wrong).raw("</div>");
    }
    if form.has_room() {
        page = page.raw("<button id=\"add-companion\" type=\"button\" class=\"quiet add\" data-act=\"add\">");
        page = icon(page, Icon::Plus).text(words.add_companion).raw("</button>");
    }
    for (n, question) in walk_in::questions(&form.settings, form.kind.as_ref()).iter().enumerate() {
        let typed = form.typed.get(n).map_or("", String::as_str);
        page = asked(form, page, question, typed, form.wrongs.get(n).copied().flatten());
    }
    page.into_string()
}

/// How far one has come, where there is more than one step.
fn progress(at: usize, of: usize) -> Html {
    if of < 2 {
        return Html::default();
    }
    let said = words::kiosk().step_of.with([&(at + 1).to_string(), &of.to_string()]);
    let mut page = Html::default().raw("<div class=\"progress\" role=\"img\" aria-label=\"").text(&said).raw("\">");
    for n in 0..of {
        page = page.raw(if n <= at { "<i class=\"past\"></i>" } else { "<i></i>" });
    }
    page.raw("</div>")
}

/// One large choice for each type of visitor.
fn kinds(form: &Form, page: Html) -> Html {
    let mut page = page.raw("<h1 tabindex=\"-1\">").text(words::kiosk().kind_heading).raw("</h1><ul class=\"kinds\">");
    for kind in &form.settings.visitor_types {
        let is_chosen = form.kind.as_ref() == Some(&kind.id);
        page = page
            .raw("<li><button type=\"button\" data-act=\"kind\" class=\"kind")
            .raw(if is_chosen { " marked" } else { "" })
            .raw("\" data-value=\"")
            .text(kind.id.as_str())
            .raw("\"><span>")
            .text(form.said(&kind.label))
            .raw("</span>");
        page = icon(page, Icon::Forward).raw("</button></li>");
    }
    page.raw("</ul>")
}

/// A question of the site's own: a line, or answers to touch.
fn asked(form: &Form, page: Html, question: &Field, typed: &str, wrong: Option<Wrong>) -> Html {
    let id = format!("field-{}", question.id.as_str());
    let label = form.said(&question.label);
    let options: Vec<(&str, &str)> = match &question.kind {
        FieldKind::Text => Vec::new(),
        FieldKind::Choice(choices) => {
            choices.iter().map(|choice| (choice.id.as_str(), form.said(&choice.label))).collect()
        }
        FieldKind::YesNo => vec![(YES, words::kiosk().yes), (NO, words::kiosk().no)],
    };
    let mut page = page;
    if options.is_empty() {
        page = field(page, "", wrong).raw("<label for=\"").text(&id).raw("\">").text(label);
        page = optional(page, question).raw("</label>");
        page = input(page, &id, typed, wrong);
    } else {
        page = page
            .raw("<fieldset class=\"field")
            .raw(if wrong.is_some() { " wrong" } else { "" })
            .raw("\" aria-describedby=\"")
            .text(&id)
            .raw("-hint ")
            .text(&id)
            .raw("-error\"><legend>")
            .text(label);
        page = optional(page, question).raw("</legend><div class=\"answers\">");
        for (value, label) in options {
            page = page
                .raw("<label class=\"answer\"><input type=\"radio\" name=\"")
                .text(&id)
                .raw("\" value=\"")
                .text(value)
                .raw(if wrong.is_some() { "\" aria-invalid=\"true\"" } else { "\"" })
                .raw(if typed == value { " checked><span>" } else { "><span>" })
                .text(label)
                .raw("</span></label>");
        }
        page = page.raw("</div>");
    }
    if let Some(hint) = &question.hint {
        page = page.raw("<p class=\"field-hint\" id=\"").text(&id).raw("-hint\">").text(form.said(hint)).raw("</p>");
    }
    let is_line = question.kind == FieldKind::Text;
    error(page, &id, wrong).raw(if is_line { "</div>" } else { "</fieldset>" })
}

/// Something to read, and below it what agrees.
fn agreed(form: &Form, page: Html, agreement: &Agreement, hand: &Hand, signs: Option<String>) -> Html {
    let words = words::kiosk();
    let mut page = page
        .raw("<div class=\"agreement-head\"><h1 id=\"agreement-title\" tabindex=\"-1\">")
        .text(form.said(&agreement.title))
        .raw("</h1><p class=\"agreement-version\">")
        .text(&words.version.with([&agreement.version.to_string()]))
        .raw("</p></div><div class=\"agreement-text\" role=\"region\" aria-labelledby=\"agreement-title\" tabindex=\"0\">");
    for paragraph in form.said(&agreement.body).split("\n\n") {
        page = page.raw("<p>").text(paragraph.trim()).raw("</p>");
    }
    page = page.raw("</div>");
    if let Some(signs) = signs {
        page = page.raw("<p class=\"signs\">").text(&signs).raw("</p>");
    }
    let wrong = form.unsigned;
    let invalid = if wrong.is_some() { "\" aria-invalid=\"true" } else { "" };
    match (agreement.by, hand.types) {
        (Consent::Tick, _) => {
            page = field(page, "", wrong)
                .raw("<label class=\"answer tick\"><input id=\"agree\" type=\"checkbox\" aria-describedby=\"signature-error")
                .raw(invalid)
                .raw(if hand.ticked { "\" checked><span>" } else { "\"><span>" })
                .text(if form.companions.is_empty() { words.agree } else { words.agree_together })
                .raw("</span></label>");
            error(page, "signature", wrong).raw("</div>")
        }
        (Consent::Signature, false) => {
            page = field(page, "signature", wrong)
                .raw("<div id=\"signature-pad\" class=\"pad")
                .raw(if hand.drawn.is_empty() { " empty" } else { "" })
                .raw("\"><p class=\"pad-hint\" aria-hidden=\"true\">")
                .text(words.sign_here)
                .raw("</p><svg viewBox=\"0 0 ")
                .text(&format!("{} {}", Strokes::WIDTH, Strokes::HEIGHT))
                .raw("\" role=\"img\" aria-label=\"")
                .text(words.sign_here)
                .raw("\"><path d=\"")
                .text(&hand.drawn.drawn())
                .raw("\"/></svg></div>");
            page = error(page, "signature", wrong).raw("<div class=\"pad-buttons\">");
            page = button(page, "undo", Icon::Undo, words.undo);
            page = button(page, "clear", Icon::Close, words.clear);
            page.raw("<button id=\"type-instead\" type=\"button\" class=\"quiet\" data-act=\"type\" aria-describedby=\"signature-error")
                .raw(invalid)
                .raw("\">")
                .text(words.type_instead)
                .raw("</button></div></div>")
        }
        (Consent::Signature, true) => {
            page =
                field(page, "", wrong).raw("<label for=\"signature-name\">").text(words.signature_name).raw("</label>");
            page = input(page, "signature-name", &hand.typed, wrong);
            error(page, "signature-name", wrong)
                .raw("<div class=\"pad-buttons\"><button type=\"button\" class=\"quiet\" data-act=\"draw\">")
                .text(words.draw_instead)
                .raw("</button></div></div>")
        }
    }
}

/// What the camera sees, or the photo that was taken.
fn photo(form: &Form, page: Html, of: VisitId, name: &str) -> Html {
    let words = words::kiosk();
    let heading = if form.companions.is_empty() {
        words.photo_heading.to_owned()
    } else {
        words.photo_of.with([&name_of(form, of, name)])
    };
    let is_blind = matches!(form.sight, Sight::None(_));
    let page = page
        .raw("<h1 tabindex=\"-1\">")
        .text(&heading)
        .raw("</h1><p class=\"lead\">")
        .text(words.photo_lead)
        .raw("</p><div class=\"photo-frame\">");
    if let Some(photo) = form.photo(of) {
        return page
            .raw("<img class=\"photo\" src=\"")
            .text(&photo.as_url())
            .raw("\" alt=\"")
            .text(words.photo_heading)
            .raw("\"></div><div class=\"pad-buttons\"><button id=\"retake-photo\" type=\"button\" class=\"quiet\" data-act=\"retake\">")
            .text(words.retake_photo)
            .raw("</button></div>");
    }
    let page = match form.sight {
        Sight::None(why) => page.raw("<p class=\"photo-word\" role=\"status\">").text(why.words()).raw("</p>"),
        Sight::Opening => page
            .raw("<video class=\"photo\" autoplay muted playsinline aria-hidden=\"true\"></video><p class=\"photo-word\">")
            .text(words.camera_opening)
            .raw("</p>"),
        Sight::Open => {
            page.raw("<video class=\"photo\" autoplay muted playsinline aria-hidden=\"true\"></video>")
        }
    };
    let mut page = page.raw("</div><div class=\"form-end\">");
    if is_blind || form.asked().photo != Ask::Required {
        page = page
            .raw("<button id=\"skip-photo\" type=\"button\" class=\"large\" data-act=\"skip\">")
            .text(words.skip_photo)
            .raw("</button>");
    }
    page = page
        .raw("<button id=\"take-photo\" type=\"button\" class=\"primary large\" data-act=\"take\"")
        .raw(if form.sight == Sight::Open { ">" } else { " disabled>" });
    icon(page, Icon::Camera).text(words.take_photo).raw("</button></div>")
}

/// The name of somebody of the party, as they typed it.
fn name_of(form: &Form, visit: VisitId, leader: &str) -> String {
    let other = form.companions.iter().find(|companion| companion.visit == visit);
    let name = if Flow::is_leader(form, visit) { leader } else { other.map_or("", |companion| &companion.name) };
    name.trim().to_owned()
}

fn field(page: Html, class: &'static str, wrong: Option<Wrong>) -> Html {
    page.raw("<div class=\"field ").raw(class).raw(if wrong.is_some() { " wrong\">" } else { "\">" })
}

fn input(page: Html, id: &str, value: &str, wrong: Option<Wrong>) -> Html {
    page.raw("<input type=\"text\" autocomplete=\"off\" autocorrect=\"off\" spellcheck=\"false\" autocapitalize=\"words\" id=\"")
        .text(id)
        .raw("\" aria-describedby=\"")
        .text(id)
        .raw("-hint ")
        .text(id)
        .raw("-error\" value=\"")
        .text(value)
        .raw(if wrong.is_some() { "\" aria-invalid=\"true\">" } else { "\">" })
}

/// Said aloud when it comes: the page is drawn anew with it.
fn error(page: Html, id: &str, wrong: Option<Wrong>) -> Html {
    let said = wrong.map_or("", words::wrong);
    page.raw("<p class=\"field-error\" role=\"alert\" id=\"").text(id).raw("-error\">").text(said).raw("</p>")
}

/// Behind the label of a question that may stay without an answer.
fn optional(page: Html, question: &Field) -> Html {
    if question.required {
        return page;
    }
    page.raw(" <span class=\"field-optional\">").text(words::shared().optional).raw("</span>")
}

fn button(page: Html, act: &'static str, shown: Icon, label: &str) -> Html {
    let page = page.raw("<button type=\"button\" class=\"quiet\" data-act=\"").raw(act).raw("\">");
    icon(page, shown).text(label).raw("</button>")
}

fn icon(page: Html, icon: Icon) -> Html {
    page.raw("<svg class=\"icon\" viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path d=\"")
        .raw(icon.path())
        .raw("\"/></svg>")
}
