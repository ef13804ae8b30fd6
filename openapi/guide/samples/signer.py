#!/usr/bin/env python3
"""Signs two requests. Usage: signer.py ORIGIN KEY_ID KEY_FILE

KEY_FILE is an Ed25519 private key (PKCS #8 PEM; needs the package `cryptography`), or a file with the base64 of a
shared secret (standard library only).
"""
import base64
import hashlib
import hmac
import http.client
import secrets
import sys
import time
from urllib.parse import urlsplit


def load_signer(path):
    """A function from bytes to the bytes of their signature."""
    with open(path, "rb") as file:
        material = file.read()
    if b"BEGIN PRIVATE KEY" in material:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        return load_pem_private_key(material, password=None).sign
    secret = base64.b64decode(material.strip(), validate=True)
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def b64(data):
    return base64.b64encode(data).decode("ascii")


def signed_headers(method, authority, target, body, key_id, sign):
    """Header fields to send; target is path and query as they are sent, body the very bytes."""
    path, mark, query = target.partition("?")
    lines = [("@method", method), ("@authority", authority), ("@path", path)]
    headers = {}
    if mark:
        lines.append(("@query", "?" + query))
    if body:
        headers["Content-Type"] = "application/json"
        headers["Content-Digest"] = f"sha-256=:{b64(hashlib.sha256(body).digest())}:"
        lines.append(("content-type", headers["Content-Type"]))
        lines.append(("content-digest", headers["Content-Digest"]))
    components = " ".join(f'"{name}"' for name, _ in lines)
    created = int(time.time())
    nonce = secrets.token_urlsafe(16)  # a new one for every attempt, also for a retry
    parameters = (
        f"({components});created={created};expires={created + 300}"
        f';nonce="{nonce}";keyid="{key_id}";tag="sluice"'
    )
    lines.append(("@signature-params", parameters))
    base = "\n".join(f'"{name}": {value}' for name, value in lines)  # no line feed at the end
    headers["Signature-Input"] = f"sig={parameters}"
    headers["Signature"] = f"sig=:{b64(sign(base.encode('ascii')))}:"
    return headers


def send(origin, method, target, body, key_id, sign):
    url = urlsplit(origin)
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.netloc, timeout=30)
    headers = signed_headers(method, url.netloc.lower(), target, body, key_id, sign)
    connection.request(method, target, body=body, headers=headers)
    answer = connection.getresponse()
    print(f"{method} {target} {answer.status}")
    print(answer.read().decode("utf-8"))
    return 200 <= answer.status < 300


if __name__ == "__main__":
    origin, key_id, key_file = sys.argv[1:4]
    signer = load_signer(key_file)
    precheck = b'{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}'
    read = send(origin, "GET", "/v1/products?sort=amount", None, key_id, signer)
    asked = send(origin, "POST", "/v1/prechecks", precheck, key_id, signer)
    sys.exit(0 if read and asked else 1)
