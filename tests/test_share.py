"""Links: every scenario survives one, and nothing else gets through."""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenes import GALLERY

from engine import BadLink, Scenario, decode_link, encode_link, run, trace_json
from engine.kernels import KERNELS
from engine.share import MAX_PAYLOAD, canonical, decode_content

FLAGSHIP = GALLERY["two-threads-one-page"].model_copy(update={"expect": {}})


def pack(content: Any) -> str:
    """A link made by hand, from JSON or from raw bytes."""
    raw = content if isinstance(content, bytes) else canonical(content)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return "z1." + base64.urlsafe_b64encode(packer.compress(raw) + packer.flush()).decode()


names = st.from_regex(r"\A[A-Za-z][A-Za-z0-9_-]{0,8}\Z")
texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cf"]), max_size=120)


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    """Small scenarios with everything in them that a person types."""
    vmas = draw(st.lists(names, min_size=1, max_size=4, unique=True))
    threads = draw(st.lists(names, min_size=1, max_size=3, unique=True))
    verbs = st.sampled_from(["read", "write"])
    acts = st.builds(lambda verb, vma: {verb: f"{vma}[1]"}, verbs, st.sampled_from(vmas))
    switch = st.builds(
        lambda run, op, nth: {"run": run, "until": f"{op}#{nth}"},
        st.sampled_from(threads),
        st.sampled_from(["read_pte", "set_pte_at"]),
        st.integers(1, 9),
    )
    flags = st.lists(st.sampled_from(["VM_READ", "VM_WRITE", "VM_SHARED"]), max_size=3)
    return Scenario.model_validate(
        {
            "title": draw(texts),
            "story": draw(texts),
            "kernel": draw(st.sampled_from(list(KERNELS))),
            "arch": draw(st.sampled_from(["i386", "i386-pae", "x86-64"])),
            "processes": [
                {
                    "vmas": [
                        {"name": v, "start": hex((i + 1) << 20), "flags": draw(flags)}
                        for i, v in enumerate(vmas)
                    ],
                    "threads": [
                        {"name": t, "do": draw(st.lists(acts, max_size=4))} for t in threads
                    ],
                }
            ],
            "schedule": draw(st.lists(switch, max_size=4)),
        }
    )


def nfc(scenario: Scenario) -> bytes:
    """What a link keeps of a scenario: its text in Unicode's composed form."""
    return canonical(scenario.content())


@settings(deadline=None)
@given(scenarios(), st.none() | st.just("AbCdEfGhIjK"))
def test_every_scenario_survives(scenario: Scenario, check: str | None) -> None:
    link = encode_link(scenario, check)
    found, found_check = decode_content(link)
    assert (nfc(found), found_check) == (nfc(scenario), check)
    assert encode_link(found, check) == link


@pytest.mark.parametrize(("id", "scenario"), GALLERY.items())
def test_the_gallery_survives(id: str, scenario: Scenario) -> None:
    trace = run(scenario)
    link = trace_json(trace)["link"]
    bare = trace.scenario.model_copy(update={"expect": {}})
    assert decode_content(link) == (bare, trace.witness), id
    assert len(link) < 2000
    assert run(decode_link(link)).check == trace.check


def test_a_link_is_found_in_a_url() -> None:
    link = encode_link(FLAGSHIP)
    for text in (link, f"#{link}&t=14", f"https://host.example/#{link}&t=3", f" {link}\n"):
        assert decode_link(text) == FLAGSHIP


def test_padding_and_other_deflaters_are_fine() -> None:
    content = canonical({"scenario": FLAGSHIP.content()})
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    packed = packer.compress(content) + packer.flush()
    assert decode_link("z1." + base64.urlsafe_b64encode(packed).decode()) == FLAGSHIP


WHOLE = encode_link(FLAGSHIP)
BAD = {
    "nothing": ("", "does not start with z1."),
    "a newer form": ("z2.AAAA", "unknown form 'z2'"),
    "not base64url": ("z1.AB+C", "character 3 of the payload, '+'"),
    "an impossible length": ("z1.AAAAA", "impossible length"),
    "not deflate": ("z1._____w", "does not unpack"),
    "cut off": (WHOLE[:-20], "its end is missing"),
    "more behind": (WHOLE[: len(WHOLE) // 4 * 4 - 1] + "A" * 9, ""),
    "too long": ("z1." + "A" * (MAX_PAYLOAD + 1), "more than 64 KiB"),
    "a bomb": (pack(b" " * (2 << 20)), "more than 1 MiB"),
    "not JSON": (pack(b"{"), "is not JSON"),
    "not UTF-8": (pack(b"\xff\xff"), "is not JSON"),
    "deep": (pack(b"[" * 100_000), "is not JSON"),
    "a list": (pack([1]), "not an object"),
    "empty": (pack({}), "there is no scenario"),
    "more in it": (pack({"scenario": FLAGSHIP.content(), "x": 1}), "there is 'x'"),
    "a bad check": (pack({"scenario": FLAGSHIP.content(), "check": "?"}), "no checksum"),
    "a newer schema": (pack({"scenario": {"schema": 2}}), "2 is unknown here"),
    "a long schema": (pack({"scenario": {"schema": "x" * 9000}}), "x is unknown here"),
    "a bad schema": (pack({"scenario": {"schema": True}}), "True is unknown here"),
    "a bad scenario": (pack({"scenario": {"processes": []}}), "link, scenario, processes"),
    "no scenario": (pack({"scenario": 7}), "this is not a scenario"),
}


@pytest.mark.parametrize(("text", "says"), BAD.values(), ids=BAD)
def test_bad_links(text: str, says: str) -> None:
    with pytest.raises(BadLink) as error:
        decode_link(text)
    assert says in str(error.value)
    assert error.value.where and error.value.what and error.value.instead


@settings(deadline=None)
@given(st.text(max_size=60) | st.binary(max_size=200).map(pack))
def test_no_other_error_comes_out(text: str) -> None:
    with pytest.raises(BadLink):
        decode_link(text)


def test_the_canonical_form() -> None:
    assert canonical({"b": 1, "a": ["e\u0301", None]}) == '{"a":["é",null],"b":1}'.encode()
    content = {"scenario": FLAGSHIP.content()}
    packed = base64.urlsafe_b64decode(encode_link(FLAGSHIP)[3:] + "==")
    assert json.loads(zlib.decompress(packed, -15)) == content


def test_a_link_that_runs_the_same_way_is_silent() -> None:
    trace = run(FLAGSHIP)
    assert trace_json(trace, trace.witness)["drift"] is None


def test_a_link_names_the_first_event_that_differs() -> None:
    """As if v2 were what became of v3: the recheck is the first thing that is not there."""
    told = run(FLAGSHIP, "nopfn-v3").witness
    moved = trace_json(run(FLAGSHIP, "nopfn-v2"), told)
    found = moved["drift"]
    assert found is not None and found["event"]
    step = moved["steps"][found["step"] - 1]
    assert (step["thread"], step["op"]) == ("B", "set_pte_at")


def test_a_link_without_marks_still_says_that_it_differs() -> None:
    told = run(FLAGSHIP, "nopfn-v3").check
    assert trace_json(run(FLAGSHIP, "nopfn-v2"), told)["drift"] == {"step": None, "event": None}


def test_a_link_that_names_no_kernels_for_its_notes_still_opens() -> None:
    """`under` came later; without it a note was written for the kernel that the link names."""
    content = FLAGSHIP.content()
    content["notes"] = [{k: v for k, v in n.items() if k != "under"} for n in content["notes"]]
    found = decode_link(pack({"scenario": content}))
    assert found.notes and all(n.under == () and n.holds("nopfn-v2") for n in found.notes)
