"""storescu against a server that records: what it proposes."""

from __future__ import annotations

from pathlib import Path

import pytest

from dcmtk_native import (
    AssociationError,
    DicomFileError,
    ToolError,
    UserIdentity,
    storescu,
)
from support.recording import Recorder, recording
from support.samples import (
    CT_IMAGE,
    DEFLATED,
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    RLE,
)
from support.sendable import MR_IMAGE, data_set_of, image_file

NATIVES = (EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE)
JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
HOST = "127.0.0.1"


def proposed(peer: Recorder, sop_class: str = CT_IMAGE) -> list[tuple[str, ...]]:
    """Of the last association."""
    return [syntaxes for abstract, syntaxes in peer.met[-1].contexts if abstract == sop_class]


def test_the_titles_are_those_given_or_the_tools_own(peer: Recorder, image: Path) -> None:
    storescu(host=HOST, port=peer.port, files=[image]).unwrap()
    storescu(
        host=HOST, port=peer.port, files=[image], calling_ae_title="ME", called_ae_title="YOU"
    ).unwrap()
    assert [(one.calling, one.called) for one in peer.met] == [
        ("STORESCU", "ANY-SCP"),
        ("ME", "YOU"),
    ]


@pytest.mark.parametrize("syntax", [*NATIVES, DEFLATED])
def test_a_files_own_syntax_stands_alone_before_the_others(
    peer: Recorder, tmp_path: Path, syntax: str
) -> None:
    file = image_file(tmp_path / "image.dcm", transfer_syntax=syntax)
    assert storescu(host=HOST, port=peer.port, files=[file]).unwrap().success
    assert proposed(peer) == [(syntax,), tuple(one for one in NATIVES if one != syntax)]
    assert peer.received[0].transfer_syntax == syntax
    assert peer.received[0].data == data_set_of(file.read_bytes())


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("uncompressed", [(EXPLICIT_LITTLE,), (EXPLICIT_BIG, IMPLICIT_LITTLE)]),
        ("little", [(EXPLICIT_LITTLE,), (EXPLICIT_BIG, IMPLICIT_LITTLE)]),
        ("big", [(EXPLICIT_BIG,), (EXPLICIT_LITTLE, IMPLICIT_LITTLE)]),
        ("implicit", [(IMPLICIT_LITTLE,)]),
        ("deflated", [(DEFLATED,), NATIVES]),
        ("jpeg-lossless", [(JPEG_LOSSLESS,), NATIVES]),
        (["rle", "jpeg-lossless"], [(RLE,), (JPEG_LOSSLESS,), NATIVES]),
        (["implicit", "big"], [(IMPLICIT_LITTLE,), (EXPLICIT_BIG,), (EXPLICIT_LITTLE,)]),
    ],
)
def test_propose(peer: Recorder, image: Path, words: str, expected: list[tuple[str, ...]]) -> None:
    assert storescu(host=HOST, port=peer.port, files=[image], propose=words).unwrap().success  # type: ignore[arg-type]
    assert proposed(peer) == expected


def test_combined_proposals_share_a_context(image: Path) -> None:
    with recording([CT_IMAGE], syntaxes=NATIVES) as peer:
        storescu(host=HOST, port=peer.port, files=[image], propose="rle", combine=True).unwrap()
        assert proposed(peer) == [(RLE, *NATIVES)]
        storescu(host=HOST, port=peer.port, files=[image], combine=True).unwrap()
        assert proposed(peer) == [NATIVES]


def test_only_what_is_required_is_proposed_if_that_is_asked_for(
    peer: Recorder, image: Path
) -> None:
    storescu(host=HOST, port=peer.port, files=[image], required_only=True).unwrap()
    assert {abstract for abstract, _ in peer.met[-1].contexts} == {CT_IMAGE}
    storescu(host=HOST, port=peer.port, files=[image]).unwrap()
    assert len(peer.met[-1].contexts) == 128
    assert len({abstract for abstract, _ in peer.met[-1].contexts}) == 64


def test_more_than_128_contexts_make_several_associations(tmp_path: Path) -> None:
    classes = [f"1.2.826.0.1.3680043.8.498.6.{number}" for number in range(150)]
    files = [
        image_file(tmp_path / f"{number}.dcm", number, sop_class=sop_class)
        for number, sop_class in enumerate(classes)
    ]
    with recording(classes) as peer:
        result = storescu(host=HOST, port=peer.port, files=files).unwrap()
        assert result.success
        assert [one.sop_class_uid for one in result.outcomes] == classes
        assert len(peer.met) == 3
        assert all(len(one.contexts) <= 128 for one in peer.met)
        assert len(peer.received) == 150


def test_a_profile_of_a_configuration_file_is_proposed(
    peer: Recorder, image: Path, tmp_path: Path
) -> None:
    config = tmp_path / "my.cfg"
    config.write_text(
        "# comment\n[[TransferSyntaxes]]\n[Mine]\nTransferSyntax1 = LittleEndianImplicit\n"
        "TransferSyntax2 = 1.2.840.10008.1.2.2\n"
        "[[PresentationContexts]]\n[Images]\n"
        "PresentationContext1 = CTImageStorage\\Mine\n"
        "PresentationContext2 = 1.2.840.10008.5.1.4.1.1.4\\Mine\n"
        "PresentationContext4 = VerificationSOPClass\\Mine\n"
        "[[SCPSCURoleSelection]]\n[Roles]\nRole1 = CTImageStorage\\both\n"
        "[[ExtendedNegotiation]]\n[More]\nExtendedNegotiation1 = CTImageStorage\\0102ff\n"
        "[[Profiles]]\n[My Profile]\nPresentationContexts = Images\n"
        "SCPSCURoleSelection = roles\nExtendedNegotiation = More\n"
    )
    result = storescu(
        host=HOST, port=peer.port, files=[image], config_file=config, config_profile="MyProfile"
    )
    assert result.unwrap().success
    syntaxes = (IMPLICIT_LITTLE, EXPLICIT_BIG)
    assert peer.met[-1].contexts == [(CT_IMAGE, syntaxes), (MR_IMAGE, syntaxes)]
    assert peer.met[-1].roles == {CT_IMAGE: (True, True)}
    assert peer.met[-1].extended == {CT_IMAGE: b"\1\2\xff"}
    assert peer.received[0].transfer_syntax in syntaxes


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "PROFILES"),
        ("[[Profiles]]\n[P]\n", "PresentationContexts"),
        ("[[Profiles]]\n[P]\nPresentationContexts=C\n", "PRESENTATIONCONTEXTS"),
        (
            "[[PresentationContexts]]\n[C]\nPresentationContext1=CTImageStorage\n"
            "[[Profiles]]\n[P]\nPresentationContexts=C\n",
            "backslash",
        ),
        (
            "[[PresentationContexts]]\n[C]\nPresentationContext1=NoSuchName\\T\n"
            "[[Profiles]]\n[P]\nPresentationContexts=C\n",
            "NoSuchName",
        ),
        (
            "[[TransferSyntaxes]]\n[T]\n"
            "[[PresentationContexts]]\n[C]\nPresentationContext1=CTImageStorage\\T\n"
            "[[Profiles]]\n[P]\nPresentationContexts=C\n",
            "empty",
        ),
        ("[[PresentationContexts]]\n[C]\n[[Profiles]]\n[P]\nPresentationContexts=C\n", "no pres"),
    ],
)
def test_a_wrong_configuration_file_says_what_is_wrong(
    image: Path, tmp_path: Path, text: str, named: str
) -> None:
    config = tmp_path / "my.cfg"
    config.write_text(text)
    error = storescu(host=HOST, port=1, files=[image], config_file=config, config_profile="P").error
    assert type(error) is ToolError
    assert named in error.message
    missing = storescu(host=HOST, port=1, files=[image], config_file="none", config_profile="P")
    assert isinstance(missing.error, DicomFileError)


def test_the_user_is_told(peer: Recorder, image: Path) -> None:
    user = UserIdentity.username("ann", "secret")
    storescu(host=HOST, port=peer.port, files=[image], user=user).unwrap()
    assert peer.met[-1].identity == (2, False, b"ann", b"secret")


def test_nothing_is_sent_to_a_peer_that_does_not_confirm_the_user(
    peer: Recorder, image: Path
) -> None:
    user = UserIdentity.username("ann", "secret", positive_response=True)
    error = storescu(host=HOST, port=peer.port, files=[image], user=user).error
    assert isinstance(error, AssociationError)
    assert peer.met[-1].identity == (2, True, b"ann", b"secret")
    assert not peer.received


def test_pdus_keep_to_both_sides_limits(tmp_path: Path) -> None:
    file = image_file(tmp_path / "big.dcm", rows=256, columns=256)
    with recording([CT_IMAGE], max_pdu=0) as peer:
        storescu(host=HOST, port=peer.port, files=[file], max_pdu=4096).unwrap()
        assert peer.met[-1].max_pdu == 4096
        assert 100_000 < peer.largest_pdu <= 131072
        peer.forget()
        storescu(host=HOST, port=peer.port, files=[file], max_send_pdu=8192).unwrap()
        assert 8000 < peer.largest_pdu <= 8192
        assert peer.met[-1].max_pdu == 16384
        assert peer.received[0].data == data_set_of(file.read_bytes())
