"""The five platforms: where they are, what they lend at what price, who repairs for them. Places are real communes."""

from fleet.models import Kind
from garages.models import Garage, Work
from participants.models import Audience
from participants.models import PrescriberOrganization as Prescriber
from portal.demo.shape import (
    ALL_WORKS,
    CYCLES,
    MONDAY_AND_WEDNESDAY,
    MOTORS,
    SCOOTERS,
    TUESDAY_AND_THURSDAY,
    GarageSpec,
    Place,
    PlatformSpec,
    SiteSpec,
    TariffSpec,
    flat,
)

TYROSSE = Place("Saint-Vincent-de-Tyrosse", "40230", 43.66296, -1.30131)
DAX = Place("Dax", "40100", 43.70253, -1.06374)
SOUSTONS = Place("Soustons", "40140", 43.75396, -1.33043)
PEYREHORADE = Place("Peyrehorade", "40300", 43.56116, -1.11062)
CAPBRETON = Place("Capbreton", "40130", 43.63109, -1.42886)
TARNOS = Place("Tarnos", "40220", 43.534, -1.46725)
CAUDRY = Place("Caudry", "59540", 50.11912, 3.41751)
CAMBRAI = Place("Cambrai", "59400", 50.17217, 3.24131)
LE_CATEAU = Place("Le Cateau-Cambrésis", "59360", 50.08736, 3.53543)
SOLESMES = Place("Solesmes", "59730", 50.173, 3.5144)
MOULINS = Place("Moulins", "03000", 46.55913, 3.32548)
MONTLUCON = Place("Montluçon", "03100", 46.34278, 2.60794)
VICHY = Place("Vichy", "03200", 46.13183, 3.42546)
ORLEANS = Place("Orléans", "45000", 47.87342, 1.9122)
MONTARGIS = Place("Montargis", "45200", 47.99977, 2.73884)
GIEN = Place("Gien", "45500", 47.71747, 2.66866)
PITHIVIERS = Place("Pithiviers", "45300", 48.18048, 2.25014)
VALENCIENNES = Place("Valenciennes", "59300", 50.36205, 3.51422)
DENAIN = Place("Denain", "59220", 50.32899, 3.39216)
SAINT_AMAND = Place("Saint-Amand-les-Eaux", "59230", 50.4382, 3.44474)
ANZIN = Place("Anzin", "59410", 50.37599, 3.51118)

SOLIDARITY, PARTNER, WORKSHOP = Garage.Sort.SOLIDARITY, Garage.Sort.PARTNER, Garage.Sort.WORKSHOP
FRANCE_TRAVAIL, MISSION, DEPARTMENT = Prescriber.Sort.FT, Prescriber.Sort.ML, Prescriber.Sort.DEPT

SUD_LANDES = PlatformSpec(
    slug="sud-landes",
    name="Sud Landes",
    legal_name="Association Mobilité Sud Landes (démonstration)",
    series=0,
    landline="+33536490100",
    street="12 rue de la Gare",
    sites=(
        SiteSpec("Tyrosse", "12 rue de la Gare", TYROSSE),
        SiteSpec("Dax", "4 avenue de la Liberté", DAX),
        SiteSpec("Soustons", "8 place du Marché", SOUSTONS, TUESDAY_AND_THURSDAY),
        SiteSpec("Peyrehorade", "2 rue du Pont", PEYREHORADE, MONDAY_AND_WEDNESDAY, "Sonnez au portail."),
    ),
    homes=(
        TYROSSE,
        DAX,
        SOUSTONS,
        PEYREHORADE,
        CAPBRETON,
        TARNOS,
        Place("Labenne", "40530", 43.59817, -1.43704),
        Place("Saint-Paul-lès-Dax", "40990", 43.74852, -1.09413),
        Place("Magescq", "40140", 43.77533, -1.18414),
        Place("Bénesse-Maremne", "40230", 43.63404, -1.36792),
        Place("Saint-Geours-de-Maremne", "40230", 43.68536, -1.23482),
        Place("Seignosse", "40510", 43.70545, -1.39394),
    ),
    pool={Kind.CAR: 8, Kind.MOPED: 28, Kind.E_BIKE: 4},
    tariffs=(
        TariffSpec(
            Kind.CAR,
            [(1, "3.00", "21.00", None), (31, "3.50", "24.50", None), (61, "4.00", None, None)],
            "250.00",
            "5.00",
            before="2.50",
            cancel_fee="6.00",
            cancel_free_days=2,
            no_show_fee="9.00",
        ),
        flat(Kind.MOPED, "2.00", "150.00", "3.00", before="1.80"),
        flat(Kind.E_BIKE, "1.50", "150.00", "2.00"),
    ),
    garages=(
        GarageSpec(
            "Garage solidaire du Marensin",
            SOLIDARITY,
            "3 chemin des Vignes",
            SOUSTONS,
            (*MOTORS, *SCOOTERS),
            ALL_WORKS,
            "38.00",
            3,
            False,
            4,
        ),
        GarageSpec(
            "Atelier Deux-Roues Dacquois",
            PARTNER,
            "21 boulevard de la République",
            DAX,
            SCOOTERS,
            (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES),
            "45.00",
            2,
            True,
            6,
        ),
        GarageSpec(
            "Carrosserie de l’Adour",
            PARTNER,
            "14 rue du Moulin",
            PEYREHORADE,
            MOTORS,
            (Work.BODYWORK, Work.MECHANICS),
            "62.00",
            6,
            True,
            3,
        ),
        GarageSpec(
            "Le Vélo Landais",
            WORKSHOP,
            "5 rue des Acacias",
            CAPBRETON,
            CYCLES,
            (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES),
            "35.00",
            1,
            False,
            8,
        ),
        GarageSpec(
            "Tarnos Pneus et Mécanique",
            PARTNER,
            "60 avenue de la Liberté",
            TARNOS,
            (*MOTORS, *SCOOTERS),
            (Work.TYRES, Work.SERVICE, Work.MECHANICS, Work.INSPECTION),
            "54.00",
            4,
            True,
            5,
        ),
    ),
    programmes=(
        ("Accompagnement mobilité", "Quatre intercommunalités", "Toute personne en insertion du sud des Landes"),
        ("Retour à l’emploi", "Département des Landes", "Allocataires du RSA"),
    ),
    prescribers=(
        ("France Travail Dax", FRANCE_TRAVAIL),
        ("Mission locale des Landes", MISSION),
        ("CCAS de Tyrosse", Prescriber.Sort.CCAS),
        ("Département des Landes", DEPARTMENT),
        ("Chantier d’insertion du Seignanx", Prescriber.Sort.SIAE),
    ),
    payers=("Département des Landes", "Mission locale des Landes"),
    people=150,
    quote_ceiling="120.00",
)

CAMBRESIS = PlatformSpec(
    slug="cambresis",
    name="Cambrésis",
    legal_name="Mobilité Cambrésis, Caudry (démonstration)",
    series=1,
    landline="+33353010100",
    street="7 rue Jean-Jaurès",
    sites=(SiteSpec("Caudry", "7 rue Jean-Jaurès", CAUDRY), SiteSpec("Cambrai", "30 rue du Stade", CAMBRAI)),
    homes=(
        CAUDRY,
        CAMBRAI,
        LE_CATEAU,
        SOLESMES,
        Place("Bertry", "59980", 50.08332, 3.44255),
        Place("Beauvois-en-Cambrésis", "59157", 50.14074, 3.38391),
        Place("Avesnes-les-Aubert", "59129", 50.19313, 3.37261),
    ),
    pool={Kind.CAR: 9, Kind.MOPED: 3, Kind.E_BIKE: 2},
    tariffs=(
        flat(Kind.CAR, "3.00", "200.00", "3.00", before="3.00"),
        flat(Kind.MOPED, "2.00", "120.00", "2.00"),
        flat(Kind.E_BIKE, "1.00", "80.00", "1.00"),
    ),
    garages=(
        GarageSpec(
            "Garage solidaire du Cambrésis",
            SOLIDARITY,
            "18 rue Pasteur",
            CAUDRY,
            (*MOTORS, *SCOOTERS),
            ALL_WORKS,
            "35.00",
            4,
            False,
            5,
        ),
        GarageSpec(
            "Garage de l’Escaut",
            PARTNER,
            "2 rue de la Fontaine",
            CAMBRAI,
            MOTORS,
            (*ALL_WORKS, Work.BODYWORK),
            "58.00",
            3,
            True,
            4,
        ),
        GarageSpec(
            "Cycles de la Selle",
            WORKSHOP,
            "9 place du Marché",
            LE_CATEAU,
            (*CYCLES, *SCOOTERS),
            (Work.SERVICE, Work.MECHANICS, Work.TYRES),
            "40.00",
            2,
            False,
            4,
        ),
    ),
    programmes=(
        ("Plateforme mobilité", "Insertion, 50 000 € ; ruralité, 10 000 €", "Allocataires du RSA et jeunes d’abord"),
    ),
    prescribers=(
        ("France Travail Cambrai", FRANCE_TRAVAIL),
        ("PLIE du Cambrésis", Prescriber.Sort.PLIE),
        ("Mission locale du Cambrésis", MISSION),
        ("CCAS de Caudry", Prescriber.Sort.CCAS),
    ),
    payers=("PLIE du Cambrésis",),
    people=60,
    quote_ceiling="150.00",
)

ALLIER = PlatformSpec(
    slug="allier",
    name="Allier",
    legal_name="Mobilité Insertion Allier (démonstration)",
    series=2,
    landline="+33465710100",
    street="40 rue de la Fontaine",
    sites=(
        SiteSpec("Moulins", "40 rue de la Fontaine", MOULINS),
        SiteSpec("Montluçon", "11 avenue de la Liberté", MONTLUCON),
        SiteSpec("Vichy", "6 rue des Peupliers", VICHY),
    ),
    homes=(
        MOULINS,
        MONTLUCON,
        VICHY,
        Place("Yzeure", "03400", 46.56617, 3.38536),
        Place("Commentry", "03600", 46.27338, 2.75091),
        Place("Cusset", "03300", 46.13416, 3.47744),
        Place("Gannat", "03800", 46.09912, 3.17084),
    ),
    pool={Kind.CAR: 7, Kind.MICROCAR: 2, Kind.MOPED: 4},
    tariffs=(
        TariffSpec(Kind.CAR, [(1, "5.00", None, None)], "315.00", "10.00", km_per_day=60, excess_km_price="0.100"),
        TariffSpec(
            Kind.CAR,
            [(1, "4.00", None, None)],
            "150.00",
            "5.00",
            audience=Audience.RSA,
            km_per_day=60,
            excess_km_price="0.100",
            before="3.50",
        ),
        flat(Kind.MICROCAR, "4.00", "250.00", "5.00"),
        flat(Kind.MOPED, "2.50", "150.00", "5.00"),
    ),
    garages=(
        GarageSpec(
            "Garage solidaire Bourbonnais",
            SOLIDARITY,
            "22 rue du Moulin",
            MOULINS,
            (*MOTORS, *SCOOTERS, Kind.MICROCAR),
            ALL_WORKS,
            "39.90",
            3,
            True,
            5,
        ),
        GarageSpec(
            "Auto Service Montluçon",
            PARTNER,
            "3 rue du Stade",
            MONTLUCON,
            (*MOTORS, Kind.MICROCAR),
            (*ALL_WORKS, Work.BODYWORK),
            "60.00",
            2,
            True,
            3,
        ),
        GarageSpec(
            "Vichy Scooters",
            PARTNER,
            "17 rue Victor-Hugo",
            VICHY,
            SCOOTERS,
            (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES),
            "48.00",
            3,
            False,
            6,
        ),
    ),
    programmes=(
        (
            "Mobilité et insertion",
            "Département de l’Allier",
            "RSA, moins de 26 ans, demandeurs d’emploi, salariés d’ACI",
        ),
    ),
    prescribers=(
        ("Département de l’Allier", DEPARTMENT),
        ("France Travail Moulins", FRANCE_TRAVAIL),
        ("Mission locale de Montluçon", MISSION),
    ),
    payers=("Département de l’Allier",),
    people=60,
    quote_ceiling="0.00",
    audiences=(Audience.RSA, Audience.UNDER_26, Audience.JOBSEEKER, Audience.SIAE_EMPLOYEE),
)

LOIRET = PlatformSpec(
    slug="loiret",
    name="Loiret",
    legal_name="Trois mois pour un job, Loiret (démonstration)",
    series=3,
    landline="+33261910100",
    street="15 rue de la Gare",
    sites=(
        SiteSpec("Orléans", "15 rue de la Gare", ORLEANS),
        SiteSpec("Montargis", "3 place du Marché", MONTARGIS),
        SiteSpec("Pithiviers", "20 rue des Écoles", PITHIVIERS),
    ),
    homes=(
        ORLEANS,
        MONTARGIS,
        GIEN,
        PITHIVIERS,
        Place("Fleury-les-Aubrais", "45400", 47.9449, 1.92235),
        Place("Amilly", "45200", 47.99109, 2.7813),
        Place("Beaugency", "45190", 47.77698, 1.63764),
        Place("Meung-sur-Loire", "45130", 47.83961, 1.69175),
    ),
    pool={Kind.CAR: 10, Kind.MOPED: 3, Kind.E_BIKE: 2},
    tariffs=(
        flat(Kind.CAR, "1.00", "150.00", "1.00", before="1.00"),
        flat(Kind.MOPED, "1.00", "100.00", "1.00"),
        flat(Kind.E_BIKE, "1.00", "50.00", "1.00"),
    ),
    garages=(
        GarageSpec(
            "Garage solidaire Val de Loire",
            SOLIDARITY,
            "8 rue Pasteur",
            ORLEANS,
            (*MOTORS, *SCOOTERS),
            ALL_WORKS,
            "36.00",
            5,
            True,
            6,
        ),
        GarageSpec(
            "Garage du Gâtinais",
            PARTNER,
            "31 rue du Moulin",
            MONTARGIS,
            MOTORS,
            (*ALL_WORKS, Work.BODYWORK),
            "64.00",
            2,
            True,
            3,
        ),
        GarageSpec(
            "Atelier vélo des Tourelles",
            WORKSHOP,
            "2 rue du Pont",
            ORLEANS,
            (*CYCLES, *SCOOTERS),
            (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES),
            "38.00",
            2,
            False,
            5,
        ),
    ),
    programmes=(("3 mois pour un job", "Département du Loiret", "Allocataires du RSA, trois mois renouvelables"),),
    prescribers=(
        ("Département du Loiret", DEPARTMENT),
        ("France Travail Orléans", FRANCE_TRAVAIL),
        ("CAF du Loiret", Prescriber.Sort.CAF),
    ),
    payers=("Département du Loiret",),
    people=60,
    quote_ceiling="200.00",
    audiences=(Audience.RSA,),
)

VALENCIENNOIS = PlatformSpec(
    slug="valenciennois",
    name="Valenciennois",
    legal_name="Mobilité Valenciennois (démonstration)",
    series=4,
    landline="+33353010200",
    street="52 rue de la Gare",
    sites=(SiteSpec("Valenciennes", "52 rue de la Gare", VALENCIENNES), SiteSpec("Denain", "9 rue Pasteur", DENAIN)),
    homes=(
        VALENCIENNES,
        DENAIN,
        SAINT_AMAND,
        ANZIN,
        Place("Condé-sur-l’Escaut", "59163", 50.46614, 3.61136),
        Place("Onnaing", "59264", 50.38568, 3.59721),
        Place("Raismes", "59590", 50.4117, 3.4886),
        Place("Marly", "59770", 50.34643, 3.54768),
    ),
    pool={Kind.CAR: 8, Kind.VAN: 1, Kind.MOPED: 3, Kind.E_BIKE: 3},
    tariffs=(
        TariffSpec(Kind.CAR, [(1, "4.00", "15.00", "60.00")], "50.00", "4.00"),
        TariffSpec(Kind.VAN, [(1, "6.00", "30.00", None)], "100.00", "6.00"),
        flat(Kind.MOPED, "2.00", "50.00", "2.00"),
        flat(Kind.E_BIKE, "1.00", "50.00", "1.00"),
    ),
    garages=(
        GarageSpec(
            "Garage solidaire de la Rhônelle",
            SOLIDARITY,
            "4 rue du Stade",
            VALENCIENNES,
            (*MOTORS, *SCOOTERS),
            ALL_WORKS,
            "37.00",
            3,
            True,
            5,
        ),
        GarageSpec(
            "Garage de la Scarpe",
            PARTNER,
            "12 place du Marché",
            SAINT_AMAND,
            MOTORS,
            (*ALL_WORKS, Work.BODYWORK),
            "55.00",
            3,
            True,
            4,
        ),
        GarageSpec(
            "Denain Cycles et Scooters",
            PARTNER,
            "27 rue Jean-Jaurès",
            DENAIN,
            (*CYCLES, *SCOOTERS),
            (Work.SERVICE, Work.MECHANICS, Work.ELECTRICITY, Work.TYRES),
            "42.00",
            2,
            False,
            6,
        ),
    ),
    programmes=(
        (
            "Mobilité vers l’emploi",
            "Valenciennes Métropole",
            "Personnes suivies et recrutées par les employeurs partenaires",
        ),
    ),
    prescribers=(
        ("France Travail Valenciennes", FRANCE_TRAVAIL),
        ("Mission locale du Valenciennois", MISSION),
        ("Employeurs du Hainaut", Prescriber.Sort.EMPLOYER),
    ),
    payers=("Employeurs du Hainaut",),
    people=60,
    quote_ceiling="150.00",
    audiences=(Audience.RSA, Audience.JOBSEEKER, Audience.QPV, Audience.UNDER_26),
)

PLATFORMS = (SUD_LANDES, CAMBRESIS, ALLIER, LOIRET, VALENCIENNOIS)
