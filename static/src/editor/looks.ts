// CodeMirror in the page's colours: its variables reach into the shadow root.
import { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const theme = EditorView.theme({
  "&": { height: "100%", backgroundColor: "var(--code)", color: "var(--ink)", fontSize: "13px" },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused .cm-gutters": { boxShadow: "inset 2px 0 0 var(--t0)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", overflow: "auto", fontVariantLigatures: "none" },
  ".cm-content": { caretColor: "var(--ink)", paddingBlock: "8px" },
  ".cm-line": { paddingLeft: "calc(6px + 2ch)", textIndent: "-2ch" },
  ".cm-cursor": { borderLeftColor: "var(--ink)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--t0-wash)" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--rule-2) 60%, transparent)" },
  ".cm-gutters": { backgroundColor: "var(--code)", color: "var(--faint)", borderRight: "1px solid var(--rule-2)" },
  ".cm-matchingBracket": { backgroundColor: "var(--t0-wash)", outline: "1px solid var(--t0)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", color: "var(--ink)", border: "1px solid var(--rule)", borderRadius: "9px", boxShadow: "var(--shadow)", maxWidth: "min(420px, 90vw)", overflow: "hidden" },
  ".cm-tooltip-hover p": { margin: "0", padding: "5px 10px", font: "13px/18px 'Inter Variable', sans-serif", whiteSpace: "pre-line" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--mono)", fontSize: "13px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "4px 10px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--ink)", color: "var(--paper)" },
  ".cm-completionDetail": { fontStyle: "normal", marginLeft: "10px", opacity: "0.85", fontFamily: "'Inter Variable', sans-serif" },
  ".cm-completionInfo": { padding: "6px 10px", font: "13px/18px 'Inter Variable', sans-serif", maxWidth: "300px" },
  ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
  ".cm-diagnosticText": { font: "13px/18px 'Inter Variable', sans-serif" },
  ".cm-lintRange-error": { backgroundImage: "none", textDecoration: "underline wavy var(--bad) 1.5px", textUnderlineOffset: "3px" },
  "@media (max-width: 760px)": {
    "&": { fontSize: "16px" },
    ".cm-scroller": { lineHeight: "24px" },
    ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { minHeight: "48px", display: "flex", alignItems: "center" },
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.definition(tags.propertyName), tags.propertyName], color: "var(--t0)", fontWeight: "600" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--string)" },
  { tag: [tags.keyword, tags.typeName, tags.labelName], color: "var(--keyword)" },
  { tag: [tags.separator, tags.punctuation, tags.squareBracket, tags.brace], color: "var(--soft)" },
]);

export const looks: Extension = [theme, syntaxHighlighting(colours)];
