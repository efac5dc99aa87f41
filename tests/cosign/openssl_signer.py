# SPDX-License-Identifier: Apache-2.0
"""Keys, a certificate authority that stands for Fulcio, and signatures, all made by openssl: no cosign is needed to sign,
so that the same signatures are shown to every version of it."""
import base64
import subprocess
from pathlib import Path

from loopback_registry import encode

BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
IN_TOTO = "application/vnd.in-toto+json"
SIGN_PREDICATE = "https://sigstore.dev/cosign/sign/v1"
CA_CONFIG = """[ca]
default_ca = here
[here]
dir = {directory}
database = {directory}/index
serial = {directory}/serial
new_certs_dir = {directory}
default_md = sha256
policy = any
unique_subject = no
[any]
organizationName = optional
"""
LEAF_EXTENSIONS = """keyUsage = critical,digitalSignature
extendedKeyUsage = codeSigning
subjectAltName = critical,{san}
1.3.6.1.4.1.57264.1.1 = DER:{raw_issuer}
1.3.6.1.4.1.57264.1.8 = ASN1:UTF8String:{issuer}
"""
CA_EXTENSIONS = "basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\nsubjectKeyIdentifier = hash\n"


def openssl(*words, data=None):
    done = subprocess.run(["openssl", *map(str, words)], input=data, capture_output=True, check=False)
    assert done.returncode == 0, f"openssl {' '.join(map(str, words))}\n{done.stderr.decode()}"
    return done.stdout


def to_der(pem_path):
    return openssl("x509", "-in", pem_path, "-outform", "DER")


class Key:
    """An EC key of which the public half is in a file."""

    def __init__(self, directory, name):
        self.name = name
        self.private = Path(directory) / f"{name}.key"
        self.public = Path(directory) / f"{name}.pub"
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.private)
        openssl("ec", "-in", self.private, "-pubout", "-out", self.public)

    def sign(self, data):
        return openssl("dgst", "-sha256", "-sign", self.private, data=data)

    def annotations(self):
        return {}

    def material(self):
        return {"publicKey": {"hint": ""}}


class Authority:
    """A root that signs leaves, as Fulcio does."""

    def __init__(self, directory, name):
        self.directory = Path(directory) / name
        self.directory.mkdir()
        self.key = Key(self.directory, "root")
        self.root = self.directory / "root.pem"
        self.leaves = 0
        (self.directory / "index").touch()
        (self.directory / "serial").write_text("1000\n")
        (self.directory / "ca.cnf").write_text(CA_CONFIG.format(directory=self.directory))
        (self.directory / "root.ext").write_text(CA_EXTENSIONS)
        self.certify(self.key, f"/O={name}", "root.ext", self.root, ("20200101000000Z", "20450101000000Z"), "-selfsign")

    def certify(self, key, subject, extensions, output, dates, *more):
        request = output.with_suffix(".csr")
        openssl("req", "-new", "-key", key.private, "-subj", subject, "-out", request)
        authority = [] if more else ["-cert", self.root]
        openssl("ca", "-batch", "-notext", "-config", self.directory / "ca.cnf", "-keyfile", self.key.private, *authority,
                *more, "-in", request, "-out", output, "-extfile", self.directory / extensions,
                "-startdate", dates[0], "-enddate", dates[1])

    def leaf(self, san, issuer, dates=("20200201000000Z", "20440101000000Z")):
        return Leaf(self, san, issuer, dates)


class Leaf(Key):
    """A key with a certificate that names an identity and who vouches for it."""

    def __init__(self, authority, san, issuer, dates):
        authority.leaves += 1
        super().__init__(authority.directory, f"leaf{authority.leaves}")
        self.authority = authority
        self.certificate = authority.directory / f"{self.name}.pem"
        self.certify(LEAF_EXTENSIONS.format(san=san, issuer=issuer, raw_issuer=issuer.encode().hex(":")), dates)

    def certify(self, extensions, dates):
        (self.authority.directory / f"{self.name}.ext").write_text(extensions)
        self.authority.certify(self, "/O=ci", f"{self.name}.ext", self.certificate, dates)

    def annotations(self):
        return {"dev.sigstore.cosign/certificate": self.certificate.read_text(),
                "dev.sigstore.cosign/chain": self.authority.root.read_text()}

    def material(self):
        return {"certificate": {"rawBytes": base64.b64encode(to_der(self.certificate)).decode()}}


def payload_for(reference, digest):
    return encode({"critical": {"identity": {"docker-reference": reference},
                                "image": {"docker-manifest-digest": digest},
                                "type": "cosign container image signature"}, "optional": None})


def sign_legacy(registry, repository, digest, signer, signed_digest=None, log=None):
    """@log gives what a transparency log has to say of a payload and its signature."""
    payload = payload_for(f"{registry.name}/{repository}", signed_digest or digest)
    signature = base64.b64encode(signer.sign(payload)).decode()
    logged = log(payload, signature) if log else {}
    registry.push_signature(repository, digest, payload,
                            {"dev.cosignproject.cosign/signature": signature, **signer.annotations(), **logged})


def bundle_for(digest, signer, predicate_type=SIGN_PREDICATE):
    statement = encode({"_type": "https://in-toto.io/Statement/v1",
                        "subject": [{"name": "image", "digest": {"sha256": digest.split(":")[1]}}],
                        "predicateType": predicate_type, "predicate": {}})
    encoded = b"DSSEv1 %d %s %d %s" % (len(IN_TOTO), IN_TOTO.encode(), len(statement), statement)
    return {"mediaType": BUNDLE, "verificationMaterial": {**signer.material(), "tlogEntries": []},
            "dsseEnvelope": {"payload": base64.b64encode(statement).decode(), "payloadType": IN_TOTO,
                             "signatures": [{"sig": base64.b64encode(signer.sign(encoded)).decode(), "keyid": ""}]}}


def sign_bundle(registry, repository, digest, *bundles):
    registry.push_bundles(repository, digest, registry.size_of(repository, digest), bundles)
