//! French. A narrow no-break space stands before the signs that want one.

use super::{
    message::{count, say},
    table::{Kiosk, Shared},
};

pub(super) static SHARED: Shared = Shared {
    back: "Retour",
    close: "Fermer",
    check_in: "J’arrive",
    check_out: "Je pars",
    saving: "Enregistrement…",
    starting: "Un instant…",
    optional: "facultatif",
    page_not_found: "Il n’y a rien à cette adresse.",
    your_name: "Votre nom",
    check_out_whom: say("Enregistrer le départ de {0} ?"),
    arrived_at: say("arrivée à {0}"),

    host_hint: "Tapez quelques lettres du nom. Laissez le champ vide si vous n’êtes pas sûr.",
    nobody: "Personne en particulier",
    nobody_hint: "L’accueil vous aidera",
    no_host_found: "Ce nom n’existe pas ici. Essayez avec moins de lettres, ou choisissez « Personne en particulier ».",
    other_host: "Choisir quelqu’un d’autre",

    missing: "Veuillez remplir ce champ.",
    too_long: "C’est trop long. Veuillez raccourcir.",
    not_an_email: "Veuillez vérifier l’adresse e-mail.",
    password_too_short: "Veuillez en choisir un plus long.",
    nobody_chosen: "Veuillez choisir un nom dans la liste, ou vider le champ.",
    not_a_time: "Veuillez choisir un jour et une heure.",

    not_kept_unanswered: "Rien n’a été enregistré. Veuillez réessayer ; si cela se reproduit, rechargez la page.",
    not_kept_unpaired: "Rien n’a été enregistré : cet appareil doit d’abord être associé.",
    not_kept_too_large: "Rien n’a été enregistré : le texte est trop long. Veuillez le raccourcir.",
    not_kept_full: "Rien n’a été enregistré : la mémoire de cet appareil est pleine. Veuillez vous adresser à l’accueil.",
    not_kept_failed: "Rien n’a été enregistré : la mémoire de cet appareil ne fonctionne pas. Veuillez vous adresser à l’accueil.",
    not_kept_outdated: "Rien n’a été enregistré : une nouvelle version est prête. Veuillez recharger la page.",

    unreachable: "Le serveur est injoignable pour le moment. Vérifiez le réseau, puis réessayez.",
    wrong_credentials: "L’adresse e-mail et le mot de passe ne correspondent pas. Veuillez vérifier les deux.",
    wrong_code: "Ce code n’est pas valable ou a déjà servi. Veuillez le vérifier, ou en créer un nouveau.",
    wrong_link: "Ce lien n’est plus valable : un compte a été créé avec lui, ou un lien plus récent existe.",
    too_many_tries: "Trop d’essais. Veuillez attendre une minute, puis réessayer.",
    too_many_codes: "Beaucoup de codes attendent d’être utilisés. Utilisez l’un d’eux, ou attendez qu’ils expirent.",
    unfit_password: "Veuillez choisir un autre mot de passe.",
    sign_in_again: "Veuillez vous reconnecter.",
    forbidden: "Votre compte n’en a pas le droit. Demandez à un administrateur.",
    server_busy: "Le serveur ne peut rien enregistrer pour le moment. Veuillez réessayer dans une minute.",

    pill_stopped: "N’enregistre pas",
    pill_not_accepted: "Non admis",
    pill_all_delivered: "Tout est transmis",
    pill_delivering: count("Transmission de {n}"),
    pill_connecting: "Connexion",
    pill_waiting: count("{n} en attente"),
    pill_offline: "Hors ligne",
    pill_offline_waiting: count("Hors ligne, {n} en attente"),
};

pub(super) static KIOSK: Kiosk = Kiosk {
    chooser_heading: "Comment utiliserez-vous cet appareil ?",
    chooser_kiosk: "C’est une borne",
    chooser_kiosk_hint: "Les visiteurs s’enregistrent eux-mêmes.",
    chooser_desk: "Je travaille ici",
    chooser_desk_hint: "Voir qui est attendu, présent et parti.",

    pair_heading: "Associer cette borne",
    pair_lead: "Sur le tableau de bord, choisissez « Associer une borne », puis tapez le code affiché.",
    pair_code: "Code d’association",
    pair: "Associer",
    pairing: "Association…",
    pair_again: "Associer de nouveau",
    leave_paired: "Laisser tel quel",

    install_heading: "Ajoutez d’abord Vestibule à l’écran d’accueil",
    install_lead: "Dans un onglet, cet appareil efface ce qu’une page garde après sept jours sans usage, arrivées comprises. Depuis l’écran d’accueil, tout reste.",
    install_share: "Touchez « Partager » dans la barre de Safari.",
    install_add: "Choisissez « Sur l’écran d’accueil ».",
    install_open: "Ouvrez Vestibule depuis l’écran d’accueil, et associez-le là.",

    welcome: "Bienvenue",
    check_in_hint: "Je viens d’arriver",
    check_out_hint: "Je quitte les lieux",
    languages: "Langue",

    check_in_heading: "Ravis de vous voir. Qui êtes-vous ?",
    your_company: "Votre entreprise",
    your_host: "À qui rendez-vous visite ?",
    expected_choose: "Êtes-vous l’un de ces visiteurs ?",
    expected_at: say("Attendu à {0}"),
    expected_at_by: say("Attendu à {0} par {1}"),
    not_me: "Ce n’est pas moi",
    invitation: "Code ou e-mail de votre invitation",
    invitation_hint: "Tapez-le en entier : nous trouvons votre visite.",

    check_out_heading: "Vous partez ? Cherchez votre nom.",
    find_hint: "Tapez au moins deux lettres.",
    find_hint_name: "Tapez votre nom en entier, comme à votre arrivée. S’il n’apparaît pas, adressez-vous à l’accueil.",
    check_out_heading_code: "Vous partez ? Cherchez votre visite.",
    code_or_email: "Votre code ou adresse e-mail",
    find_hint_code: "Tapez le code affiché à votre arrivée, ou votre adresse e-mail en entier. Si rien n’apparaît, adressez-vous à l’accueil.",
    nobody_found: "Personne de ce nom n’est sur place. Vérifiez l’orthographe, ou adressez-vous à l’accueil.",
    not_leaving: "Ce n’est pas moi",

    checked_in: say("Votre arrivée est enregistrée, {0}."),
    goodbye: say("Au revoir, {0}."),
    reference: "Référence",
    sending: "Enregistré. Transmission à l’accueil…",
    saved: "Enregistré sur cet appareil. Ce sera transmis à l’accueil.",
    delivered: "Transmis à l’accueil.",
    done: "Terminé",
    back_in: say("Retour au début dans {0} s"),
    clearing_in: say("Effacement dans {0} s. Touchez pour continuer."),

    broken: "Veuillez vous adresser à l’accueil",
    broken_lead: "Cette borne ne peut pas garder vos données en sûreté pour le moment. Rien de ce que vous tapez ici ne parviendrait à l’accueil.",
    revoked: say("Cet appareil n’est plus relié à {0}."),
    revoked_unnamed: "Cet appareil n’est plus relié.",
    revoked_lead: "Veuillez vous adresser à l’accueil, qui enregistre votre arrivée ou votre départ.",

    pill_pair_again: "Pour le personnel : associez de nouveau cette borne. Les arrivées restent possibles.",
    pill_pair_again_waiting: count(
        "Pour le personnel : associez de nouveau cette borne pour transmettre {n} entrées gardées ici. Les arrivées restent possibles.",
    )
    .one("Pour le personnel : associez de nouveau cette borne pour transmettre {n} entrée gardée ici. Les arrivées restent possibles."),
    pill_no_connection: "Pas de liaison avec l’accueil. Les arrivées restent possibles.",
    pill_no_connection_waiting: count(
        "Pas de liaison avec l’accueil. Les arrivées restent possibles ; {n} entrées sont gardées ici jusqu’à son retour.",
    )
    .one("Pas de liaison avec l’accueil. Les arrivées restent possibles ; {n} entrée est gardée ici jusqu’à son retour."),
    pill_retired_waiting: count("Pour le personnel : {n} entrées gardées ici ne sont pas encore transmises.")
        .one("Pour le personnel : {n} entrée gardée ici n’est pas encore transmise."),
};
