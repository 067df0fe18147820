//! Spanish.

use super::{
    message::{count, say},
    table::{Kiosk, Shared},
};

pub(super) static SHARED: Shared = Shared {
    back: "Atrás",
    close: "Cerrar",
    check_in: "Registrar entrada",
    check_out: "Registrar salida",
    saving: "Guardando…",
    starting: "Un momento…",
    optional: "opcional",
    page_not_found: "No hay nada en esta dirección.",
    your_name: "Su nombre",
    check_out_whom: say("¿Registrar la salida de {0}?"),
    arrived_at: say("llegada a las {0}"),

    host_hint: "Escriba algunas letras del nombre. Déjelo vacío si no está seguro.",
    nobody: "Nadie en particular",
    nobody_hint: "En recepción le ayudarán",
    no_host_found: "Ese nombre no está aquí. Pruebe con menos letras o elija «Nadie en particular».",
    other_host: "Elegir a otra persona",

    missing: "Rellene este campo, por favor.",
    too_long: "Es demasiado largo. Acórtelo, por favor.",
    not_an_email: "Compruebe la dirección de correo.",
    password_too_short: "Elija una más larga.",
    nobody_chosen: "Elija un nombre de la lista o vacíe el campo.",
    not_a_time: "Elija un día y una hora.",

    not_kept_unanswered: "No se ha guardado. Inténtelo de nuevo; si vuelve a ocurrir, recargue la página.",
    not_kept_unpaired: "No se ha guardado: primero hay que vincular este dispositivo.",
    not_kept_too_large: "No se ha guardado: es demasiado texto. Acórtelo, por favor.",
    not_kept_full: "No se ha guardado: la memoria de este dispositivo está llena. Diríjase a recepción.",
    not_kept_failed: "No se ha guardado: la memoria de este dispositivo no funciona. Diríjase a recepción.",
    not_kept_outdated: "No se ha guardado: hay una versión nueva. Recargue la página.",

    unreachable: "Ahora no se puede contactar con el servidor. Compruebe la red e inténtelo de nuevo.",
    wrong_credentials: "El correo y la contraseña no coinciden. Compruebe ambos.",
    wrong_code: "Ese código no vale o ya se ha usado. Compruébelo o cree uno nuevo.",
    wrong_link: "Este enlace ya no vale: se creó una cuenta con él o existe uno más reciente.",
    too_many_tries: "Demasiados intentos. Espere un minuto e inténtelo de nuevo.",
    too_many_codes: "Hay muchos códigos sin usar. Use uno de ellos o espere a que caduquen.",
    unfit_password: "Elija otra contraseña.",
    sign_in_again: "Inicie sesión de nuevo.",
    forbidden: "Su cuenta no puede hacer eso. Pregunte a un administrador.",
    server_busy: "El servidor no puede guardar nada ahora. Inténtelo de nuevo en un minuto.",

    pill_stopped: "No guarda",
    pill_not_accepted: "No admitido",
    pill_all_delivered: "Todo entregado",
    pill_delivering: count("Entregando {n}"),
    pill_connecting: "Conectando",
    pill_waiting: count("{n} en espera"),
    pill_offline: "Sin conexión",
    pill_offline_waiting: count("Sin conexión, {n} en espera"),
};

pub(super) static KIOSK: Kiosk = Kiosk {
    chooser_heading: "¿Cómo usará este dispositivo?",
    chooser_kiosk: "Es un quiosco",
    chooser_kiosk_hint: "Las visitas registran su entrada y salida.",
    chooser_desk: "Trabajo aquí",
    chooser_desk_hint: "Ver a quién se espera, quién está y quién se ha ido.",

    pair_heading: "Vincular este quiosco",
    pair_lead: "En el panel, elija «Vincular un quiosco» y escriba aquí el código que aparece.",
    pair_code: "Código de vinculación",
    pair: "Vincular",
    pairing: "Vinculando…",
    pair_again: "Vincular de nuevo",
    leave_paired: "Dejarlo como está",

    install_heading: "Añada primero Vestibule a la pantalla de inicio",
    install_lead: "En una pestaña, este dispositivo borra tras siete días sin uso lo que guarda una página, también las llegadas. Desde la pantalla de inicio, todo se conserva.",
    install_share: "Toque «Compartir» en la barra de Safari.",
    install_add: "Elija «Añadir a pantalla de inicio».",
    install_open: "Abra Vestibule desde la pantalla de inicio y vincúlelo allí.",

    welcome: "Le damos la bienvenida",
    check_in_hint: "Acabo de llegar",
    check_out_hint: "Me voy",
    languages: "Idioma",

    check_in_heading: "Qué bien que haya venido. ¿Quién es usted?",
    your_company: "Su empresa",
    your_host: "¿A quién visita?",
    expected_choose: "¿Es usted una de estas visitas?",
    expected_at: say("Visita prevista a las {0}"),
    expected_at_by: say("Le espera a las {0} {1}"),
    not_me: "No soy yo",
    invitation: "Código o correo de su invitación",
    invitation_hint: "Escríbalo completo y encontraremos su visita.",

    check_out_heading: "¿Se va? Busque su nombre.",
    find_hint: "Escriba al menos dos letras.",
    find_hint_name: "Escriba su nombre completo, como al llegar. Si no aparece, diríjase a recepción.",
    check_out_heading_code: "¿Se va? Busque su visita.",
    code_or_email: "Su código o correo electrónico",
    find_hint_code: "Escriba el código que vio al llegar, o su correo electrónico completo. Si no aparece nada, diríjase a recepción.",
    nobody_found: "No hay nadie con ese nombre. Compruebe la ortografía o diríjase a recepción.",
    not_leaving: "No soy yo",

    checked_in: say("Su entrada está registrada, {0}."),
    goodbye: say("Hasta la vista, {0}."),
    reference: "Referencia",
    sending: "Guardado. Avisando a recepción…",
    saved: "Guardado en este dispositivo. Se entregará a recepción.",
    delivered: "Entregado a recepción.",
    done: "Listo",
    back_in: say("Vuelta al inicio en {0} s"),
    clearing_in: say("Se borrará en {0} s. Toque para continuar."),

    broken: "Diríjase a recepción",
    broken_lead: "Este quiosco no puede guardar ahora sus datos con seguridad. Nada de lo que escriba aquí llegaría a recepción.",
    revoked: say("Este dispositivo ya no está conectado con {0}."),
    revoked_unnamed: "Este dispositivo ya no está conectado.",
    revoked_lead: "Diríjase a recepción. Allí registran su llegada y su salida.",

    pill_pair_again: "Para el personal: vincule de nuevo este quiosco. Se puede registrar la entrada.",
    pill_pair_again_waiting: count(
        "Para el personal: vincule de nuevo este quiosco para entregar {n} registros guardados aquí. Se puede registrar la entrada.",
    )
    .one("Para el personal: vincule de nuevo este quiosco para entregar {n} registro guardado aquí. Se puede registrar la entrada."),
    pill_no_connection: "Sin conexión con recepción. Se puede registrar la entrada igualmente.",
    pill_no_connection_waiting: count(
        "Sin conexión con recepción. Se puede registrar la entrada igualmente; {n} registros guardados aquí hasta que vuelva.",
    )
    .one("Sin conexión con recepción. Se puede registrar la entrada igualmente; {n} registro guardado aquí hasta que vuelva."),
    pill_retired_waiting: count("Para el personal: {n} entradas guardadas aquí aún no se han entregado.")
        .one("Para el personal: {n} entrada guardada aquí aún no se ha entregado."),
};
