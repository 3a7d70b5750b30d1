"""What the read API can, told to everybody: made of what it serves, so that it says neither more nor less."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from .resources import KINDS, ResourceKind


def statement(request: HttpRequest) -> dict:
    here = request.build_absolute_uri(reverse("fhir-metadata"))
    security = {"cors": False, "description": "Authorization: Bearer TOKEN of a system that may read."}
    return {
        "resourceType": "CapabilityStatement",
        "url": here,
        "version": settings.PRODUCT_VERSION,
        "name": "LiverDissociation",
        "title": "Liver dissociation: the read API",
        "status": "active",
        "experimental": False,
        "date": settings.PRODUCT_RELEASED,
        "publisher": "Liver dissociation",
        "kind": "instance",
        "software": {
            "name": "Liver dissociation",
            "version": settings.PRODUCT_VERSION,
            "releaseDate": settings.PRODUCT_RELEASED,
        },
        "implementation": {
            "description": "Laboratory results of the liver clinic and what belongs to them",
            "url": here.removesuffix("/metadata"),
        },
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "rest": [{"mode": "server", "security": security, "resource": list(map(_resource, KINDS.values()))}],
    }


def _resource(kind: ResourceKind) -> dict:
    return {
        "type": kind.name,
        "interaction": [{"code": "read"}, {"code": "search-type"}],
        "versioning": "no-version",
        "readHistory": False,
        "searchParam": [{"name": name, "type": type} for name, type in kind.parameters.items()],
    }
