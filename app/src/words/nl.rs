//! Dutch.

use super::{
    message::{count, say},
    table::{Kiosk, Shared},
};

pub(super) static SHARED: Shared = Shared {
    back: "Terug",
    close: "Sluiten",
    check_in: "Aanmelden",
    check_out: "Afmelden",
    saving: "Opslaan…",
    starting: "Een ogenblik…",
    optional: "optioneel",
    page_not_found: "Op dit adres is niets te vinden.",
    your_name: "Uw naam",
    check_out_whom: say("{0} afmelden?"),
    arrived_at: say("aangekomen om {0}"),

    host_hint: "Typ een paar letters van de naam. Laat het veld leeg als u het niet zeker weet.",
    nobody: "Niemand in het bijzonder",
    nobody_hint: "De receptie helpt u verder",
    no_host_found: "Die naam staat hier niet bij. Probeer minder letters, of kies ‘Niemand in het bijzonder’.",
    other_host: "Iemand anders kiezen",

    missing: "Vul dit in, alstublieft.",
    too_long: "Dat is te lang. Maak het korter.",
    not_an_email: "Controleer het e-mailadres.",
    password_too_short: "Kies een langer wachtwoord.",
    nobody_chosen: "Kies een naam uit de lijst, of maak het veld leeg.",
    not_a_time: "Kies een dag en een tijd.",

    not_kept_unanswered: "Dat is niet opgeslagen. Probeer het opnieuw; gebeurt het nog eens, herlaad dan de pagina.",
    not_kept_unpaired: "Dat is niet opgeslagen: dit apparaat moet eerst worden gekoppeld.",
    not_kept_too_large: "Dat is niet opgeslagen: het is te veel tekst. Maak het korter.",
    not_kept_full: "Dat is niet opgeslagen: de opslag van dit apparaat is vol. Ga naar de receptie.",
    not_kept_failed: "Dat is niet opgeslagen: de opslag van dit apparaat werkt niet. Ga naar de receptie.",
    not_kept_outdated: "Dat is niet opgeslagen: er staat een nieuwe versie klaar. Herlaad de pagina.",

    unreachable: "De server is nu niet bereikbaar. Controleer het netwerk en probeer het opnieuw.",
    wrong_credentials: "E-mailadres en wachtwoord horen niet bij elkaar. Controleer beide.",
    wrong_code: "Die code is niet geldig of al gebruikt. Controleer de code, of maak een nieuwe.",
    wrong_link: "Deze link is niet meer geldig: er is al een account mee gemaakt, of er is een nieuwere.",
    too_many_tries: "Te veel pogingen. Wacht een minuut en probeer het opnieuw.",
    too_many_codes: "Er wachten veel codes op gebruik. Gebruik er een van, of wacht tot ze verlopen.",
    unfit_password: "Kies een ander wachtwoord.",
    sign_in_again: "Log opnieuw in.",
    forbidden: "Uw account mag dat niet. Vraag het een beheerder.",
    server_busy: "De server kan nu niets opslaan. Probeer het over een minuut opnieuw.",

    pill_stopped: "Slaat niets op",
    pill_not_accepted: "Niet toegelaten",
    pill_all_delivered: "Alles bezorgd",
    pill_delivering: count("{n} onderweg"),
    pill_connecting: "Verbinden",
    pill_waiting: count("{n} wachten").one("{n} wacht"),
    pill_offline: "Werkt offline",
    pill_offline_waiting: count("Offline, {n} wachten").one("Offline, {n} wacht"),
};

pub(super) static KIOSK: Kiosk = Kiosk {
    chooser_heading: "Hoe gaat u dit apparaat gebruiken?",
    chooser_kiosk: "Dit is een kiosk",
    chooser_kiosk_hint: "Bezoekers melden zichzelf aan en af.",
    chooser_desk: "Ik werk hier",
    chooser_desk_hint: "Zien wie verwacht wordt, er is en vertrokken is.",

    pair_heading: "Deze kiosk koppelen",
    pair_lead: "Kies op het dashboard ‘Kiosk koppelen’ en typ de code die daar verschijnt.",
    pair_code: "Koppelcode",
    pair: "Koppelen",
    pairing: "Koppelen…",
    pair_again: "Opnieuw koppelen",
    leave_paired: "Laten zoals het is",

    install_heading: "Zet Vestibule eerst op het beginscherm",
    install_lead: "In een tabblad wist dit apparaat na zeven dagen zonder gebruik wat een pagina bewaart, ook aankomsten. Vanaf het beginscherm blijft het staan.",
    install_share: "Tik op ‘Deel’ in de werkbalk van Safari.",
    install_add: "Kies ‘Zet op beginscherm’.",
    install_open: "Open Vestibule vanaf het beginscherm en koppel het daar.",

    welcome: "Welkom",
    check_in_hint: "Ik ben net aangekomen",
    check_out_hint: "Ik vertrek",
    languages: "Taal",

    check_in_heading: "Fijn dat u er bent. Wie bent u?",
    your_company: "Uw bedrijf",
    your_host: "Bij wie komt u op bezoek?",
    expected_choose: "Bent u een van deze bezoekers?",
    expected_at: say("Verwacht om {0}"),
    expected_at_by: say("Verwacht om {0} door {1}"),
    not_me: "Dat ben ik niet",
    invitation: "Code of e-mail van uw uitnodiging",
    invitation_hint: "Typ alles, dan vinden we uw bezoek.",

    check_out_heading: "Gaat u weg? Zoek uw naam.",
    find_hint: "Typ ten minste twee letters.",
    find_hint_name: "Typ uw hele naam, zoals bij aankomst. Verschijnt hij niet, ga dan naar de receptie.",
    check_out_heading_code: "Gaat u weg? Zoek uw bezoek.",
    code_or_email: "Uw code of e-mailadres",
    find_hint_code: "Typ de code die u bij aankomst zag, of uw hele e-mailadres. Verschijnt er niets, ga dan naar de receptie.",
    nobody_found: "Niemand met die naam is aanwezig. Controleer de spelling, of ga naar de receptie.",
    not_leaving: "Dat ben ik niet",

    checked_in: say("U bent aangemeld, {0}."),
    goodbye: say("Tot ziens, {0}."),
    reference: "Kenmerk",
    sending: "Opgeslagen. De receptie krijgt bericht…",
    saved: "Opgeslagen op dit apparaat. Het wordt nog bij de receptie bezorgd.",
    delivered: "Bezorgd bij de receptie.",
    done: "Klaar",
    back_in: say("Over {0} s terug naar het begin"),
    clearing_in: say("Wordt over {0} s gewist. Raak aan om door te gaan."),

    broken: "Ga naar de receptie",
    broken_lead: "Deze kiosk kan uw gegevens nu niet veilig bewaren. Wat u hier typt, zou de receptie niet bereiken.",
    revoked: say("Dit apparaat is niet meer verbonden met {0}."),
    revoked_unnamed: "Dit apparaat is niet meer verbonden.",
    revoked_lead: "Ga naar de receptie. Daar meldt men u aan en af.",

    pill_pair_again: "Voor medewerkers: koppel deze kiosk opnieuw. Aanmelden werkt.",
    pill_pair_again_waiting: count(
        "Voor medewerkers: koppel deze kiosk opnieuw om {n} hier opgeslagen gegevens te bezorgen. Aanmelden werkt.",
    )
    .one("Voor medewerkers: koppel deze kiosk opnieuw om {n} hier opgeslagen gegeven te bezorgen. Aanmelden werkt."),
    pill_no_connection: "Geen verbinding met de receptie. Aanmelden werkt gewoon.",
    pill_no_connection_waiting: count(
        "Geen verbinding met de receptie. Aanmelden werkt gewoon; {n} hier opgeslagen tot die er weer is.",
    ),
    pill_retired_waiting: count("Voor medewerkers: {n} hier bewaard en nog niet bezorgd."),
};
