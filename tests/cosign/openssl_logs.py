# SPDX-License-Identifier: Apache-2.0
"""The two logs of a keyless signature, made by openssl: one that promises certificates, and one that has an entry for a
signature with the time at which it was made. Both as those of sigstore, with trees of one leaf."""
import base64
import calendar
import hashlib
import time

from openssl_signer import Key, Leaf, openssl
from loopback_registry import encode

SCT_LIST = "1.3.6.1.4.1.11129.2.4.2"


def to_base64(data):
    return base64.b64encode(data).decode()


def to_seconds(date):
    """20240101000000Z, as openssl takes it."""
    return calendar.timegm(time.strptime(date, "%Y%m%d%H%M%SZ"))


def canonical(document):
    return encode(dict(sorted(document.items())))


class Log(Key):
    def __init__(self, directory, name):
        super().__init__(directory, name)
        der = openssl("pkey", "-pubin", "-in", self.public, "-outform", "DER")
        self.log_id = hashlib.sha256(der).digest()


class CertificateLog(Log):
    def promise(self, precertificate, root_key, milliseconds):
        """The extension's value: a list of one promise for what a certificate says without it."""
        der = openssl("x509", "-in", precertificate, "-outform", "DER")
        signed_part = der[4:4 + 4 + int.from_bytes(der[6:8], "big")]
        issuer = hashlib.sha256(openssl("pkey", "-pubin", "-in", root_key.public, "-outform", "DER")).digest()
        when = milliseconds.to_bytes(8, "big")
        entry = b"\0\0" + when + b"\0\1" + issuer + len(signed_part).to_bytes(3, "big") + signed_part + b"\0\0"
        signature = self.sign(entry)
        sct = b"\0" + self.log_id + when + b"\0\0" + b"\4\3" + len(signature).to_bytes(2, "big") + signature
        sized = len(sct).to_bytes(2, "big") + sct
        listed = len(sized).to_bytes(2, "big") + sized
        return b"\4" + (bytes([len(listed)]) if len(listed) < 128 else b"\x81" + bytes([len(listed)])) + listed


class LoggedLeaf(Leaf):
    """A certificate as Fulcio gives it: for ten minutes, and with a log's promise."""

    def __init__(self, authority, san, issuer, dates, log):
        self.log = log
        self.milliseconds = to_seconds(dates[0]) * 1000
        super().__init__(authority, san, issuer, dates)

    def certify(self, extensions, dates):
        """Twice under one number: first as what the log promises, then with the promise at the end."""
        serial = self.authority.directory / "serial"
        number = serial.read_text()
        super().certify(extensions, dates)
        value = self.log.promise(self.certificate, self.authority.key, self.milliseconds)
        serial.write_text(number)
        (self.authority.directory / "index").write_text("")
        super().certify(extensions + f"{SCT_LIST} = DER:{value.hex(':')}\n", dates)


class TransparencyLog(Log):
    host = "rekor.test"

    def record(self, body, seconds):
        """An entry with its promise and its proof; body is what the log says that it has seen."""
        data = canonical(body)
        entry = {"body": to_base64(data), "integratedTime": seconds, "logID": self.log_id.hex(), "logIndex": 7}
        root = hashlib.sha256(b"\0" + data).digest()
        note = f"{self.host} - 1\n1\n{to_base64(root)}\nTimestamp: {seconds * 10 ** 9}\n"
        line = f"— {self.host} {to_base64(self.log_id[:4] + self.sign(note.encode()))}\n"
        return {"entry": entry, "promise": to_base64(self.sign(canonical(entry))), "root": to_base64(root),
                "checkpoint": f"{note}\n{line}", "kind": body["kind"]}

    def record_legacy(self, payload, signature, leaf, seconds):
        certificate = leaf.certificate.read_bytes()
        record = self.record({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
            "data": {"hash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()}},
            "signature": {"content": signature, "publicKey": {"content": to_base64(certificate)}}}}, seconds)
        return {"dev.sigstore.cosign/bundle": encode({"SignedEntryTimestamp": record["promise"],
                                                      "Payload": record["entry"]}).decode()}

    def record_bundle(self, bundle, leaf, seconds):
        envelope = bundle["dsseEnvelope"]
        payload = base64.b64decode(envelope["payload"])
        record = self.record({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
            "envelopeHash": {"algorithm": "sha256", "value": hashlib.sha256(encode(envelope)).hexdigest()},
            "payloadHash": {"algorithm": "sha256", "value": hashlib.sha256(payload).hexdigest()},
            "signatures": [{"signature": envelope["signatures"][0]["sig"],
                            "verifier": to_base64(leaf.certificate.read_bytes())}]}}, seconds)
        entry = {"logIndex": "7", "logId": {"keyId": to_base64(self.log_id)}, "integratedTime": str(seconds),
                 "kindVersion": {"kind": record["kind"], "version": "0.0.1"},
                 "inclusionPromise": {"signedEntryTimestamp": record["promise"]},
                 "inclusionProof": {"logIndex": "0", "rootHash": record["root"], "treeSize": "1", "hashes": [],
                                    "checkpoint": {"envelope": record["checkpoint"]}},
                 "canonicalizedBody": record["entry"]["body"]}
        bundle["verificationMaterial"]["tlogEntries"] = [entry]
        return bundle
