"""What a platform starts from: reminders and clauses, in plain French. It edits them in Réglages."""

import datetime as dt

from fleet.models import Kind

TWO_WHEELS = [Kind.MOPED, Kind.MOTORCYCLE_125]
CYCLES = [Kind.E_BIKE, Kind.BIKE]
ON_FOUR_WHEELS = [Kind.CAR, Kind.VAN, Kind.MICROCAR]
WITH_A_TANK = [kind for kind in Kind.values if kind != Kind.BIKE]
NOT_CYCLES = [kind for kind in Kind.values if kind not in CYCLES]
ALL: list[str] = []

PLACE = "{trajet}"  # what a clause may hold: the agreed route
TEN, NINE = dt.time(10), dt.time(9)

# anchor, unit, offset, at, repeats_until, text
REMINDERS = [
    (
        "start", "days", -1, TEN, None,
        "Bonjour {prénom}. Vous venez chercher {véhicule} le {début}, à : {site}. "
        "Apportez votre pièce d’identité, votre permis et votre dépôt de garantie.",
    ),
    (
        "end", "days", -3, TEN, None,
        "Bonjour {prénom}. Vous rendez {véhicule} le {fin}, à : {site}. "
        "Vous en avez besoin plus longtemps ? Appelez-nous avant. Votre page : {page}",
    ),
    (
        "end", "days", 0, NINE, None,
        "Bonjour {prénom}. Vous rendez {véhicule} le {fin}, à : {site}. Un problème ? Appelez-nous.",
    ),
    (
        "end", "hours", 1, None, None,
        "Bonjour {prénom}. Nous attendons {véhicule} depuis le {fin}. Un problème ? Appelez-nous tout de suite.",
    ),
    (
        "end", "days", 1, TEN, 14,
        "Bonjour {prénom}. Vous deviez rendre {véhicule} le {fin}. Retard : {retard}. "
        "Rendez-nous {véhicule} aujourd’hui, ou appelez-nous. Votre page : {page}",
    ),
]  # fmt: skip

# part, kinds, text
CLAUSES: list[tuple[str, list[str], str]] = [
    (
        "promise", ALL,
        "J’utilise le véhicule seulement pour les trajets convenus avec la plateforme{trajet}. Je reste en France.",
    ),
    (
        "promise", ALL,
        "Je suis la seule personne à conduire. Je ne prête pas le véhicule et je ne le loue pas.",
    ),
    (
        "promise", ALL,
        "Je respecte le code de la route. Les amendes de mes infractions sont à ma charge. "
        "Si la loi le demande, la plateforme donne mon nom et mon adresse à l’administration.",
    ),
    (
        "promise", ALL,
        "Je ne conduis pas après avoir bu de l’alcool ou pris de la drogue, "
        "ni avec un médicament qui empêche de conduire.",
    ),
    ("promise", TWO_WHEELS, "Je porte un casque et des gants homologués. Je ne prends pas de passager."),
    ("promise", CYCLES, "J’attache le vélo avec l’antivol, chaque fois que je m’arrête."),
    ("promise", ON_FOUR_WHEELS, "Je ne fume pas dans le véhicule. Je n’y transporte pas d’animaux."),
    (
        "promise", WITH_A_TANK,
        "Je rends le véhicule à l’heure, propre et avec le même niveau de carburant ou de charge, "
        "dans l’état où je l’ai reçu.",
    ),
    ("promise", [Kind.BIKE], "Je rends le véhicule à l’heure, propre, dans l’état où je l’ai reçu."),
    ("promise", ALL, "Je paie le prix convenu à la fin de chaque contrat."),
    (
        "promise", ALL,
        "Je ne répare pas et je ne fais pas réparer le véhicule moi-même. Seule la plateforme le fait.",
    ),
    (
        "promise", ALL,
        "J’appelle tout de suite la plateforme en cas de panne, d’accident ou de vol. "
        "En cas d’accident, je remplis un constat. En cas de vol, je porte plainte le jour même si je peux.",
    ),
    (
        "promise", ALL,
        "Les dégâts qui arrivent pendant le prêt sont à ma charge, sauf si je montre que ce n’est pas ma faute.",
    ),
    ("duty", NOT_CYCLES, "La plateforme prête un véhicule en état de marche, entretenu et assuré."),
    ("duty", CYCLES, "La plateforme prête un véhicule en état de marche, entretenu."),
    ("duty", ALL, "Elle note l’état du véhicule au départ et au retour, avec moi."),
    ("duty", ALL, "Elle rend le dépôt de garantie quand le véhicule est rendu et que tout est payé."),
    ("duty", ALL, "Si le véhicule tombe en panne, elle en cherche un autre pour la fin du prêt."),
    ("summary", ALL, "Personne d’autre ne conduit : je ne prête pas le véhicule."),
    ("summary", TWO_WHEELS, "Je mets le casque et les gants. Je ne prends pas de passager."),
    ("summary", WITH_A_TANK[:5], "Je rends le véhicule avec le même niveau de carburant ou de charge."),
    ("summary", ALL, "Je veux garder le véhicule plus longtemps ? J’appelle avant la fin."),
]  # fmt: skip
