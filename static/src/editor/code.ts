// The text and its history. CodeMirror stands in a shadow root: there it styles itself by constructed sheets, which the
// page's Content-Security-Policy allows; in the document it would write <style> elements, which it does not.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentOnInput, indentUnit } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { EditorState, Transaction } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { signal } from "@preact/signals";
import { t } from "../messages";
import { complete, explain } from "./complete";
import type { Fault } from "./document";
import { looks } from "./looks";

export const text = signal("");
export const depths = signal({ undo: 0, redo: 0 });
export const host = document.createElement("div");
host.className = "ed-code";

let view: EditorView | null = null;

export function startCode(runNow: () => void): void {
  if (view) return;
  const root = host.attachShadow({ mode: "open" });
  view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      extensions: [
        lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), highlightActiveLine(),
        indentUnit.of("  "), indentOnInput(), bracketMatching(), closeBrackets(), yaml(), looks, lintGutter(),
        autocompletion({ override: [complete], icons: false, defaultKeymap: true }), hoverTooltip(explain),
        EditorView.lineWrapping,
        EditorState.phrases.of({ "Completions": t("edit_completions"), "Diagnostics": t("edit_faults") }),
        EditorView.contentAttributes.of({ tabindex: "0", "aria-label": t("edit_text_label"), spellcheck: "false", autocapitalize: "off", autocorrect: "off" }),
        keymap.of([
          { key: "Mod-Enter", run: () => (runNow(), true) },
          ...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap, indentWithTab,
        ]),
        EditorView.domEventHandlers({ beforeinput: typedOver }),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          depths.value = { undo: undoDepth(update.state), redo: redoDepth(update.state) };
          text.value = update.state.doc.toString();
        }),
      ],
    }),
  });
}

// What is typed over a selection is put in by us: Chromium would carry the old text's looks over as inline styles,
// which the Content-Security-Policy refuses and the console would tell.
function typedOver(event: InputEvent, over: EditorView): boolean {
  const { from, to, empty } = over.state.selection.main;
  if (event.inputType !== "insertText" || event.data === null || empty || over.composing || over.state.selection.ranges.length > 1) return false;
  const put = () => over.state.update(over.state.replaceSelection(event.data!), { userEvent: "input.type" });
  if (!over.state.facet(EditorView.inputHandler).some((handle) => handle(over, from, to, event.data!, put))) over.dispatch(put());
  return true;
}

// Only what differs is replaced, so that the cursor and the history stay meaningful.
export function write(next: string, remember = true): void {
  const now = text.peek();
  if (!view || next === now) return;
  let from = 0;
  while (from < now.length && now[from] === next[from]) from += 1;
  let end = 0;
  while (end < now.length - from && end < next.length - from && now.at(-1 - end) === next.at(-1 - end)) end += 1;
  view.dispatch({
    changes: { from, to: now.length - end, insert: next.slice(from, next.length - end) },
    annotations: remember ? [] : [Transaction.addToHistory.of(false)],
    userEvent: "input.form",
  });
}

export const undoText = (): boolean => !!view && undo(view);
export const redoText = (): boolean => !!view && redo(view);
export const focusCode = (): void => view?.focus();

export function jump(from: number, to: number): void {
  if (!view) return;
  const most = view.state.doc.length;
  const selection = { anchor: Math.min(from, most), head: Math.min(to, most) };
  view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
  view.focus();
}

export function mark(faults: Fault[]): void {
  if (!view) return;
  const most = view.state.doc.length;
  const found = faults.filter(({ line }) => line > 0).map(({ from, to, what, instead }) => ({
    from: Math.min(from, most), to: Math.min(Math.max(to, from), most), severity: "error" as const, message: instead ? `${what}; ${instead}` : what,
  }));
  view.dispatch(setDiagnostics(view.state, found));
}
