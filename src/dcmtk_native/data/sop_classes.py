"""SOP classes by keyword (PS3.4, PS3.6 annex A), and the way back from a UID.

>>> from dcmtk_native.data.sop_classes import SOP_CLASSES, sop_class_name_from_uid
>>> SOP_CLASSES.CTImageStorage
'1.2.840.10008.5.1.4.1.1.2'
>>> sop_class_name_from_uid("1.2.840.10008.5.1.4.1.1.4")
'MRImageStorage'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, final

from dcmtk_native.types import SOPClassUID as UID

__all__ = ["SOP_CLASSES", "SopClasses", "sop_class_name_from_uid"]


@final
class SopClasses(Mapping[str, UID]):
    """The SOP classes most in use, keyword to UID: as a read-only mapping and as attributes."""

    __slots__ = ()

    # Services
    Verification: Final = UID("1.2.840.10008.1.1")
    StorageCommitmentPushModel: Final = UID("1.2.840.10008.1.20.1")
    ModalityWorklistInformationModelFind: Final = UID("1.2.840.10008.5.1.4.31")
    # Images
    ComputedRadiographyImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.1")
    DigitalXRayImageStorageForPresentation: Final = UID("1.2.840.10008.5.1.4.1.1.1.1")
    DigitalXRayImageStorageForProcessing: Final = UID("1.2.840.10008.5.1.4.1.1.1.1.1")
    DigitalMammographyXRayImageStorageForPresentation: Final = UID("1.2.840.10008.5.1.4.1.1.1.2")
    DigitalMammographyXRayImageStorageForProcessing: Final = UID("1.2.840.10008.5.1.4.1.1.1.2.1")
    CTImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.2")
    EnhancedCTImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.2.1")
    UltrasoundMultiFrameImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.3.1")
    MRImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.4")
    EnhancedMRImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.4.1")
    MRSpectroscopyStorage: Final = UID("1.2.840.10008.5.1.4.1.1.4.2")
    EnhancedMRColorImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.4.3")
    UltrasoundImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.6.1")
    EnhancedUSVolumeStorage: Final = UID("1.2.840.10008.5.1.4.1.1.6.2")
    SecondaryCaptureImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.7")
    MultiFrameSingleBitSecondaryCaptureImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.7.1")
    MultiFrameGrayscaleByteSecondaryCaptureImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.7.2")
    MultiFrameGrayscaleWordSecondaryCaptureImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.7.3")
    MultiFrameTrueColorSecondaryCaptureImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.7.4")
    XRayAngiographicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.12.1")
    EnhancedXAImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.12.1.1")
    XRayRadiofluoroscopicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.12.2")
    EnhancedXRFImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.12.2.1")
    NuclearMedicineImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.20")
    VLEndoscopicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.1")
    VLMicroscopicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.2")
    VLSlideCoordinatesMicroscopicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.3")
    VLPhotographicImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.4")
    OphthalmicPhotography8BitImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.5.1")
    OphthalmicPhotography16BitImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.5.2")
    VLWholeSlideMicroscopyImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.77.1.6")
    PositronEmissionTomographyImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.128")
    EnhancedPETImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.130")
    # Radiotherapy
    RTImageStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.1")
    RTDoseStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.2")
    RTStructureSetStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.3")
    RTBeamsTreatmentRecordStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.4")
    RTPlanStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.5")
    RTBrachyTreatmentRecordStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.6")
    RTTreatmentSummaryRecordStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.7")
    RTIonPlanStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.8")
    RTIonBeamsTreatmentRecordStorage: Final = UID("1.2.840.10008.5.1.4.1.1.481.9")
    # Documents, presentation states, registration, segmentation, waveforms
    BasicTextSRStorage: Final = UID("1.2.840.10008.5.1.4.1.1.88.11")
    EnhancedSRStorage: Final = UID("1.2.840.10008.5.1.4.1.1.88.22")
    ComprehensiveSRStorage: Final = UID("1.2.840.10008.5.1.4.1.1.88.33")
    Comprehensive3DSRStorage: Final = UID("1.2.840.10008.5.1.4.1.1.88.34")
    KeyObjectSelectionDocumentStorage: Final = UID("1.2.840.10008.5.1.4.1.1.88.59")
    GrayscaleSoftcopyPresentationStateStorage: Final = UID("1.2.840.10008.5.1.4.1.1.11.1")
    ColorSoftcopyPresentationStateStorage: Final = UID("1.2.840.10008.5.1.4.1.1.11.2")
    EncapsulatedPDFStorage: Final = UID("1.2.840.10008.5.1.4.1.1.104.1")
    EncapsulatedCDAStorage: Final = UID("1.2.840.10008.5.1.4.1.1.104.2")
    RawDataStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66")
    SpatialRegistrationStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66.1")
    SpatialFiducialsStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66.2")
    DeformableSpatialRegistrationStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66.3")
    SegmentationStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66.4")
    SurfaceSegmentationStorage: Final = UID("1.2.840.10008.5.1.4.1.1.66.5")
    TwelveLeadECGWaveformStorage: Final = UID("1.2.840.10008.5.1.4.1.1.9.1.1")
    GeneralECGWaveformStorage: Final = UID("1.2.840.10008.5.1.4.1.1.9.1.2")
    AmbulatoryECGWaveformStorage: Final = UID("1.2.840.10008.5.1.4.1.1.9.1.3")
    HemodynamicWaveformStorage: Final = UID("1.2.840.10008.5.1.4.1.1.9.2.1")
    BasicVoiceAudioWaveformStorage: Final = UID("1.2.840.10008.5.1.4.1.1.9.4.1")
    # Query/Retrieve
    PatientRootQueryRetrieveInformationModelFind: Final = UID("1.2.840.10008.5.1.4.1.2.1.1")
    PatientRootQueryRetrieveInformationModelMove: Final = UID("1.2.840.10008.5.1.4.1.2.1.2")
    PatientRootQueryRetrieveInformationModelGet: Final = UID("1.2.840.10008.5.1.4.1.2.1.3")
    StudyRootQueryRetrieveInformationModelFind: Final = UID("1.2.840.10008.5.1.4.1.2.2.1")
    StudyRootQueryRetrieveInformationModelMove: Final = UID("1.2.840.10008.5.1.4.1.2.2.2")
    StudyRootQueryRetrieveInformationModelGet: Final = UID("1.2.840.10008.5.1.4.1.2.2.3")

    def __getitem__(self, keyword: str) -> UID:
        """The UID of a keyword."""
        return _UIDS[keyword]

    def __iter__(self) -> Iterator[str]:
        """The keywords in the order of this page."""
        return iter(_UIDS)

    def __len__(self) -> int:
        """How many there are."""
        return len(_UIDS)

    def __repr__(self) -> str:
        """The name it is exported under."""
        return "SOP_CLASSES"


_UIDS: Final[Mapping[str, UID]] = {
    keyword: uid for keyword, uid in vars(SopClasses).items() if keyword[0].isupper()
}
_KEYWORDS: Final = {uid: keyword for keyword, uid in _UIDS.items()}

SOP_CLASSES: Final = SopClasses()
"""UIDs by keyword: `SOP_CLASSES.CTImageStorage` or `SOP_CLASSES["CTImageStorage"]`."""


def sop_class_name_from_uid(uid: str, *, all: bool = False) -> str | None:
    """The keyword in `SOP_CLASSES` of a UID, or `None`.

    Args:
        uid: The UID, without padding.
        all: Ask DCMTK for UIDs that are not in `SOP_CLASSES`: it knows every SOP class of the
            standard, transfer syntaxes and well-known instances, by names of its own.
    """
    keyword = _KEYWORDS.get(UID(uid))
    if keyword is not None or not all or not uid.isascii():
        return keyword
    from dcmtk_native._core import runtime

    return runtime.uid_name(uid) or None
