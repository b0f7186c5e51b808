"""A program that speaks for somebody: their token, JSON in and out, and the status that is expected."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import ApiToken
from accounts.secrets import hash_of, new_secret
from tests.sheets import content


class Program:
    def __init__(self, user: Any) -> None:
        secret = new_secret()
        ApiToken.objects.create(user=user, name="Programme", prefix=secret[:8], secret_hash=hash_of(secret))
        self.client, self.headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, expected: int = 200, **query: Any) -> Any:
        answer = self.client.get(f"/api/v1/{path}", query, headers=self.headers)
        assert answer.status_code == expected, (path, answer.content.decode())
        return answer.json()

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        return self.get(path, **query)["results"]

    def paper(self, path: str) -> bytes:
        answer = self.client.get(f"/api/v1/{path}", headers=self.headers)
        assert answer["Content-Type"] == "application/pdf", path
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    def post(self, path: str, expected: int = 200, *, key: str = "", **said: Any) -> Any:
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        answer = self.client.post(f"/api/v1/{path}", said, "application/json", headers=headers)
        assert answer.status_code == expected, (path, answer.content.decode())
        return answer.json()

    def refused(self, path: str, code: str, **said: Any) -> str:
        """The sentence of a refusal with this code."""
        answer = self.post(path, 409, **said)
        assert answer["code"] == code, answer
        return answer["detail"]

    def send_sheet(self, what: str, name: str, **said: Any) -> Any:
        file = SimpleUploadedFile(name, content(name))
        answer = self.client.post(f"/api/v1/imports/{what}/", {"file": file, **said}, headers=self.headers)
        assert answer.status_code in {200, 201}, answer.content.decode()
        return answer.json()
