"""Webs, workers and nginx over one pair of databases, each with a folder of its own as on a machine of its own."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import psycopg

from tests import nginx
from tests.benchmarks.cluster import LOCAL, Cluster, free_port, one, until
from tests.benchmarks.ledger import ByHand, kinds
from tests.benchmarks.staff_at_work import PASSWORD, Person

ROOT = Path(__file__).parents[2]
WEBS, WORKERS = ("web1", "web2", "web3"), ("worker1", "worker2")


class Site:
    """What runs: the databases, webs, workers and nginx."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder, self.stack = folder, stack
        self.cluster = Cluster(folder / "postgres")
        self.ports = {name: free_port() for name in WEBS}
        self.port = free_port()
        self.running: dict[str, subprocess.Popen] = {}
        self.patients: list[str] = []
        self.token = ""

    def start(self) -> None:
        self.stack.callback(self.cluster.stop)
        self.stack.callback(self.stop)
        self.cluster.start()
        os.environ |= self.environment("web1")
        sys.stdout.write("Making the tables, collecting scripts and styles (two minutes) ...\n")
        sys.stdout.flush()
        for words in (["migrate"], ["createcachetable"]):
            self.manage("web1", *words, "--verbosity=0").wait()
        collecting = [self.manage(name, "collectstatic", "--no-input", "--verbosity=0") for name in WEBS]
        self.patients, self.token = made_people()
        if any(process.wait() for process in collecting):
            raise SystemExit("collectstatic failed.")
        for name, port in self.ports.items():
            command = ["-m", "gunicorn", "--config", "python:config.serve", "config.wsgi"]
            self.run(name, command, BIND=f"{LOCAL}:{port}", WEB_WORKERS="1")
        for name in WORKERS:
            self.start_worker(name)
        self.start_nginx()
        for port in (*self.ports.values(), self.port):
            until(lambda port=port: Person(port, "", []).ask("", "/accounts/login/").status == 200)

    def environment(self, name: str) -> dict[str, str]:
        """That of one machine: the same settings, a folder of its own."""
        return {
            "VAR_DIR": str(self.folder / name),
            "DATABASE_URL": self.cluster.url,
            "SECRET_KEY": "the-same-on-every-machine-0123456789-abcdefghijklmnop",
            "STATIC_COLLECTED": "true",
            "BEHIND_PROXY": "true",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "PGAPPNAME": name,
        }

    def run(self, name: str, words: list[str], **more: str) -> subprocess.Popen:
        environment = {**os.environ, **self.environment(name), **more}
        with (self.folder / f"{name}.log").open("a") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        return self.running[name]

    def manage(self, name: str, *words: str) -> subprocess.Popen:
        return self.run(f"{name}", ["manage.py", *words])

    def start_worker(self, name: str) -> None:
        self.manage(name, "worker")

    def start_nginx(self) -> None:
        nginx.write(self.folder, list(self.ports.values()), plain=free_port(), port=self.port, tls=False)
        self.running["nginx"] = nginx.start(self.folder)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def stop(self) -> None:
        for process in self.running.values():
            process.terminate()
        for name, process in list(self.running.items()):
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill(name)

    def ask_database(self, sql: str, values: tuple = ()) -> object:
        with psycopg.connect(self.cluster.url) as connection:
            return one(connection, sql, values)

    def is_running(self) -> bool:
        return all(process.poll() is None for process in self.running.values())


def made_people() -> tuple[list[str], str]:
    """One clinic, staff in it, a patient for each; the patients' addresses and the token of a sender."""
    import django

    django.setup()
    from django.contrib.auth.hashers import make_password
    from django.db import connections

    from accounts.models import Clinic, Membership, Role, User
    from tests.benchmarks.people import add_patients_with_draws
    from uploads.interfaces.senders import add_sender
    from uploads.models import TokenScope

    clinic = Clinic.objects.create(code="machines", name="Many Machines", time_zone="UTC")
    # The first one sends files.
    roles = [
        Role.DATA_MANAGER,
        *(Role.CLINICIAN if kind is ByHand else Role.DATA_MANAGER for kind in kinds()),
    ]
    password = make_password(PASSWORD)
    staff = User.objects.bulk_create(User(username=f"staff{n}", password=password) for n in range(len(roles)))
    Membership.objects.bulk_create(
        Membership(user=user, clinic=clinic, role=role) for user, role in zip(staff, roles, strict=True)
    )
    add_patients_with_draws(clinic, len(roles), 4)
    clinic.patients.update(sex="F")
    token = add_sender(clinic=clinic, name="Laboratory", scopes=list(TokenScope))[1]
    patients = clinic.patients.order_by("pk").values_list("uuid", flat=True)
    found = [f"/patients/{uuid}/" for uuid in patients]
    connections.close_all()
    return found, token
