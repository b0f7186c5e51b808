"""Invented people, streets and numbers. Telephone numbers are of the ranges that ARCEP keeps for fiction."""

from random import Random


def each(words: str) -> list[str]:
    return words.split()


WOMEN = each("""
Aïcha Amandine Anaïs Awa Bérénice Camille Capucine Chantal Clémence Corinne Coralie Delphine Dounia Élodie
Émilie Estelle Fanny Fatoumata Flavie Gaëlle Ghislaine Hafsa Inès Jeanne Joséphine Kadiatou Karine Laetitia Léa Lila
Lucie Maëlys Magali Malika Manon Marion Mathilde Mélanie Nadège Naïma Nathalie Noémie Océane Oumou Pauline Perrine
Rachida Romane Sabrina Sandrine Séverine Solène Sonia Stéphanie Tatiana Valérie Yasmine Zoé""")
MEN = each("""
Adama Adrien Alexis Amadou Anthony Arnaud Bastien Benoît Boubacar Bruno Cédric Clément Damien David Denis
Dorian Édouard Emmanuel Étienne Fabien Farid Florent Franck Gaëtan Guillaume Hakim Hugo Ibrahim Idriss Jérémy Jordan
Julien Karim Kévin Laurent Lilian Loïc Ludovic Mamadou Marius Mathis Mehdi Mickaël Mohamed Nicolas Olivier Pascal
Quentin Rachid Rémi Romain Samuel Sébastien Sofiane Steven Tanguy Thibault Valentin Vincent Yannick Youssef""")
FAMILIES = each("""
Abadie Arrouy Aubertin Bacquet Bakouche Barrère Bataillard Beaumatin Belkacemi Bernadet Besnault Bidegain
Blondiau Bonnemort Boulanger Bourdelas Brethous Caillavet Camara Cambronne Carpentras Casaubon Castaing Cauvelle
Chabrolle Charpenet Chevreuil Clavière Cordonnel Courtade Cousinet Dagorne Darricau Daubigny Debarge Delannoy Delattre
Delcambre Delorme Demarque Descamps Destouches Diabaté Diallo Dubosc Ducasse Dufourcq Dumoulinet Durandeau Duvivier
Elkaim Escoubès Etcheverry Fauvel Ferchaud Fontanier Fourcade Gaborit Gallouédec Garbay Gaudriot Gautheron Gayrard
Gomis Goudal Grandclaude Guerrini Haddad Hennebelle Hourcade Jaillet Jouannet Kaboré Keïta Labarthe Labeyrie Lacaze
Lacouture Lafargue Lagrave Lamarque Lambersart Lanusse Larrieu Lassalle Lavigerie Leclerot Lefaucheux Leroux Lestage
Loubière Maillard Marchandise Marsan Mazières Mercadal Mérillon Mezrahi Minvielle Monchaux Montespan Morcenx Nogaro
Ouattara Ouedraogo Palisson Passicot Pédelaborde Pelloquin Périssé Pommereau Pouységur Quessada Quillacq Rabier
Raguenaud Rivoire Roquebert Rousselin Sabathier Sanogo Sarramagna Saubion Sauvageot Sénéchal Sissoko Soubeyran
Taillandier Tastet Tellier Thorigny Tillet Touré Traoré Vandewalle Vanhove Vasseur Verdoux Vignolles Wattelet Zerrouki
""")
STREETS = """rue des Écoles|rue de la Gare|avenue de la Liberté|impasse des Lilas|rue du Moulin|chemin des Vignes
rue Jean-Jaurès|allée des Tilleuls|rue du Stade|place du Marché|rue de la Fontaine|rue des Acacias|rue Pasteur
boulevard de la République|rue du Pont|lotissement des Pins|rue des Peupliers|rue Victor-Hugo""".replace("\n", "|")
WORKPLACES = """la plateforme logistique|la conserverie|l’EHPAD|la zone artisanale|le centre de formation|l’hôpital
la clinique|le centre commercial|le chantier d’insertion|l’usine|le lycée professionnel|le camping|la scierie
la blanchisserie|l’entrepôt""".replace("\n", "|").split("|")
PROJECTS = """Prendre son poste en CDI à l’usine|Suivre la formation d’aide-soignante|Garder son CDD de nuit
Commencer une mission d’intérim|Effectuer un stage de découverte|Reprendre un emploi à temps partiel
Finir son alternance|Se présenter à des entretiens|Entrer dans un chantier d’insertion""".replace("\n", "|").split("|")


class People:
    """Gives out names and numbers, none of them twice."""

    def __init__(self, rng: Random, series: int) -> None:
        self.rng = rng
        self.taken: set[tuple[str, str]] = set()
        self.mobile = 639_980_000 + series * 1000  # 06 39 98 00 00 to 06 39 98 99 99
        self.streets = STREETS.split("|")

    def name(self) -> tuple[str, str]:
        while True:
            first = self.rng.choice(WOMEN if self.rng.random() < 0.55 else MEN)
            found = (first, self.rng.choice(FAMILIES))
            if found not in self.taken:
                self.taken.add(found)
                return found

    def phone(self) -> str:
        self.mobile += 1
        return f"+33{self.mobile}"

    def street(self) -> str:
        return f"{self.rng.randint(1, 98)} {self.rng.choice(self.streets)}"


def siret(rng: Random) -> str:
    """14 digits that pass the check and belong to nobody in particular."""
    siren = _with_key("9" + "".join(str(rng.randint(0, 9)) for _ in range(7)))
    return _with_key(siren + "0001")


def _with_key(digits: str) -> str:
    for key in "0123456789":
        total = 0
        for place, digit in enumerate(reversed(digits + key)):
            value = int(digit) * (2 if place % 2 else 1)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return digits + key
    raise AssertionError("one of ten keys fits")


def plate(rng: Random) -> str:
    letters = "ABCDEFGHJKLMNPQRSTVWXYZ"

    def two() -> str:
        return rng.choice(letters) + rng.choice(letters)

    return f"{rng.choice('DEFG')}{rng.choice(letters)}-{rng.randint(2, 998):03d}-{two()}"
