"""Media types of downloads by suffix: a table of our own, since the system's differs by machine."""

from __future__ import annotations

from typing import Literal

UNKNOWN = "application/octet-stream"

_OFFICE = "application/vnd.openxmlformats-officedocument."
_TYPES = {
    # audio
    "aac": "audio/aac",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "mid": "audio/midi",
    "midi": "audio/midi",
    "mp3": "audio/mpeg",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "weba": "audio/webm",
    # video
    "avi": "video/x-msvideo",
    "m3u8": "application/vnd.apple.mpegurl",
    "m4v": "video/mp4",
    "mkv": "video/x-matroska",
    "mov": "video/quicktime",
    "mp4": "video/mp4",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "ogv": "video/ogg",
    "webm": "video/webm",
    "wmv": "video/x-ms-wmv",
    # pictures
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "ico": "image/vnd.microsoft.icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "webp": "image/webp",
    # archives
    "7z": "application/x-7z-compressed",
    "bz2": "application/x-bzip2",
    "gz": "application/gzip",
    "rar": "application/vnd.rar",
    "tar": "application/x-tar",
    "tgz": "application/gzip",
    "xz": "application/x-xz",
    "zip": "application/zip",
    "zst": "application/zstd",
    # documents
    "doc": "application/msword",
    "docx": _OFFICE + "wordprocessingml.document",
    "epub": "application/epub+zip",
    "odp": "application/vnd.oasis.opendocument.presentation",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "odt": "application/vnd.oasis.opendocument.text",
    "pdf": "application/pdf",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": _OFFICE + "presentationml.presentation",
    "rtf": "application/rtf",
    "vsdx": "application/vnd.ms-visio.drawing.main+xml",
    "xls": "application/vnd.ms-excel",
    "xlsm": "application/vnd.ms-excel.sheet.macroenabled.12",
    "xlsx": _OFFICE + "spreadsheetml.sheet",
    # text and data
    "csv": "text/csv",
    "htm": "text/html",
    "html": "text/html",
    "ics": "text/calendar",
    "ipynb": "application/x-ipynb+json",
    "json": "application/json",
    "md": "text/markdown",
    "srt": "application/x-subrip",
    "txt": "text/plain",
    "vtt": "text/vtt",
    "xml": "application/xml",
    # programs and apps
    "apk": "application/vnd.android.package-archive",
    "dmg": "application/x-apple-diskimage",
    "exe": UNKNOWN,
    "iso": UNKNOWN,
    "jar": "application/java-archive",
    "msapp": UNKNOWN,
    "msi": UNKNOWN,
    "pbix": UNKNOWN,
    "torrent": "application/x-bittorrent",
}


def media_type(url: str) -> str:
    """The type that the suffix of the address's path stands for, else ``UNKNOWN``."""
    _, _, rest = url.partition("://")
    path = rest.partition("#")[0].partition("?")[0]
    name = path.rpartition("/")[2] if "/" in path else ""
    stem, _, suffix = name.rpartition(".")
    return _TYPES.get(suffix.lower(), UNKNOWN) if stem else UNKNOWN


def medium(type_: str) -> Literal["", "audio", "video"]:
    """What a player does with a file of this type; "" where it is nothing to play."""
    if type_.startswith("audio/"):
        return "audio"
    return "video" if type_.startswith("video/") or type_ == _TYPES["m3u8"] else ""
