"""What a loan costs and who has paid what.

Pricing knows no booking: everything hangs on an Account, and a booking owns one.
"""

from pricing.models.accounts import Account, Charge, Counter, Deposit, Payment, Receipt
from pricing.models.tariffs import Tariff, TariffBand, ThirdPartyPayer

__all__ = [
    "Account",
    "Charge",
    "Counter",
    "Deposit",
    "Payment",
    "Receipt",
    "Tariff",
    "TariffBand",
    "ThirdPartyPayer",
]
