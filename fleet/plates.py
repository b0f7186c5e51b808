"""French number plates as they are written and kept: AA-123-AA, and 123 AB 40 of before 2009."""

import re

LETTERS = "A-HJ-NP-TV-Z"  # I, O and U are never given: they would be read as 1, 0 and V
SIV = re.compile(rf"([{LETTERS}]{{2}})(\d{{3}})([{LETTERS}]{{2}})")
FNI = re.compile(rf"([1-9]\d{{0,3}})([{LETTERS}]{{1,3}})(0[1-9]|[1-8]\d|9[0-5]|2[AB]|97[1-8])")


def normalise(plate: str) -> str:
    """« ab 123cd » → « AB-123-CD », « 123ab40 » → « 123 AB 40 »; nothing stays nothing.

    Raises ValueError for what cannot be a plate.
    """
    bare = re.sub(r"[\s.·_-]", "", plate).upper()
    if not bare:
        return ""
    if (new := SIV.fullmatch(bare)) and new[2] != "000":
        return "-".join(new.groups())
    if old := FNI.fullmatch(bare):
        return " ".join(old.groups())
    raise ValueError(f"« {plate.strip()} » n’est pas une immatriculation. Exemples : AB-123-CD, 123 AB 40.")
