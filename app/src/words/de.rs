//! German.

use super::{
    message::{count, say},
    table::{Kiosk, Shared},
};

pub(super) static SHARED: Shared = Shared {
    back: "Zurück",
    close: "Schließen",
    check_in: "Anmelden",
    check_out: "Abmelden",
    saving: "Wird gespeichert …",
    starting: "Einen Augenblick …",
    optional: "freiwillig",
    page_not_found: "Unter dieser Adresse gibt es nichts.",
    your_name: "Ihr Name",
    check_out_whom: say("{0} abmelden?"),
    arrived_at: say("angekommen um {0}"),

    host_hint: "Tippen Sie ein paar Buchstaben des Namens. Lassen Sie das Feld leer, wenn Sie unsicher sind.",
    nobody: "Niemand Bestimmtes",
    nobody_hint: "Der Empfang hilft Ihnen weiter",
    no_host_found: "Diesen Namen gibt es hier nicht. Versuchen Sie es mit weniger Buchstaben, oder wählen Sie „Niemand Bestimmtes“.",
    other_host: "Jemand anderen wählen",

    missing: "Bitte ausfüllen.",
    too_long: "Das ist zu lang. Bitte kürzen Sie es.",
    not_an_email: "Bitte prüfen Sie die E-Mail-Adresse.",
    password_too_short: "Bitte wählen Sie ein längeres.",
    nobody_chosen: "Bitte wählen Sie einen Namen aus der Liste, oder leeren Sie das Feld.",
    not_a_time: "Bitte wählen Sie Tag und Uhrzeit.",

    not_kept_unanswered: "Das wurde nicht gespeichert. Bitte versuchen Sie es noch einmal; klappt es wieder nicht, laden Sie die Seite neu.",
    not_kept_unpaired: "Das wurde nicht gespeichert: Dieses Gerät muss zuerst gekoppelt werden.",
    not_kept_too_large: "Das wurde nicht gespeichert: Es ist zu viel Text. Bitte kürzen Sie ihn.",
    not_kept_full: "Das wurde nicht gespeichert: Der Speicher dieses Geräts ist voll. Bitte wenden Sie sich an den Empfang.",
    not_kept_failed: "Das wurde nicht gespeichert: Der Speicher dieses Geräts ist gestört. Bitte wenden Sie sich an den Empfang.",
    not_kept_outdated: "Das wurde nicht gespeichert: Eine neue Version liegt bereit. Bitte laden Sie die Seite neu.",

    unreachable: "Der Server ist gerade nicht erreichbar. Prüfen Sie das Netz, und versuchen Sie es noch einmal.",
    wrong_credentials: "E-Mail-Adresse und Passwort passen nicht zusammen. Bitte prüfen Sie beides.",
    wrong_code: "Dieser Code gilt nicht oder wurde schon benutzt. Bitte prüfen Sie ihn, oder erzeugen Sie einen neuen.",
    wrong_link: "Dieser Link gilt nicht mehr: Mit ihm wurde schon ein Konto angelegt, oder es gibt einen neueren.",
    too_many_tries: "Zu viele Versuche. Bitte warten Sie eine Minute, und versuchen Sie es dann noch einmal.",
    too_many_codes: "Viele Codes sind noch unbenutzt. Bitte nehmen Sie einen davon, oder warten Sie, bis sie ablaufen.",
    unfit_password: "Bitte wählen Sie ein anderes Passwort.",
    sign_in_again: "Bitte melden Sie sich noch einmal an.",
    forbidden: "Ihr Konto darf das nicht. Fragen Sie die Administration.",
    server_busy: "Der Server kann gerade nichts speichern. Bitte versuchen Sie es in einer Minute noch einmal.",

    pill_stopped: "Speichert nicht",
    pill_not_accepted: "Nicht zugelassen",
    pill_all_delivered: "Alles zugestellt",
    pill_delivering: count("{n} in Zustellung"),
    pill_connecting: "Verbindet",
    pill_waiting: count("{n} warten").one("{n} wartet"),
    pill_offline: "Arbeitet offline",
    pill_offline_waiting: count("Offline, {n} warten").one("Offline, {n} wartet"),
};

pub(super) static KIOSK: Kiosk = Kiosk {
    chooser_heading: "Wie möchten Sie dieses Gerät nutzen?",
    chooser_kiosk: "Als Kiosk",
    chooser_kiosk_hint: "Gäste melden sich selbst an und ab.",
    chooser_desk: "Ich arbeite hier",
    chooser_desk_hint: "Sehen, wer erwartet wird, da ist und gegangen ist.",

    pair_heading: "Diesen Kiosk koppeln",
    pair_lead: "Wählen Sie in der Übersicht „Kiosk koppeln“, und tippen Sie hier den Code ein, der dort erscheint.",
    pair_code: "Kopplungscode",
    pair: "Koppeln",
    pairing: "Wird gekoppelt …",
    pair_again: "Neu koppeln",
    leave_paired: "So lassen, wie es ist",

    install_heading: "Zuerst Vestibule auf den Home-Bildschirm legen",
    install_lead: "In einem Tab löscht dieses Gerät nach sieben Tagen ohne Nutzung, was eine Seite aufbewahrt, auch Ankünfte. Vom Home-Bildschirm aus bleibt alles erhalten.",
    install_share: "Tippen Sie in der Leiste von Safari auf „Teilen“.",
    install_add: "Wählen Sie „Zum Home-Bildschirm“.",
    install_open: "Öffnen Sie Vestibule vom Home-Bildschirm, und koppeln Sie es dort.",

    welcome: "Willkommen",
    check_in_hint: "Ich bin gerade angekommen",
    check_out_hint: "Ich gehe jetzt",
    languages: "Sprache",

    check_in_heading: "Schön, dass Sie da sind. Wer sind Sie?",
    your_company: "Ihre Firma",
    your_host: "Wen besuchen Sie?",
    expected_choose: "Sind Sie einer dieser Gäste?",
    expected_at: say("Erwartet um {0}"),
    expected_at_by: say("Erwartet um {0} von {1}"),
    not_me: "Das bin ich nicht",
    invitation: "Code oder E-Mail Ihrer Einladung",
    invitation_hint: "Tippen Sie alles ein, dann finden wir Ihren Besuch.",

    check_out_heading: "Sie gehen? Suchen Sie Ihren Namen.",
    find_hint: "Tippen Sie mindestens zwei Buchstaben.",
    find_hint_name: "Tippen Sie Ihren ganzen Namen, wie bei der Ankunft. Erscheint er nicht, wenden Sie sich an den Empfang.",
    check_out_heading_code: "Sie gehen? Suchen Sie Ihren Besuch.",
    code_or_email: "Ihr Code oder Ihre E-Mail-Adresse",
    find_hint_code: "Tippen Sie den Code, der bei der Ankunft angezeigt wurde, oder Ihre ganze E-Mail-Adresse. Erscheint nichts, wenden Sie sich an den Empfang.",
    nobody_found: "Niemand dieses Namens ist im Haus. Prüfen Sie die Schreibweise, oder wenden Sie sich an den Empfang.",
    not_leaving: "Das bin ich nicht",

    checked_in: say("Sie sind angemeldet, {0}."),
    goodbye: say("Auf Wiedersehen, {0}."),
    reference: "Kennung",
    sending: "Gespeichert. Der Empfang wird benachrichtigt …",
    saved: "Auf diesem Gerät gespeichert. Es wird dem Empfang noch zugestellt.",
    delivered: "Dem Empfang zugestellt.",
    done: "Fertig",
    back_in: say("In {0} s zurück zum Anfang"),
    clearing_in: say("Eingaben werden in {0} s gelöscht. Tippen, um weiterzumachen."),

    broken: "Bitte wenden Sie sich an den Empfang",
    broken_lead: "Dieser Kiosk kann Ihre Angaben gerade nicht sicher aufbewahren. Was Sie hier eintippen, käme nicht am Empfang an.",
    revoked: say("Dieses Gerät ist nicht mehr mit {0} verbunden."),
    revoked_unnamed: "Dieses Gerät ist nicht mehr verbunden.",
    revoked_lead: "Bitte wenden Sie sich an den Empfang. Dort meldet man Sie an und ab.",

    pill_pair_again: "Fürs Personal: Diesen Kiosk neu koppeln. Anmelden geht weiter.",
    pill_pair_again_waiting: count(
        "Fürs Personal: Diesen Kiosk neu koppeln, damit {n} hier gespeicherte Einträge ankommen. Anmelden geht weiter.",
    )
    .one("Fürs Personal: Diesen Kiosk neu koppeln, damit {n} hier gespeicherter Eintrag ankommt. Anmelden geht weiter."),
    pill_no_connection: "Keine Verbindung zum Empfang. Anmelden geht trotzdem.",
    pill_no_connection_waiting: count(
        "Keine Verbindung zum Empfang. Anmelden geht trotzdem; {n} Einträge sind hier gespeichert, bis sie wieder da ist.",
    )
    .one("Keine Verbindung zum Empfang. Anmelden geht trotzdem; {n} Eintrag ist hier gespeichert, bis sie wieder da ist."),
    pill_retired_waiting: count("Fürs Personal: {n} Einträge sind hier gespeichert und noch nicht zugestellt.")
        .one("Fürs Personal: {n} Eintrag ist hier gespeichert und noch nicht zugestellt."),
};
