# SPDX-License-Identifier: Apache-2.0
"""What tests with a real cosign have in common: the program, a place with a registry and signers, questions, and a network
namespace with loopback alone. The importing program is called with the version, 2.5 or 3.1, and the build directory."""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from loopback_registry import Registry
from openssl_signer import Authority, Key, sign_bundle, sign_legacy

HERE = Path(__file__).resolve().parent
VERSION, BUILD = sys.argv[1], Path(sys.argv[2]).resolve()
SUITES = {"2.5": "trixie", "3.1": "sid"}
NEW = VERSION == "3.1"
REQUIRED = os.environ.get("PERRY_TEST_REQUIRE_ENGINES") == "1"
os.environ["PATH"] += ":/usr/local/sbin:/usr/sbin:/sbin"

IDENTITY, ISSUER = "ci@example.com", "https://issuer.example.com"
WORKFLOW = "https://github.com/acme/images/.github/workflows/sign.yaml@refs/heads/main"
VERIFIED, REJECTED, UNSIGNED, ERROR = "verified", "rejected", "unsigned", "error"


def give_up(reason):
    """Skips all, or fails where nothing may be skipped."""
    print(f"Bail out! {reason}" if REQUIRED else f"1..0 # SKIP {reason}")
    sys.exit(1 if REQUIRED else 0)


class Place:
    """A directory with a registry, signers and images, and the verifier to ask about them."""

    def __init__(self, directory, cosign):
        self.directory = Path(directory)
        self.cosign = cosign
        self.digests = {}
        self.make_signers()
        self.make_trust()
        self.registry = Registry(self.directory)

    def make_signers(self):
        self.key, self.other_key = Key(self.directory, "cosign"), Key(self.directory, "other")
        self.authority, self.stranger = Authority(self.directory, "fulcio"), Authority(self.directory, "stranger")
        self.leaf = self.authority.leaf(f"email:{IDENTITY}", ISSUER)
        self.workflow = self.authority.leaf(f"URI:{WORKFLOW}", ISSUER)
        self.expired = self.authority.leaf(f"email:{IDENTITY}", ISSUER, ("20200201000000Z", "20210101000000Z"))
        self.foreign = self.stranger.leaf(f"email:{IDENTITY}", ISSUER)

    def make_trust(self):
        """The two ways in which roots are given, each to the cosign that reads it."""
        self.options = {"program": str(self.cosign), "ca-roots": str(self.authority.root)}
        if NEW:
            root = self.directory / "trusted_root.json"
            subprocess.run([self.cosign, "trusted-root", "create", "--out", root,
                            f"--fulcio=url=https://fulcio.test,certificate-chain={self.authority.root}"],
                           check=True, capture_output=True)
            self.options = {"program": str(self.cosign), "trusted-root": str(root)}

    def image(self, name):
        if name not in self.digests:
            self.digests[name] = self.registry.push_image(name, name)
        return self.digests[name]

    def legacy(self, name, signer, signed=None):
        sign_legacy(self.registry, name, self.image(name), signer, self.image(signed) if signed else None)

    def bundles(self, name, *bundles):
        sign_bundle(self.registry, name, self.image(name), *bundles)

    def by_key(self, key=None):
        return {"key": str((key or self.key).public), "ignore_tlog": True}

    def ask(self, name, requirement, digest=None, registry=None, environment=None, **options):
        chosen = {**self.options, **{key.replace("_", "-"): value for key, value in options.items()}}
        text = "{" + ", ".join(f"'{key}': <'{value}'>" for key, value in chosen.items() if value) + "}"
        where = registry or self.registry.name
        done = subprocess.run([BUILD / "tests/cosign/ask-verifier", BUILD / "plugins/cosign", "cosign", text or "@a{sv} {}",
                               f"{where}/{name}:1", digest or self.image(name), json.dumps(requirement)],
                              capture_output=True, text=True, check=False, env={**self.environment(), **(environment or {})})
        assert done.stdout, f"no answer; {done.stderr}"
        return json.loads(done.stdout)

    def cosign_runs(self, *words, **environment):
        """cosign itself, to sign."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.directory), "COSIGN_PASSWORD": ""}
        done = subprocess.run([self.cosign, *map(str, words)], cwd=self.directory, env={**kept, **environment},
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        assert done.returncode == 0, f"cosign {' '.join(map(str, words))}\n{done.stderr}"

    def environment(self):
        """Variables that would help an image through, or take the signatures from elsewhere, if they reached cosign."""
        evil = {"COSIGN_REPOSITORY": f"{self.registry.name}/elsewhere", "SIGSTORE_ROOT_FILE": str(self.stranger.root)}
        kept = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        return {**kept, **evil, "HOME": str(self.directory), "DOCKER_CONFIG": str(self.directory / "docker")}


def expect(answer, kind, reason, *texts):
    assert (answer.get("kind"), answer.get("reason")) == (kind, reason), f"wanted {kind}, {reason}: {answer}"
    for text in texts:
        assert text in answer["note"], f"“{text}” is not in: {answer['note']}"
    return answer


def expect_of_bundle(answer, kind, reason, *texts):
    """A cosign 2 has one answer to all bundles."""
    if not NEW:
        return expect(answer, UNSIGNED, "no-signature", "does not see signatures that cosign 3 made")
    return expect(answer, kind, reason, *texts)


def enter_namespace():
    """Everything below happens where there is loopback and nothing else."""
    if os.environ.get("PERRY_TEST_COSIGN_INSIDE") == "1":
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        return
    os.environ["PERRY_TEST_COSIGN_INSIDE"] = "1"
    words = [] if os.getuid() == 0 else ["--map-root-user"]
    if subprocess.run(["unshare", "--net", *words, "true"], capture_output=True, check=False).returncode != 0:
        give_up("no network namespace can be made here")
    os.execvp("unshare", ["unshare", "--net", *words, sys.executable, *sys.argv])


def get_cosign():
    directory = BUILD / "cosign" / VERSION
    done = subprocess.run([HERE / "get-cosign", SUITES[VERSION], directory], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        give_up(f"cosign {VERSION} cannot be fetched: {done.stderr.strip().splitlines()[-1:]}")
    return directory / "cosign"


def run_checks(name, checks):
    """Runs checks with one place for all of them; returns an exit status."""
    for program in ("docker-registry", "openssl", "unshare", "setpriv", "ip"):
        if shutil.which(program) is None:
            give_up(f"{program} is not installed")
    cosign = get_cosign()
    enter_namespace()
    failed = 0
    print(f"1..{len(checks)}", flush=True)
    with tempfile.TemporaryDirectory(prefix="perry-cosign-") as directory:
        place = Place(directory, cosign)
        try:
            for number, (title, check) in enumerate(checks, 1):
                try:
                    check(place)
                    print(f"ok {number} /{name}-{VERSION}/{title}", flush=True)
                except AssertionError as error:
                    failed += 1
                    print(f"not ok {number} /{name}-{VERSION}/{title}", flush=True)
                    print(error, file=sys.stderr, flush=True)
        finally:
            place.registry.stop()
    return 1 if failed else 0
