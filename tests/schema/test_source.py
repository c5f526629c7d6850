from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest

from tests.schema.repos import MONEY, committed, git, shop, write
from wireproof.errors import UnknownName, UnreadableSource
from wireproof.schema.release import releases, write_release
from wireproof.schema.source import load

OWN = {"shop/v1/order.proto", "shop/v1/money.proto"}


def test_a_folder_without_configuration_resolves_what_everybody_imports(tmp_path: Path):
    """
    google/api needs no vendored copy, and is nobody's own.
    """
    schema = load(str(shop(tmp_path)))
    assert schema.own == OWN
    assert "google/api/annotations.proto" in schema.by_name


def test_imports_tell_the_root_of_a_folder_without_configuration(tmp_path: Path):
    """
    `import "shop/v1/money.proto"` of proto/shop/v1/money.proto makes proto the root.
    """
    assert load(str(shop(tmp_path, "proto"))).own == OWN


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("buf.yaml", "version: v1\n"),
        ("buf.yaml", "version: v2\nmodules:\n  - path: .\n"),
        ("buf.yaml", "version: v1beta1\nbuild:\n  roots: [.]\n"),
    ],
)
def test_every_version_of_the_configuration_is_honoured(tmp_path: Path, name: str, config: str):
    """
    A module is a module, whichever way buf.yaml says so.
    """
    (shop(tmp_path) / name).write_text(config)
    assert load(str(tmp_path)).own == OWN


def test_a_configuration_below_that_holds_every_proto_is_the_folder_s_own(tmp_path: Path):
    """
    Many repositories have proto/buf.yaml and nothing at their top; paths count from the top.
    """
    folder = shop(tmp_path, "proto")
    config = "version: v2\nbreaking: {use: [WIRE]}\nlint: {use: [MINIMAL]}\n"
    (folder / "proto/buf.yaml").write_text(config)
    committed(folder)
    for schema in (load(".", root=folder), load("git:main", root=folder)):
        assert schema.own == OWN
        assert schema.breaking["."].use == ("WIRE",)
        assert schema.lint["."].section == {"use": ["MINIMAL"]}
        assert schema.path("shop/v1/money.proto") == "proto/shop/v1/money.proto"


def test_a_configuration_below_that_leaves_protos_out_is_not_taken_for_the_folder_s(
    tmp_path: Path,
):
    """
    Protos beside it would be lost.
    """
    folder = write(shop(tmp_path, "proto"), other__api_proto='syntax = "proto3"; package other;')
    (folder / "proto/buf.yaml").write_text("version: v2\n")
    schema = load(".", root=folder)
    assert any(name.endswith("api.proto") for name in schema.own)
    assert not schema.breaking


def test_places_in_a_folder_are_told_from_the_root(tmp_path: Path):
    """
    Reports are read, and annotations set, where the command was given: at the repository's root.
    """
    schema = load("proto", root=shop(tmp_path, "proto"))
    assert schema.path("shop/v1/money.proto") == "proto/shop/v1/money.proto"


def test_a_workspace_whose_vendored_module_is_missing_builds(tmp_path: Path):
    """
    third_party is git-ignored in many repositories: the bundled protos stand in for it.
    """
    shop(tmp_path, "proto")
    config = "version: v2\nmodules:\n  - path: proto\n  - path: third_party/proto\n"
    (tmp_path / "buf.yaml").write_text(config)
    schema = load(str(tmp_path))
    assert schema.own == OWN
    assert schema.path("shop/v1/money.proto").endswith("/proto/shop/v1/money.proto")


def test_a_module_is_loaded_with_the_modules_beside_it(tmp_path: Path):
    """
    The folder of one module finds its imports in the workspace around it.
    """
    shop(tmp_path, "a")
    (tmp_path / "b/shop/v1").mkdir(parents=True)
    shutil.move(tmp_path / "a/shop/v1/money.proto", tmp_path / "b/shop/v1/money.proto")
    (tmp_path / "buf.yaml").write_text("version: v2\nmodules:\n  - path: a\n  - path: b\n")
    schema = load(str(tmp_path / "a"))
    assert schema.own == {"shop/v1/order.proto"}
    assert "shop/v1/money.proto" in schema.by_name


def test_excluded_folders_are_left_out(tmp_path: Path):
    """
    What buf.yaml excludes is not compiled, broken as it may be.
    """
    write(shop(tmp_path), broken__bad_proto="syntax = ;")
    (tmp_path / "buf.yaml").write_text(
        "version: v2\nmodules:\n  - path: .\n    excludes: [broken]\n"
    )
    assert load(str(tmp_path)).own == OWN


def test_one_file_brings_its_imports(tmp_path: Path):
    """
    Only the named file is the schema's own.
    """
    schema = load(str(shop(tmp_path) / "shop/v1/order.proto"))
    assert schema.own == {"shop/v1/order.proto"}


def test_long_running_operations_resolve(tmp_path: Path):
    """
    The package that ships the file gives it another name.
    """
    text = 'syntax = "proto3";\nimport "google/longrunning/operations.proto";\n'
    text += "message M { google.longrunning.Operation operation = 1; }\n"
    assert load(str(write(tmp_path, m_proto=text))).own == {"m.proto"}


def test_the_digest_is_the_same_however_it_was_loaded(tmp_path: Path):
    """
    Folder, git ref, image, compressed image and JSON image of one schema are one schema.
    """
    folder = committed(shop(tmp_path / "repo"))
    schema = load(str(folder))
    image = tmp_path / "image.binpb"
    image.write_bytes(schema.image())
    (tmp_path / "image.binpb.gz").write_bytes(gzip.compress(schema.image()))
    sources = ["git:main", "../image.binpb", "../image.binpb.gz"]
    assert {load(one, root=folder).digest for one in sources} == {schema.digest}


def test_comments_do_not_change_the_digest(tmp_path: Path):
    """
    A comment promises nothing.
    """
    before = load(str(write(tmp_path / "a", m_proto=MONEY)))
    after = load(str(write(tmp_path / "b", m_proto=f"// Money.\n{MONEY}")))
    assert before.digest == after.digest
    assert [p.data for p in before.packed] != [p.data for p in after.packed]


def test_a_ref_is_read_without_touching_the_work_tree(tmp_path: Path):
    """
    The old version comes from the commit, the new one from the folder.
    """
    folder = committed(shop(tmp_path))
    changed = folder / "shop/v1/money.proto"
    changed.write_text(MONEY.replace("int64 units", "int32 units"))
    assert load("git:main", root=folder).digest != load(".", root=folder).digest


def test_a_ref_may_name_a_path(tmp_path: Path):
    """
    git:REF:PATH is a folder, or a single file, as it lay there.
    """
    folder = committed(shop(tmp_path, "proto"))
    assert load("git:main:proto", root=folder).own == OWN
    single = load("git:main:proto/shop/v1/money.proto", root=folder)
    assert single.own == {"shop/v1/money.proto"}
    assert single.path("shop/v1/money.proto") == "proto/shop/v1/money.proto"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("git:nowhere", "no ref 'nowhere'"),
        ("git:main:nothing", "no nothing at that ref"),
        ("missing", "no such file or folder"),
        ("empty", "no .proto file"),
        ("text.binpb", "no FileDescriptorSet"),
    ],
)
def test_a_source_that_is_not_there_is_told_in_a_sentence(tmp_path: Path, source: str, words: str):
    """
    What, where, and what to do; never a traceback.
    """
    folder = committed(shop(tmp_path))
    (folder / "empty").mkdir()
    (folder / "text.binpb").write_text("hello")
    with pytest.raises(UnreadableSource, match=words):
        load(source, root=folder)


def test_outside_a_repository_a_ref_has_no_meaning(tmp_path: Path):
    with pytest.raises(UnreadableSource, match="no git repository"):
        load("git:main", root=shop(tmp_path))


def test_a_shallow_clone_is_told_as_such(tmp_path: Path):
    """
    CI checkouts often lack the history that a ref lies in.
    """
    origin = committed(shop(tmp_path / "origin"))
    git(origin, "commit", "-q", "--allow-empty", "-m", "second")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{origin}", str(clone))
    with pytest.raises(UnreadableSource, match=r"shallow clone.*fetch-depth: 0"):
        load("git:v1.0.0", root=clone)


def test_a_broken_proto_is_told_with_its_place(tmp_path: Path):
    """
    Buf's own file, line and column.
    """
    folder = write(tmp_path, m_proto='syntax = "proto3";\nmessage M { strin a = ; }\n')
    with pytest.raises(UnreadableSource, match=r"m\.proto:2:\d+: "):
        load(str(folder))


def test_an_import_that_nobody_has_is_named(tmp_path: Path):
    """
    A remote module that cannot be fetched is named with the imports that need it.
    """
    text = 'syntax = "proto3";\nimport "acme/units/v1/units.proto";\nmessage M {}\n'
    folder = write(tmp_path, m_proto=text)
    config = "version: v2\ndeps:\n  - buf.build/acme/units\n"
    (folder / "buf.yaml").write_text(config)
    named = r"acme/units/v1/units\.proto.*buf\.build/acme/units"
    with pytest.raises(UnreadableSource, match=named):
        load(str(folder))


def test_a_release_is_an_image_that_matches_its_checksum(tmp_path: Path):
    """
    A frozen version never changes; a mistyped one is answered with those that exist.
    """
    schema = load(str(shop(tmp_path / "protos")))
    for version in ("1.10.0", "1.2.0", "2.0.0-rc1", "2.0.0"):
        write_release(tmp_path, version, schema.image())
    assert releases(tmp_path) == ("1.2.0", "1.10.0", "2.0.0-rc1", "2.0.0")
    assert load("release:v1.2.0", root=tmp_path).digest == schema.digest
    with pytest.raises(UnknownName, match=r"1\.2\.0"):
        load("release:1.2", root=tmp_path)
    frozen = tmp_path / "compat/releases/1.2.0.binpb"
    frozen.write_bytes(frozen.read_bytes() + b"\x0a\x00")
    with pytest.raises(UnreadableSource, match="differs from its checksum"):
        load("release:1.2.0", root=tmp_path)
