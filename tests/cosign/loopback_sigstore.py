# SPDX-License-Identifier: Apache-2.0
"""Fulcio and Rekor on loopback, as far as cosign's own signing needs them: certificates for whatever key it has just made,
and entries for whatever it has signed. Who asks is believed; it is the verifying that is tested."""
import base64
import hashlib
import http.server
import json
import threading
import time

from loopback_registry import encode
from openssl_logs import SCT_LIST, to_base64
from openssl_signer import LEAF_EXTENSIONS, openssl


def certify(directory, authority, log, public_key, san, issuer):
    """A certificate with a promise. Both halves have to be made within one second, because openssl knows no other start."""
    (directory / "asked.pub").write_bytes(public_key)
    openssl("req", "-new", "-key", authority.key.private, "-subj", "/O=asked", "-out", directory / "asked.csr")
    extensions = LEAF_EXTENSIONS.format(san=san, issuer=issuer, raw_issuer=issuer.encode().hex(":"))

    def make(text, output):
        (directory / "asked.ext").write_text(text)
        openssl("x509", "-req", "-in", directory / "asked.csr", "-force_pubkey", directory / "asked.pub", "-CA", authority.root,
                "-CAkey", authority.key.private, "-set_serial", "4711", "-days", "1", "-sha256",
                "-extfile", directory / "asked.ext", "-out", output)
        return openssl("x509", "-in", output, "-noout", "-startdate")

    while True:
        first = make(extensions, directory / "asked-before.pem")
        value = log.promise(directory / "asked-before.pem", authority.key, int(time.time()) * 1000)
        if make(extensions + f"{SCT_LIST} = DER:{value.hex(':')}\n", directory / "asked.pem") == first:
            return (directory / "asked.pem").read_text()


def entry_for(log, proposal):
    """What a log answers to a proposal: the entry, with what it keeps of an envelope instead of all of it."""
    if proposal["kind"] == "dsse":
        content = proposal["spec"]["proposedContent"]
        envelope = json.loads(content["envelope"])
        proposal = {"apiVersion": "0.0.1", "kind": "dsse", "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(content["envelope"].encode()).hexdigest()},
            "payloadHash": {"algorithm": "sha256",
                            "value": hashlib.sha256(base64.b64decode(envelope["payload"])).hexdigest()},
            "signatures": [{"signature": envelope["signatures"][0]["sig"], "verifier": content["verifiers"][0]}]}}
    record = log.record(proposal, int(time.time()))
    proof = {"logIndex": 0, "treeSize": 1, "hashes": [], "checkpoint": record["checkpoint"],
             "rootHash": base64.b64decode(record["root"]).hex()}
    return {**record["entry"], "verification": {"inclusionProof": proof, "signedEntryTimestamp": record["promise"]}}


def token_for(subject, issuer):
    """An identity token of which nobody looks at the signature."""
    now = int(time.time())
    parts = ({"alg": "ES256", "typ": "JWT"}, {"iss": issuer, "sub": subject, "aud": "sigstore", "email": subject,
                                             "email_verified": True, "iat": now, "exp": now + 3600})
    return ".".join(base64.urlsafe_b64encode(encode(part)).decode().rstrip("=") for part in parts) + ".c2ln"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def reply(self, status, body, kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        sigstore = self.server.sigstore
        if self.path == "/api/v1/signingCert":
            key = base64.b64decode(asked["publicKey"]["content"])
            self.reply(201, sigstore.certify(key).encode(), "application/pem-certificate-chain")
        elif self.path == "/api/v2/signingCert":
            key = asked["publicKeyRequest"]["publicKey"]["content"].encode() if "publicKeyRequest" in asked else \
                openssl("req", "-inform", "PEM", "-pubkey", "-noout", data=base64.b64decode(asked["certificateSigningRequest"]))
            chain = sigstore.certify(key).split("-----BEGIN")[1:]
            self.reply(200, encode({"signedCertificateEmbeddedSct": {"chain": {
                "certificates": ["-----BEGIN" + part for part in chain]}}}))
        elif self.path == "/api/v1/log/entries":
            name = "24296fb24b8ad77a" + "0" * 64
            self.reply(201, encode({name: entry_for(sigstore.log, asked)}), ETag=name,
                       Location=f"/api/v1/log/entries/{name}")
        else:
            self.reply(404, b"{}")

    def do_GET(self):
        self.reply(404, b"{}")

    def log_message(self, *_):
        pass


class LoopbackSigstore:
    """Used as a context; `url` is where it listens."""

    def __init__(self, directory, authority, promises, log, san, issuer):
        self.directory, self.authority, self.promises, self.log = directory, authority, promises, log
        self.san, self.issuer = san, issuer
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.sigstore = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def certify(self, key):
        if b"BEGIN" not in key:
            key = openssl("pkey", "-pubin", "-inform", "DER", data=key)
        return certify(self.directory, self.authority, self.promises, key, self.san, self.issuer) + \
            self.authority.root.read_text()

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
