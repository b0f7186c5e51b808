"""Files in an S3 bucket, Amazon's or another provider's; docs/deployment.md tells how it is named."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured


def storage(url: str, *, key: str, secret: str, endpoint: str, region: str) -> dict[str, Any]:
    """Django's storage for `s3://bucket/prefix`; anything else is refused, and never taken for a folder."""
    bucket, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not bucket:
        raise ImproperlyConfigured(
            f"FILES_URL={url} names no bucket: write s3://bucket/prefix, or leave it out to keep files in var/files."
        )
    from botocore.config import Config  # a third of a second, which those without a bucket need not wait

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "location": prefix,
            "access_key": key or None,  # none: those of the machine
            "secret_key": secret or None,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "default_acl": None,  # the bucket is private; one that knows no access lists refuses whoever sends one
            "file_overwrite": False,
            "client_config": Config(
                signature_version="s3v4",
                # Buckets of other providers have no host name of their own, and may not know Amazon's newer checksums.
                s3={"addressing_style": "path" if endpoint else "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                # Whoever waits holds a transaction: a bucket that does not answer fails before that is cut off.
                connect_timeout=5,
                read_timeout=15,
                retries={"mode": "standard", "total_max_attempts": 2},
            ),
        },
    }
