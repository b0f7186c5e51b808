from rest_framework.throttling import UserRateThrottle


class TokenThrottle(UserRateThrottle):
    """Generous, for programs: it stops a loop gone mad, not work."""

    scope = "token"
