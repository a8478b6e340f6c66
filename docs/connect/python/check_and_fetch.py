"""Asks what the city already holds for a case, then fetches some of it.

    ZQ_URL=… ZQ_KEY=… ZQ_OPERATOR=… python3 check_and_fetch.py CASE-ID MATERIAL…

Python 3.9 and its standard library; the ECDSA signature is made by the openssl command. Leaves check.json
and fetch.json: each is the answer with its receipt, ready for `zhengqiao verify`.
"""

import base64
import hashlib
import json
import os
import secrets
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Gateway:
    def __init__(self, url: str, key_folder: Path, operator: "str | None"):
        self.url = url
        self.operator = operator
        self.key = key_folder / "key.pem"
        end = "-----END CERTIFICATE-----"  # the client's own stands first, its issuers follow
        pem = (key_folder / "cert.pem").read_text().split(end)[0] + end
        der = ssl.PEM_cert_to_DER_cert(pem)
        self.key_id = base64url(hashlib.sha256(der).digest())

    def post(self, path: str, body: dict) -> str:
        """Repeats after a lost connection with the same idempotency key and a fresh signature, so that
        nothing is done twice. The `code` of a problem never changes; its `detail` says what to do."""
        content = json.dumps(body).encode()
        idempotency_key = secrets.token_urlsafe(18)
        for attempt in (1, 2, 3):
            try:
                request = self.signed("POST", path, content, idempotency_key)
                with urllib.request.urlopen(request, timeout=60) as answer:
                    return answer.read().decode()
            except urllib.error.HTTPError as refusal:
                problem = json.load(refusal)
                sys.exit(f"{problem['code']}: {problem['detail']} (requestId {problem['requestId']})")
            except OSError:
                if attempt == 3:
                    raise
                time.sleep(attempt)
        raise AssertionError

    def signed(self, method: str, path: str, content: bytes, idempotency_key: str):
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        headers = {
            "content-type": "application/json",
            "content-digest": f"sha-256=:{digest}:",
            "idempotency-key": idempotency_key,
        }
        if self.operator:
            headers["zhengqiao-operator"] = self.operator

        names = " ".join(f'"{name}"' for name in ("@method", "@target-uri", *headers))
        parameters = (
            f'({names});created={int(time.time())};nonce="{secrets.token_urlsafe(16)}"'
            f';keyid="{self.key_id}";alg="ecdsa-p256-sha256"'
        )
        covered = {"@method": method, "@target-uri": self.url + path, **headers}
        lines = [f'"{name}": {value}' for name, value in covered.items()]
        base = "\n".join([*lines, f'"@signature-params": {parameters}'])

        headers["signature-input"] = f"sig1={parameters}"
        headers["signature"] = f"sig1=:{base64.b64encode(self.sign(base.encode())).decode()}:"
        return urllib.request.Request(self.url + path, content, headers, method=method)

    def sign(self, message: bytes) -> bytes:
        """r‖s, 64 bytes. openssl writes DER: a sequence of two integers, each with tag and length."""
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        der = subprocess.run(command, input=message, capture_output=True, check=True).stdout
        r_end = 4 + der[3]
        r, s = der[4:r_end], der[r_end + 2 :]
        return b"".join(int.from_bytes(number, "big").to_bytes(32, "big") for number in (r, s))


def main(case_id: str, *materials: str) -> None:
    gateway = Gateway(os.environ["ZQ_URL"], Path(os.environ["ZQ_KEY"]), os.environ.get("ZQ_OPERATOR"))
    check = gateway.post(f"/v1/cases/{case_id}/checks", {})
    Path("check.json").write_text(check)
    for material in json.loads(check)["data"]["materials"]:
        print(material["code"], material["state"], material["messageZh"])

    wanted = {"materials": [{"code": code} for code in materials]}
    fetch = gateway.post(f"/v1/cases/{case_id}/fetches", wanted)
    Path("fetch.json").write_text(fetch)
    for material in json.loads(fetch)["data"]["materials"]:
        fields = material.get("licence", {}).get("fields", {})
        print(material["code"], material["state"], *fields)
    print("receipt", json.loads(fetch)["receipt"]["no"])


if __name__ == "__main__":
    main(*sys.argv[1:])
