# SPDX-License-Identifier: Apache-2.0
"""A registry of one's own on loopback, and what is pushed to it: images, signatures, statements."""
import hashlib
import json
import shutil
import signal
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request

CONFIG = """version: 0.1
log: {{level: error, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {data}}}}}
http: {{addr: '127.0.0.1:{port}', secret: none{tls}}}
"""
TLS = ", tls: {{certificate: {certificate}, key: {key}}}"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar"
OCI_EMPTY = "application/vnd.oci.empty.v1+json"


def encode(document):
    return json.dumps(document, separators=(",", ":")).encode()


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class RunningRegistry:
    """A registry that somebody else has started; with the certificate of its authority it is spoken to in TLS."""

    def __init__(self, name, certificate=None):
        self.name = name
        self.scheme = "https" if certificate else "http"
        self.context = ssl.create_default_context(cafile=certificate) if certificate else None

    def call(self, method, path, data=None, **headers):
        url = path if path.startswith("http") else f"{self.scheme}://{self.name}{path}"
        request = urllib.request.Request(url, data=data, method=method,
                                         headers={name.replace("_", "-"): value for name, value in headers.items()})
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}),
                                             *([urllib.request.HTTPSHandler(context=self.context)] if self.context else []))
        with opener.open(request, timeout=10) as reply:
            return reply.read(), reply.headers

    def push_blob(self, repository, data):
        digest = digest_of(data)
        _, headers = self.call("POST", f"/v2/{repository}/blobs/uploads/", b"")
        location = headers["Location"]
        self.call("PUT", f"{location}{'&' if '?' in location else '?'}digest={digest}", data,
                  Content_Type="application/octet-stream")
        return digest

    def push_manifest(self, repository, manifest, tag=None):
        data = encode(manifest)
        self.call("PUT", f"/v2/{repository}/manifests/{tag or digest_of(data)}", data, Content_Type=manifest["mediaType"])
        return digest_of(data)

    def blob(self, repository, media_type, data, annotations=None):
        descriptor = {"mediaType": media_type, "digest": self.push_blob(repository, data), "size": len(data)}
        return {**descriptor, "annotations": annotations} if annotations else descriptor

    def push_image(self, repository, text):
        """An image that differs from others by one text; returns its digest."""
        config = {"architecture": "amd64", "os": "linux", "config": {"Labels": {"text": text}},
                  "rootfs": {"type": "layers", "diff_ids": [digest_of(text.encode())]}}
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                    "config": self.blob(repository, OCI_CONFIG, encode(config)),
                    "layers": [self.blob(repository, OCI_LAYER, text.encode())]}
        return self.push_manifest(repository, manifest, "1")

    def push_signature(self, repository, digest, payload, annotations):
        """A signature as cosign 2 stores it, under a tag that is made of the image's digest."""
        layer = self.blob(repository, "application/vnd.dev.cosign.simplesigning.v1+json", payload, annotations)
        config = {"architecture": "", "os": "", "config": {},
                  "rootfs": {"type": "layers", "diff_ids": [digest_of(payload)]}}
        manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST,
                    "config": self.blob(repository, OCI_CONFIG, encode(config)), "layers": [layer]}
        self.push_manifest(repository, manifest, digest.replace(":", "-") + ".sig")

    def push_bundles(self, repository, digest, size, bundles):
        """Bundles as cosign 3 stores them, under the tag for registries without the referrers API."""
        entries = []
        for bundle in bundles:
            manifest = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": bundle["mediaType"],
                        "config": self.blob(repository, OCI_EMPTY, b"{}"),
                        "layers": [self.blob(repository, bundle["mediaType"], encode(bundle))],
                        "subject": {"mediaType": OCI_MANIFEST, "digest": digest, "size": size}}
            entries.append({"mediaType": OCI_MANIFEST, "digest": self.push_manifest(repository, manifest),
                            "size": len(encode(manifest)), "artifactType": OCI_EMPTY})
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        self.push_manifest(repository, index, digest.replace(":", "-"))

    def size_of(self, repository, digest):
        return len(self.call("GET", f"/v2/{repository}/manifests/{digest}", Accept=OCI_MANIFEST)[0])


class Registry(RunningRegistry):
    """Debian's docker-registry, in a directory; with a certificate and its key it speaks TLS."""

    def __init__(self, directory, certificate=None, key=None):
        program = shutil.which("docker-registry")
        if program is None:
            raise FileNotFoundError("docker-registry is not installed (Debian: docker-registry)")
        self.port = free_port()
        super().__init__(f"127.0.0.1:{self.port}", certificate)
        config = directory / "registry.yml"
        tls = TLS.format(certificate=certificate, key=key) if certificate else ""
        config.write_text(CONFIG.format(data=directory / "registry", port=self.port, tls=tls))
        self.log = directory / "registry.log"
        with open(self.log, "wb") as log:
            # It ends with the test, even where that is killed.
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", program, "serve", config],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        end = time.monotonic() + 20
        while True:
            try:
                self.call("GET", "/v2/")
                return
            except urllib.error.URLError as error:
                if time.monotonic() > end or self.process.poll() is not None:
                    self.stop()
                    raise RuntimeError(f"the registry does not answer: {error}\n{self.log.read_text()}") from error
                time.sleep(0.05)

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
