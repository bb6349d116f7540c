"""The presets hang together."""

from api.rules.scales import DEFAULT, PRESETS, TRUTH_CLASSES, dropped, verdicts


def test_presets_have_different_verdicts_and_known_truth_classes() -> None:
    for name, scale in PRESETS.items():
        assert scale["name"] == name
        assert len(set(verdicts(scale))) == len(verdicts(scale)) >= 3
        assert {value["truth_class"] for value in scale["values"]} <= set(TRUTH_CLASSES)
    assert DEFAULT in PRESETS


def test_numbers_of_a_preset_fall_in_the_order_of_the_scale() -> None:
    for scale in PRESETS.values():
        numbers = [value["number"] for value in scale["values"] if value["number"] is not None]
        assert numbers == sorted(numbers, reverse=True)


def test_dropped_names_the_verdicts_in_use_that_a_scale_lacks() -> None:
    assert dropped(PRESETS["basic"], ["true", "pants_on_fire", "half_true", "true"]) == ["half_true", "pants_on_fire"]
