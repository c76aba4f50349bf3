"""Pictures: what stored values look like, overlays, and new files of arrays."""

# As at the root: a module, and numpy with it, is loaded when one of its names is first used.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from dcmtk_native.image.display import apply_modality_lut as apply_modality_lut
    from dcmtk_native.image.display import apply_presentation_lut as apply_presentation_lut
    from dcmtk_native.image.display import apply_voi as apply_voi
    from dcmtk_native.image.display import apply_voi_lut as apply_voi_lut
    from dcmtk_native.image.display import apply_windowing as apply_windowing
    from dcmtk_native.image.overlay import Overlay as Overlay
    from dcmtk_native.image.overlay import burn_overlays as burn_overlays
    from dcmtk_native.image.overlay import overlays as overlays
    from dcmtk_native.image.palette import apply_color_lut as apply_color_lut
    from dcmtk_native.image.rendering import to_display as to_display
    from dcmtk_native.image.writing import FromArrayResult as FromArrayResult
    from dcmtk_native.image.writing import from_array as from_array
else:
    _MODULE_OF_NAME = {
        "FromArrayResult": "writing",
        "Overlay": "overlay",
        "apply_color_lut": "palette",
        "apply_modality_lut": "display",
        "apply_presentation_lut": "display",
        "apply_voi": "display",
        "apply_voi_lut": "display",
        "apply_windowing": "display",
        "burn_overlays": "overlay",
        "from_array": "writing",
        "overlays": "overlay",
        "to_display": "rendering",
    }
    __all__ = list(_MODULE_OF_NAME)

    def __getattr__(name):
        from importlib import import_module

        if name not in _MODULE_OF_NAME:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_MODULE_OF_NAME[name]}"), name)
        globals()[name] = value
        return value
