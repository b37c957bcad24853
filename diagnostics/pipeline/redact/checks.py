"""Check digits and shapes that tell a real number from a look-alike. Each takes the bare characters, upper case."""

from typing import Final

IBAN_LENGTHS: Final = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28,
    "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20,
    "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25,
    "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20, "YE": 30,
}  # fmt: skip
DNI_LETTERS: Final = "TRWAGMYFPDXBNJZSQVHLCKE"
CODICE_ODD: Final = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        (
            1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14,
            16, 10, 22, 25, 24, 23,
        ),
        strict=True,
    )
)  # fmt: skip
PESEL_WEIGHTS: Final = (1, 3, 7, 9, 1, 3, 7, 9, 1, 3)


def passes_luhn(digits: str) -> bool:
    """The check digit of cards."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = ord(digit) - 48
        if place & 1:
            number += number - 9 if number > 4 else number
        total += number
    return total % 10 == 0


def is_card(digits: str) -> bool:
    """A brand's prefix, its length and the check digit."""
    size, two, four = len(digits), int(digits[:2]), int(digits[:4])
    if digits[0] == "4":
        fits = size in (13, 16, 19)
    elif two in (34, 37):
        fits = size == 15
    elif 51 <= two <= 55 or 2221 <= four <= 2720:
        fits = size == 16
    elif two in (36, 38, 39) or 300 <= four // 10 <= 305:
        fits = size in (14, 16)
    elif two in (60, 62, 64, 65, 81, 35):
        fits = size in (16, 19)
    else:
        fits = (two in (50, 67, 63) or 56 <= two <= 58) and size in (16, 18, 19)
    return fits and passes_luhn(digits) and len(set(digits)) > 1


def is_iban(text: str) -> bool:
    """A country, its exact length and mod 97."""
    if IBAN_LENGTHS.get(text[:2]) != len(text):
        return False
    return int("".join(str(int(sign, 36)) for sign in text[4:] + text[:4])) % 97 == 1


def is_ssn(digits: str) -> bool:
    """A number that the US administration can have given out."""
    return digits[:3] not in ("000", "666") and digits[0] != "9" and digits[3:5] != "00" and digits[5:] != "0000"


def is_dni(text: str) -> bool:
    """Spain: eight digits, or X, Y, Z and seven, with the letter that belongs to them."""
    number = {"X": "0", "Y": "1", "Z": "2"}.get(text[0], text[0]) + text[1:-1]
    return number.isdecimal() and DNI_LETTERS[int(number) % 23] == text[-1]


def is_codice_fiscale(text: str) -> bool:
    """Italy: sixteen characters, the last of which checks the others."""
    total = sum(
        CODICE_ODD[sign] if place % 2 == 0 else (ord(sign) - 48 if sign.isdecimal() else ord(sign) - 65)
        for place, sign in enumerate(text[:15])
    )
    return chr(65 + total % 26) == text[15]


def is_pesel(digits: str) -> bool:
    """Poland: a date of birth (the month tells the century) and a check digit."""
    month, day = int(digits[2:4]) % 20, int(digits[4:6])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(PESEL_WEIGHTS, digits, strict=False))
    return (10 - total % 10) % 10 == int(digits[10])


def is_nir(text: str) -> bool:
    """France: thirteen characters and a key of two, mod 97; Corsica writes 2A and 2B."""
    number = text[:13].replace("2A", "19").replace("2B", "18")
    return number.isdecimal() and 97 - int(number) % 97 == int(text[13:])


def is_cpf(digits: str) -> bool:
    """Brazil: nine digits and two check digits."""
    for size in (9, 10):
        total = sum(int(digit) * (size + 1 - place) for place, digit in enumerate(digits[:size]))
        if total * 10 % 11 % 10 != int(digits[size]):
            return False
    return len(set(digits)) > 1
