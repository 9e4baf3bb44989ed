"""Codes of languages, as people write them and as feeds may carry them."""

from __future__ import annotations

import pytest

from topicast.records.languages import language_tag


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        (" pt_BR ", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant-TW"),
        ("de-1996", "de-1996"),
        ("EN", "EN"),
        ("gsw", "gsw"),
        # Codes that were renamed: feed validators and browsers know the new ones only.
        ("iw", "he"),
        ("IN-ID", "id-ID"),
        # The code of a country is not one of a language.
        ("jp", ""),
        ("cn", ""),
        ("us-EN", ""),
        ("zz", ""),
        ("english", ""),
        ("de-de-de", ""),
        ("en-", ""),
        ("", ""),
    ],
)
def test_a_code_is_one_of_a_language(written: str, tag: str) -> None:
    assert language_tag(written) == tag
