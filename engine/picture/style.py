"""How a picture looks where no page gives it colours, and the patterns that threads have."""

STYLE = """
svg{--paper:#fff;--ink:#17202b;--soft:#4c5865;--faint:#5f6a75;--bad:#8f1d3f;--mark:#0b1a2630}
.t0{--me:#005a8c;--fill:#56b4e9;--wash:#e3f1fa}.t1{--me:#9a3d00;--fill:#f0a23b;--wash:#fdeeda}
.t2{--me:#00694d;--fill:#4fc09a;--wash:#dff2ea}.t3{--me:#8f3f6b;--fill:#d58fb5;--wash:#f8e6f0}
.t4{--me:#6a5400;--fill:#d9c34a;--wash:#f6f0d2}.t5{--me:#4a4f9c;--fill:#9aa0e6;--wash:#e8e9fa}
.t6{--me:#0b6470;--fill:#5cbcc9;--wash:#dcf1f4}.t7{--me:#5c4a3f;--fill:#b9a08f;--wash:#f1e9e3}
@media(prefers-color-scheme:dark){
svg{--paper:#141d27;--ink:#e8eef4;--soft:#b3c0cc;--faint:#94a2b0;--bad:#ff8fab;--mark:#0b1a2650}
.t0{--me:#7cc5f2;--fill:#3f9bd3;--wash:#14303f}.t1{--me:#f3b45f;--fill:#d98a1f;--wash:#3a2812}
.t2{--me:#5fd0a6;--fill:#2f9e78;--wash:#12332a}.t3{--me:#e0a3c5;--fill:#b76a93;--wash:#36202d}
.t4{--me:#e3cf62;--fill:#a8932a;--wash:#302a10}.t5{--me:#b3b8f5;--fill:#7178c8;--wash:#22254a}
.t6{--me:#7fd0db;--fill:#3594a1;--wash:#10313a}.t7{--me:#d4bdae;--fill:#917865;--wash:#2f2620}}
.pic-ground{fill:var(--paper)}
.pic-turn{fill:var(--wash);stroke:var(--me);stroke-width:.8}
.pic-act,.pic-rw{fill:var(--fill)}
.pic-ro{fill:var(--wash);stroke:var(--me);stroke-width:.8}
.pic-sem,.pic-lock{fill:var(--me)}
.pic-wait,.pic-absent{fill:none;stroke:var(--me);stroke-width:1.2;stroke-dasharray:3 2.5}
.pic-absent,.pic-none{stroke:var(--faint)}
.pic-none{fill:none;stroke-width:1.2;stroke-dasharray:1 3}
.pic-mark{fill:var(--mark)}
.pic-name{font:700 12px sans-serif;fill:var(--me)}
.pic-cell{font:600 10.5px sans-serif;fill:var(--soft)}
.pic-value{font:600 10.5px monospace;fill:var(--ink)}
.pic-rw-text{fill:#0b1a26}
.pic-word{font:600 10px sans-serif;fill:var(--soft);text-anchor:middle}
.pic-word{paint-order:stroke;stroke:var(--paper);stroke-width:3}
.pic-letter,.pic-end{font:700 10.5px sans-serif;fill:var(--ink);text-anchor:middle}
.pic-end{fill:var(--bad)}
.pic-tick{stroke:var(--faint);stroke-width:1}
.pic-fall{stroke:var(--bad);stroke-width:1;stroke-dasharray:2 2}
.pic-bad{fill:var(--bad);stroke:var(--paper);stroke-width:1.2}
"""

PATTERNS = (
    '<pattern id="pic-hatch" width="5" height="5" patternUnits="userSpaceOnUse"'
    ' patternTransform="rotate(45)"><rect width="1.7" height="5" class="pic-mark"/></pattern>'
    '<pattern id="pic-dots" width="5" height="5" patternUnits="userSpaceOnUse">'
    '<circle cx="2" cy="2" r="1.1" class="pic-mark"/></pattern>'
)
"""What the second and third thread are filled with beside their colour."""

LIGHT = {
    "paper": "#f7f5f0", "panel": "#ffffff", "ink": "#17202b", "soft": "#4c5865", "faint": "#8a949e",
    "rule": "#ddd7ca", "bad": "#8f1d3f", "bad-wash": "#fbe4ea", "ok": "#00694d",
    "ok-wash": "#dff2ea", "info-wash": "#e9edf2", "mark": "#0b1a2630",
}  # fmt: skip
DARK = {
    "paper": "#0d141c", "panel": "#141d27", "ink": "#e8eef4", "soft": "#b3c0cc", "faint": "#6f7d8b",
    "rule": "#2b3a49", "bad": "#ff8fab", "bad-wash": "#3d1722", "ok": "#5fd0a6",
    "ok-wash": "#12332a", "info-wash": "#1d2935", "mark": "#0b1a2650",
}  # fmt: skip
ME = ("#005a8c #9a3d00 #00694d #8f3f6b #6a5400 #4a4f9c #0b6470 #5c4a3f",
      "#7cc5f2 #f3b45f #5fd0a6 #e0a3c5 #e3cf62 #b3b8f5 #7fd0db #d4bdae")  # fmt: skip
FILL = ("#56b4e9 #f0a23b #4fc09a #d58fb5 #d9c34a #9aa0e6 #5cbcc9 #b9a08f",
        "#3f9bd3 #d98a1f #2f9e78 #b76a93 #a8932a #7178c8 #3594a1 #917865")  # fmt: skip
WASH = ("#e3f1fa #fdeeda #dff2ea #f8e6f0 #f6f0d2 #e8e9fa #dcf1f4 #f1e9e3",
        "#14303f #3a2812 #12332a #36202d #302a10 #22254a #10313a #2f2620")  # fmt: skip

SHAPES = """
text{font-family:Inter,"Inter Variable",system-ui,sans-serif}
.m{font-weight:500}.b{font-weight:700;letter-spacing:-.01em}
.mono{font-family:"JetBrains Mono","JetBrains Mono Variable",ui-monospace,monospace;font-weight:700}
.mid{text-anchor:middle}.end{text-anchor:end}
.wait,.absent,.none,.veil{fill:none;stroke-width:2;stroke-dasharray:6 5}
.none{stroke-width:2.4;stroke-dasharray:2 7;stroke-linecap:round}
.turn,.ro{stroke-width:1.5}
.fall{fill:none;stroke-width:2;stroke-dasharray:4 4}.here{fill:none;stroke-width:3}
.oct{stroke-width:2.4}.tick{fill:none;stroke-width:6;stroke-linecap:round;stroke-linejoin:round}
.onfill{fill:#0b1a26}
.halo{paint-order:stroke;stroke-width:9;stroke-linejoin:round}
"""


def _coloured(colours: dict[str, str], theme: int) -> str:
    """The colours of a card's classes, without variables, which not every program knows."""
    c = colours
    found = [
        f".paper{{fill:{c['paper']}}}.ink{{fill:{c['ink']}}}.soft{{fill:{c['soft']}}}",
        f".faint{{fill:{c['faint']}}}.gap{{fill:{c['rule']}}}.pic-mark{{fill:{c['mark']}}}",
        f".wait,.absent,.none,.veil{{stroke:{c['faint']}}}.veil{{fill:{c['panel']}}}",
        f".fall{{stroke:{c['bad']}}}.oct{{fill:{c['bad']};stroke:{c['paper']}}}",
        f".here{{stroke:{c['ink']}}}",
        f".foot.bad{{fill:{c['bad-wash']}}}.foot.ok{{fill:{c['ok-wash']}}}",
        f".foot.dead,.foot.quiz{{fill:{c['info-wash']}}}.said text{{fill:{c['ink']}}}",
        f".halo{{stroke:{c['paper']}}}.tick{{stroke:{c['ok']}}}.diamond{{fill:{c['ink']}}}",
    ]
    each = zip(ME[theme].split(), FILL[theme].split(), WASH[theme].split(), strict=True)
    for n, (me, fill, wash) in enumerate(each):
        found.append(
            f".t{n} .me,.me.t{n},.t{n} .lock{{fill:{me}}}.t{n} .act,.t{n} .rw,.f{n}{{fill:{fill}}}"
        )
        found.append(f".t{n} .turn,.t{n} .ro{{fill:{wash};stroke:{me}}}")
    return "\n".join(found)


CARD_STYLE = SHAPES + _coloured(LIGHT, 0)
CARD_STYLE_DARK = f"{CARD_STYLE}\n@media(prefers-color-scheme:dark){{\n{_coloured(DARK, 1)}\n}}"
