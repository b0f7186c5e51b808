"""For which platform a request speaks: `?platform=<slug>`, needed only by whoever belongs to several."""

from typing import TypeVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import NotFound, PermissionDenied, ValidationError
from rest_framework.request import Request

from accounts.models import Platform
from accounts.perms import staff_platform_ids

Q = TypeVar("Q", bound="QuerySet[object]")  # type: ignore[type-arg]

PLATFORM = OpenApiParameter(
    "platform", OpenApiTypes.STR, description="The platform's slug; needed only where the token's user has several."
)


def within(request: Request, rows: Q) -> Q:
    """These rows, of the named platform where the request names one. They are `visible_to` the caller already."""
    slug = asked_for(request)
    return rows.filter(platform__slug=slug) if slug else rows  # type: ignore[return-value]


def asked_for(request: Request) -> str:
    return request.query_params.get("platform", "").replace("\0", "?")  # which no slug has, nor PostgreSQL takes


def platform_of(request: Request) -> Platform:
    """The platform in which something is made. 404 where it is not the caller's, 400 where it must be named."""
    mine = Platform.objects.filter(pk__in=staff_platform_ids(request.user))
    slug = asked_for(request)
    if slug:
        found = mine.filter(slug=slug).first()
        if found is None:
            raise NotFound
        return found
    platforms = list(mine[:2])
    if not platforms:
        raise PermissionDenied
    if len(platforms) > 1:
        raise ValidationError({"platform": ["Dites pour quelle plateforme : ?platform=<identifiant>."]})
    return platforms[0]
